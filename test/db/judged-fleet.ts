import type { Store } from '../../db/client.ts'
import { registerPolicies } from '../../db/policy.ts'
import { createWaiver, revokeWaiver, type WaiverRequest } from '../../db/waiver.ts'
import { FleetError } from '../../fleet/error.ts'
import type { Policy, Waiver } from '../../fleet/policy/policy.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import type { DeclaredWaiver } from '../../fleet/policy/waiver-file.ts'
import type { CalendarEntry, RegionVersions } from '../../fleet/support/calendar.ts'
import type { Situation } from './judge-model.ts'
import { type Action, seed } from './judge-step.ts'
import { buryCluster, idOf, putClusters, putRegion, subjectOf } from './judged-cluster.ts'
import { putSources, removeSource, sourceSubjectOf } from './judged-drift.ts'
import { at } from './wire.ts'

const dayMs = 86_400_000

/** The situation as the steps make it, in the store and for the model. */
export class Fleet {
  readonly #store: Store
  readonly subjects = new Map<string, Subject>()
  readonly regions = new Map<string, RegionVersions>()
  policies: readonly Policy[] = []
  entries: readonly CalendarEntry[] = seed
  #declared: readonly Waiver[] = []
  #granted: Waiver[] = []

  constructor(store: Store) {
    this.#store = store
  }

  get situation(): Situation {
    const { subjects, policies, entries, regions } = this
    return {
      subjects: new Map(subjects),
      policies,
      waivers: [...this.#declared, ...this.#granted],
      entries,
      regions: new Map(regions),
    }
  }

  async take(action: Action, now: Date): Promise<void> {
    const { db } = this.#store
    if (action.do === 'facts') {
      const subject = subjectOf(action.name, action.facts)
      this.subjects.set(action.name, subject)
      await putClusters(db, [subject], now)
    } else if (action.do === 'bury') {
      this.subjects.delete(action.name)
      await buryCluster(db, action.name, now)
    } else if (action.do === 'manage') {
      const subject = sourceSubjectOf(action.name, action.facts(action.name))
      this.subjects.set(action.name, subject)
      await putSources(db, [subject], now)
    } else if (action.do === 'remove') {
      this.subjects.delete(action.name)
      await removeSource(db, action.name, now)
    } else if (action.do === 'region') {
      const read = { region: action.region, minors: action.minors, readAt: now }
      this.regions.set(action.region, read)
      await putRegion(db, read, now)
    } else if (action.do === 'register') {
      await this.#register(action, now)
    } else await this.#excuse(action, now)
  }

  async #register({ policies, declared, calendar }: Extract<Action, { do: 'register' }>, now: Date): Promise<void> {
    const waivers = declared.map(
      ({ expiresInDays, ...each }, n): DeclaredWaiver => ({
        ...each,
        id: idOf(`waiver ${n}`),
        owner: 'team-a',
        approvedBy: null,
        expiresAt: new Date(at(0).getTime() + expiresInDays * dayMs),
        origin: 'fleetFile',
      }),
    )
    this.policies = policies
    const former = new Map(this.#declared.map((each) => [each.id, each]))
    const declaredNow = waivers.map((each) => {
      const createdAt = former.get(each.id)?.createdAt ?? now
      former.delete(each.id)
      return { ...each, createdAt, revokedAt: null }
    })
    // What ran out before the file lost it was not revoked.
    const gone = [...former.values()].map((each) =>
      each.expiresAt > now ? { ...each, revokedAt: each.revokedAt ?? now } : each,
    )
    this.#declared = [...declaredNow, ...gone]
    this.entries = [...seed, ...calendar.map((each) => ({ ...each, asOf: each.asOf ?? '' }))]
    await registerPolicies(this.#store.db, { policies, waivers, calendar }, now, seed)
  }

  /** What is refused is refused: the model knows nothing of it either. */
  async #excuse(action: Extract<Action, { do: 'waive' | 'revoke' }>, now: Date): Promise<void> {
    try {
      if (action.do === 'waive') {
        const { expiresInDays, ...rest } = action.excuse
        const expiresAt = new Date(now.getTime() + expiresInDays * dayMs)
        const request: WaiverRequest = { ...rest, owner: 'team-b', approvedBy: null, expiresAt }
        const granted = await createWaiver(this.#store.db, request, now)
        this.#granted = [...this.#granted.filter(({ id }) => id !== granted.id), granted]
      } else {
        const id = this.#granted[action.nth]?.id
        if (id === undefined) return
        const revoked = await revokeWaiver(this.#store.db, id, null, now)
        this.#granted = this.#granted.map((each) => (each.id === id ? revoked : each))
      }
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
    }
  }
}
