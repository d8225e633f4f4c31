import { hash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError } from '../../fleet/error.ts'
import { runCommand } from './command.ts'

const fleet = join(import.meta.dirname, '../../fleet')
const path = join(fleet, 'reader.ts')

/**
 * Writes `fleet/reader.ts`: which reader this is, by what its code says. A store then reads every object again after the rules
 * changed, though the objects did not. With `--check` it only fails when the committed one is out of date.
 */
await runCommand(async () => {
  const names = (await readdir(fleet, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && name !== 'reader.ts',
  )
  const texts = await Promise.all(names.toSorted().map((name) => readFile(join(fleet, name), 'utf8')))
  const made = `/** Which reader this is: made of the code of this room by \`npm run gen\`. */
export const reader = '${hash('sha256', texts.join('\0'), 'hex').slice(0, 12)}'
`
  if (!process.argv.includes('--check')) return writeFile(path, made)
  if ((await readFile(path, 'utf8').catch(() => '')) === made) return
  throw new FleetError('conflict', 'fleet/reader.ts is out of date; run `npm run gen`.')
})
