import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { gitops } from '../../db/drift-tables.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import { idOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'

/** What a GitOps tool applied to a cluster. */
export interface Applied {
  readonly cluster: string
  readonly app: string
  readonly revision: string | null
  /** When it came to that revision; null: not known. */
  readonly since?: Date | null
  readonly kind?: KindKey
  readonly repository?: string
  readonly chart?: string
  /** One more object of that app on that cluster. */
  readonly copy?: string
  readonly source?: string
}

const kustomization: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
export const helmRelease: KindKey = 'helm.toolkit.fluxcd.io/HelmRelease'

/** Puts what is applied into the store as `settle` would leave it. */
export async function putApplied(db: Db, list: readonly Applied[]): Promise<void> {
  for (const one of list) {
    const { cluster, app, revision, since = null, kind = kustomization, copy = '', source = 'weu' } = one
    const [group = '', name = ''] = kind.split('/')
    const id = objectIdOf(source, { group, kind: name, namespace: cluster, name: `${app}${copy}` })
    const row = { id, sourceId: source, kind, namespace: cluster, name: `${app}${copy}`, digest: id, composedAt: at(0) }
    const { repository = null, chart = null } = one
    await db.insert(gitops).values({
      ...{ ...row, clusterId: idOf(cluster), tool: 'flux', app, suspended: false, repository, chart },
      appliedRevision: revision,
    })
    await db.execute(sql`insert into object (source_id, id, kind, namespace, name, api_version, owner_named, state, reason, message, state_since,
        generation_seen_at, observed_at, received_at, digest, revision_since)
      values (${source}, ${id}, ${kind}, ${cluster}, ${`${app}${copy}`}, 'v1', false, 'Healthy', 'AtRest', '', ${at(0).toISOString()},
        ${at(0).toISOString()}, ${at(0).toISOString()}, ${at(0).toISOString()}, ${id}, ${since?.toISOString() ?? null})`)
  }
}
