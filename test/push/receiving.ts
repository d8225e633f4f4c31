// The receiver in a process of its own (`fork(receiving.ts, [seconds that its clock is ahead])`, DATABASE_URL set), to be killed. Says
// where it answers; a message is by how much its clock is ahead from then on. Ends with who started it, however that ends.
import { flushCompileCache } from 'node:module'
import { serve } from '@hono/node-server'
import { openStore } from '../../db/client.ts'
import { openReceiver } from './receiver.ts'

process.on('disconnect', () => process.exit())
let aheadMs = Number(process.argv[2])
process.on('message', (message) => {
  aheadMs = Number(message)
  process.send?.({ aheadMs })
})
const store = await openStore({ url: process.env.DATABASE_URL ?? '' })
const { app } = openReceiver(store, { now: () => new Date(Date.now() + aheadMs) })
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  flushCompileCache()
  process.send?.({ port })
})
