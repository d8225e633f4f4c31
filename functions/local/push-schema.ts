import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { FleetError } from '../../fleet/error.ts'
import { pushDescription } from '../push/description.ts'
import { runCommand } from './command.ts'

const path = join(import.meta.dirname, '../push/openapi.json')

/** Writes the OpenAPI description of what agents push; with `--check` it only fails when the committed one is out of date. */
await runCommand(async () => {
  const description = pushDescription()
  if (!process.argv.includes('--check')) return writeFile(path, `${JSON.stringify(description, null, 2)}\n`)
  // Compared as data: the formatter may lay the file out in its own way.
  const committed: unknown = JSON.parse(await readFile(path, 'utf8').catch(() => 'null'))
  if (isDeepStrictEqual(committed, JSON.parse(JSON.stringify(description)))) return
  throw new FleetError(
    'conflict',
    'functions/push/openapi.json is out of date; run `node functions/local/push-schema.ts`.',
  )
})
