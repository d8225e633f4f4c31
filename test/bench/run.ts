// `npm run bench [name…]`: every figure that README quotes, each benchmark in a process of its own.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const parts = ['app', 'sender', 'store', 'weight', 'wire'].map((part) => `push-${part}.ts`)
const own = new Set(['run.ts', 'figure.ts', ...parts])
const wanted = process.argv.slice(2)
const scripts = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !own.has(file))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace(/\.ts$/, '')))
if (scripts.length === 0) throw new Error(`no benchmark is called ${wanted.join(' or ')}`)

const failed = scripts.filter((script) => {
  console.info(`\n# ${script.replace(/\.ts$/, '')}`)
  return (
    spawnSync(process.execPath, ['--expose-gc', join(import.meta.dirname, script)], { stdio: 'inherit' }).status !== 0
  )
})
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
