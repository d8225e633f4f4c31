import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fleetJsonSchema } from '../../fleet/configuration.ts'
import { FleetError } from '../../fleet/error.ts'
import { runCommand } from './command.ts'

const path = join(import.meta.dirname, '../../fleet/fleet.schema.json')

/** Writes the JSON Schema of the fleet file; with `--check` it only fails when the committed one is out of date. */
await runCommand(async () => {
  const text = `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`
  if (!process.argv.includes('--check')) return writeFile(path, text)
  const committed = await readFile(path, 'utf8').catch(() => '')
  if (committed !== text)
    throw new FleetError(
      'conflict',
      'fleet/fleet.schema.json is out of date; run `node functions/local/fleet-schema.ts`.',
    )
})
