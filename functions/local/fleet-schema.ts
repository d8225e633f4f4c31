import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fleetJsonSchema } from '../../fleet/configuration.ts'
import { FleetError } from '../../fleet/error.ts'
import { runCommand } from './command.ts'

const path = join(import.meta.dirname, '../../fleet/fleet.schema.json')

/** Writes the JSON Schema of the fleet file; with `--check` it only fails when the committed one is out of date. */
await runCommand(async () => {
  const schema = fleetJsonSchema()
  if (!process.argv.includes('--check')) return writeFile(path, `${JSON.stringify(schema, null, 2)}\n`)
  // Compared as data: the formatter may lay the file out in its own way.
  const committed: unknown = JSON.parse(await readFile(path, 'utf8').catch(() => 'null'))
  if (isDeepStrictEqual(committed, schema)) return
  throw new FleetError(
    'conflict',
    'fleet/fleet.schema.json is out of date; run `node functions/local/fleet-schema.ts`.',
  )
})
