import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { FleetError } from '../../fleet/error.ts'

export interface SimulatedFleet {
  /** The fleet file that leads to the simulated servers. */
  readonly fleetFile: string
  /** Environment variables by which Rollcall is let into the simulated Azure. */
  readonly environment: Readonly<Record<string, string>>
  stop(): void
}

const program = join(import.meta.dirname, '../../test/world/serve.ts')
const readyLine = z.object({ fleet: z.string(), environment: z.record(z.string(), z.string()) })
const readyMsMax = 60_000

/** Starts the simulated fleet beside us, in a process of its own: it is polled over real HTTPS like any other. */
export async function startSimulatedFleet(): Promise<SimulatedFleet> {
  if (!existsSync(program)) {
    throw new FleetError(
      'invalid',
      'No fleet is configured, and this installation lacks the simulated one; give --fleet FILE or --kubeconfig FILE.',
    )
  }
  // Detached, so that Ctrl-C reaches only us: polls then end before the servers they read. It ends with its standard input, thus with us.
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const stop = () => void child.kill()
  process.once('exit', stop)
  try {
    const { fleet, environment } = await readinessOf(child)
    return { fleetFile: fleet, environment, stop }
  } catch (error) {
    stop()
    throw error
  }
}

function readinessOf(child: ChildProcess): Promise<z.output<typeof readyLine>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new FleetError('internal', `The simulated fleet did not start: ${why}.`))
    const timer = setTimeout(() => fail(`it said nothing for ${readyMsMax / 1000} s`), readyMsMax)
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`it ended with code ${code}`))
    if (!child.stdout) return fail('it has no output')
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return
      clearTimeout(timer)
      child.once(
        'exit',
        (code) => code && console.error(`The simulated fleet ended with code ${code}; its sources will go stale.`),
      )
      resolve(readyLine.parse(JSON.parse(line)))
    })
  })
}
