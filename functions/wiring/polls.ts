import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import { accountOf } from '../../fleet/azure-source.ts'
import type { Target } from '../../fleet/target.ts'
import type { Dependencies } from './dependencies.ts'

export interface Polls {
  readonly poll: Dependencies['poll']
  /** Ends running polls early (what they stored stays, the rest is read next time) and closes their connections. */
  close(): Promise<void>
}

/** What polls share in this process: connections, and the word to stop. Loaded with the first poll, since most processes never poll. */
export function openPolls({ store, fleet, now, log }: Pick<Dependencies, 'store' | 'fleet' | 'now' | 'log'>): Polls {
  const stopping = new AbortController()
  const running = new Set<Promise<unknown>>()
  const targets = new Map(fleet.sources.map(({ declaration, target }) => [declaration.id, target]))
  let loading: ReturnType<typeof load> | null = null

  const load = async () => {
    const [{ openConnections }, { pollSource }, { maintainStore }, { foundSource }, { kindsOf }] = await Promise.all([
      import('../sources/connections.ts'),
      import('../sources/poll-source.ts'),
      import('../../db/maintain.ts'),
      import('../../db/found-source.ts'),
      import('../../fleet/kinds/declared.ts'),
    ])
    const kinds = kindsOf(fleet.kinds)
    const connections = openConnections((message, level) => log[level](message))
    /** The fleet file's own, or a management cluster that was found in Azure: the store knows which. */
    const targetOf = async (source: string): Promise<Target | null> => {
      const named = targets.get(source)
      if (named !== undefined) return named
      const found = await foundSource(store.db, source)
      const account = found && accountOf(fleet.accounts, found.parent)
      const cluster = found && clusterIdOf(found.armId)
      return account && cluster && { by: 'aks', account, cluster }
    }
    return { connections, pollSource, maintainStore, targetOf, kinds }
  }
  const run = async (source: string) => {
    loading ??= load()
    const { connections, pollSource, maintainStore, targetOf, kinds } = await loading
    const { conventions } = fleet
    const deps = { db: store.db, targetOf, connections, now, log, conventions, kinds }
    const summary = await pollSource(deps, source, stopping.signal)
    // The embedded database does not look after itself; after a first load its plans would be guesses.
    await maintainStore(store)
    return summary
  }
  return {
    poll: async (source) => {
      const polling = run(source)
      running.add(polling)
      try {
        return await polling
      } finally {
        running.delete(polling)
      }
    },
    close: async () => {
      stopping.abort(new Error('Rollcall is stopping'))
      await Promise.allSettled(running)
      await (await loading)?.connections.close()
    },
  }
}
