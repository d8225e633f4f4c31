import { readFileSync, writeFileSync } from 'node:fs'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from './schema.ts'

// `node schema/print.ts` writes the committed contract; `--check` fails when the file is not what the code says.
const file = new URL('schema.graphql', import.meta.url)
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(file, printed)
} else if (readFileSync(file, 'utf8') !== printed) {
  console.error('schema/schema.graphql is out of date: run `node schema/print.ts`.')
  process.exitCode = 1
}
