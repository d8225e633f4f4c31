import { Cron } from 'croner'
import { type RegisteredFunction, triggerOf } from './core.ts'
import type { Invoke } from './invoke.ts'

export interface Timer {
  /** Ends the schedule; resolves when a running call is done. */
  stop(): Promise<void>
}

/**
 * Runs a timer function on its schedule (six fields, UTC, as on Flex Consumption), and once at start so that a person need not wait.
 * Never two runs at once: a tick that finds the last one running is dropped, because the next comes anyway.
 */
export function startTimer(
  fn: RegisteredFunction,
  invoke: (fn: RegisteredFunction, input: object) => ReturnType<Invoke>,
  trouble: (what: string, error: unknown) => void,
): Timer {
  const { binding } = triggerOf(fn)
  if (typeof binding.schedule !== 'string') throw new Error(`Timer function "${fn.name}" has no schedule.`)
  let last = new Date(0)
  let running: Promise<unknown> | null = null
  const tick = (next: Date | null) => {
    if (running) return
    const input = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: { Last: last.toISOString(), LastUpdated: last.toISOString(), Next: (next ?? last).toISOString() },
      IsPastDue: false,
    }
    last = new Date()
    running = invoke(fn, input)
      .catch((error: unknown) => trouble(`timer "${fn.name}"`, error))
      .finally(() => {
        running = null
      })
  }
  const cron = new Cron(binding.schedule, { timezone: 'UTC' }, (self: Cron) => tick(self.nextRun()))
  tick(cron.nextRun())
  return {
    stop: async () => {
      cron.stop()
      await running
    },
  }
}
