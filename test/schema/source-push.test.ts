import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { finishTurn, openSession, takeTurn } from '../../db/push/session.ts'
import { registerSources } from '../../db/source.ts'
import { openEngine } from '../engine.ts'
import { declarationOf } from '../push/receiver.ts'
import { asker } from './ask.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 9, minute))
const text = (minute: number): string => at(minute).toISOString().replace('.000', '')

let store: Store
beforeAll(async () => {
  store = await openEngine('pglite')
})
afterAll(() => store.close())

it('a source says who pushes for it, and whether it is asked as well', async () => {
  const { db } = store
  await registerSources(
    db,
    [
      declarationOf('both', { polled: true }),
      declarationOf('found', { parentId: 'both' }),
      declarationOf('polled', { polled: true }),
      declarationOf('pushed'),
    ],
    at(0),
  )
  for (const source of ['both', 'pushed']) {
    await openSession(db, { source, agent: 'agent/1' }, at(1))
    const epoch = await openSession(db, { source, agent: 'agent/2' }, at(2))
    if (source === 'both') continue
    const turn = { source, epoch, seq: 1, holder: '11111111-2222-3333-4444-555555555555' }
    await takeTurn(db, turn, at(3), 1000)
    await finishTurn(db, turn, at(4), null)
  }
  const { ask } = asker(db, () => at(5))
  const { data } = await ask('{ sources { nodes { name polled nextAttemptAt push { agent openedAt heardAt } } } }')
  const opened = text(2)
  expect(data.sources.nodes).toMatchObject([
    { name: 'both', polled: true, push: { agent: 'agent/2', openedAt: opened, heardAt: null } },
    { name: 'found', polled: true, push: null },
    { name: 'polled', polled: true, push: null },
    { name: 'pushed', polled: false, nextAttemptAt: null, push: { agent: 'agent/2', heardAt: text(4) } },
  ])
})
