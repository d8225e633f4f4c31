import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import { composeSource } from '../../../fleet/compose-source.ts'
import type { DriftCode } from '../../../fleet/drift/code.ts'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import type { GitOps } from '../../../fleet/gitops.ts'
import type { State } from '../../../fleet/health.ts'
import { composeAmid, member, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer } from './of.ts'

// What is being deleted is not to be as it was declared any more.

const own = (code: DriftCode): OwnDifference => ({ code, field: 'status', expected: 'a', actual: 'b' })
const applies: GitOps = { tool: 'flux', role: 'reconciler', suspended: true }
const repository = (state: State) =>
  member('GitRepository', state, {
    at: 'flux',
    facts: {
      gitops: { ...applies, role: 'source' },
      revision: { applied: 'main@sha1:0a1b2c3d4e' },
      drift: [own('sourceFailing')],
    },
  })
const kustomization = (state: State) =>
  member('Kustomization', state, {
    at: 'apps',
    facts: {
      gitops: { ...applies, suspended: false },
      appliesFrom: refOf('GitRepository', 'flux'),
      revision: { applied: 'main@sha1:4f5e6d7c8b' },
      drift: [own('applyFailed')],
    },
  })
const application = (state: State) =>
  member('Application', state, {
    facts: {
      gitops: { ...applies, tool: 'argocd', suspended: false },
      actsAt: { by: 'name', value: 'far' },
      drift: [own('outOfSync')],
    },
  })
const plane = member('KubeadmControlPlane', 'Healthy', {
  facts: { versionDeclared: 'v1.34.0', versionObserved: 'v1.34.0' },
})
const inTopology = selfManaged('Healthy', {
  facts: {
    refs: { ...selfManaged().facts.refs, class: refOf('ClusterClass', 'standard') },
    versionDeclared: 'v1.34.0',
  },
})
const workers = (state: State) =>
  member('MachineDeployment', state, {
    at: 'np',
    facts: {
      versionDeclared: 'v1.33.4',
      versionObserved: 'v1.33.1',
      versions: [
        { version: 'v1.33.1', replicas: 1 },
        { version: 'v1.33.4', replicas: 1 },
      ],
      topology: { owned: true, workerName: 'np' },
      drift: [own('mixedVersions')],
    },
  })
const stray = (state: State) =>
  member('MachineDeployment', state, { at: 'stray', facts: { topology: { owned: false } } })
const machine = (state: State) =>
  member('Machine', state, { at: 'm', parent: workers('Healthy'), facts: { drift: [own('machineNotUpToDate')] } })

describe('an object that is being deleted shows no drift of its own', () => {
  const composed = (around: readonly Member[], ...members: readonly Member[]) =>
    composeAmid(surroundedBy(around), inTopology, plane, ...members)
  const unclaimed = (one: Member) =>
    composeSource({ source: 'weu', unclaimed: [one], orphans: [], vanished: [] }, surroundedBy([]))

  it.each<readonly [DriftCode, string, (state: State) => ReturnType<typeof composed> | ReturnType<typeof unclaimed>]>([
    ['behindSource', 'a Kustomization', (state) => composed([repository('Healthy')], kustomization(state))],
    ['behindSource', 'its source', (state) => composed([repository(state)], kustomization('Healthy'))],
    ['applyFailed', 'a Kustomization', (state) => composed([], kustomization(state))],
    ['sourceFailing', 'a source', (state) => composed([repository(state)], kustomization('Healthy'))],
    ['suspended', 'a source', (state) => composed([repository(state)], kustomization('Healthy'))],
    ['outOfSync', 'an Application', (state) => composed([], application(state))],
    ['outOfSync', 'an Application of the management cluster', (state) => unclaimed(application(state))],
    ['argoClusterUnmatched', 'an Application', (state) => unclaimed(application(state))],
    ['mixedVersions', 'a MachineDeployment', (state) => composed([], workers(state))],
    ['topologyPending', 'a MachineDeployment', (state) => composed([], workers(state))],
    ['workersBehindCP', 'a MachineDeployment', (state) => composed([], workers(state))],
    ['unmanagedWorker', 'a MachineDeployment', (state) => composed([], stray(state))],
    ['machineNotUpToDate', 'a Machine', (state) => composed([], workers('Healthy'), machine(state))],
  ])('%s of %s', (code, _name, of) => {
    expect([answer(of('Healthy'), code), answer(of('Deleting'), code)]).toEqual(['differs', 'same'])
  })

  it('nor does anybody miss that it does not look', () => {
    const blind = (state: State) =>
      member('HelmRelease', state, {
        facts: { gitops: { ...applies, suspended: false }, unlooked: [{ code: 'helmDrift', why: 'it is off' }] },
      })
    expect(answer(composed([], blind('Healthy')), 'helmDrift')).toBe('gap')
    expect(answer(composed([], blind('Deleting')), 'helmDrift')).toBe('nothing')
  })
})
