import { parseArgs } from 'node:util'
import { FleetError } from '../../fleet/error.ts'
import { reader } from '../../fleet/reader.ts'
import { runCommand } from '../local/command.ts'
import { openLog } from '../wiring/log.ts'
import { runAgent } from './agent.ts'
import { readConfig } from './config.ts'

/** `npm run agent -- --config FILE`, and the container's entry: reads one management cluster and pushes what it finds to Rollcall. Ends on SIGTERM. */
await runCommand(async () => {
  const config = await readConfig(configPathOf(process.argv.slice(2)))
  const end = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end.abort())
  // The reader is named, because it decides which fields are sent.
  await runAgent(config, { log: openLog(config), signal: end.signal, agent: `rollcall-agent/${reader}` })
})

function configPathOf(args: readonly string[]): string {
  const usage = 'Usage: npm run agent -- --config FILE'
  try {
    const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } })
    if (values.config !== undefined) return values.config
  } catch (cause) {
    throw new FleetError('invalid', usage, { cause })
  }
  throw new FleetError('invalid', usage)
}
