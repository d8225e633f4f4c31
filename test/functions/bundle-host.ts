import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { startHost } from '../../functions/local/host.ts'
import { readHostJson } from '../../functions/local/host-json.ts'
import { memoryQueues } from '../../functions/local/queue.ts'

/**
 * A process: runs the functions of a built folder (`node bundle-host.ts FOLDER [PATH]`) as the worker would, asks PATH of them once if given,
 * and prints `{ url, answer }`. Ends with its standard input.
 */
const [folder = '', path] = process.argv.slice(2)
const host = await startHost({
  entries: readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(folder, file)),
  numbers: await readHostJson(join(import.meta.dirname, '../../host.json')),
  host: '127.0.0.1',
  port: 0,
  openQueue: memoryQueues(),
  log: (level, fn, message) => level === 'error' && console.error(fn, message),
  trouble: (what, error) => console.error(what, error),
})
const ask = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }
const answer = path === undefined ? null : await (await fetch(host.url + path, ask)).text()
console.info(JSON.stringify({ url: host.url, answer }))
process.stdin.resume().once('end', async () => {
  await host.stop()
  process.exit(0)
})
