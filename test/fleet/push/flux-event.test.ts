import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fluxEventOf } from '../../../fleet/push/flux-event.ts'
import { corpusDir } from '../../require.ts'

const corpus = corpusDir()
const event = (over: object = {}) => ({
  involvedObject: {
    ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', namespace: 'apps', name: 'webapp' },
    ...{ uid: '7d0cdc51-ddcf-4743-b223-83ca5c699632', resourceVersion: '7' },
  },
  ...{ severity: 'error', timestamp: '2026-11-22T11:59:00Z', message: 'token=geheim', reason: 'ValidationFailed' },
  ...{ metadata: { revision: 'main@sha1:731f7ea' }, reportingController: 'kustomize-controller', ...over },
})
const saidOf = (value: unknown) => fluxEventOf(value, 'digest').said
const whyOf = (value: unknown) => {
  const said = saidOf(value)
  return 'why' in said ? said.why : said.as
}

describe('an event of Flux', () => {
  it('is a hint about one object, and no more, whatever it says of it', () => {
    expect(saidOf(event())).toEqual({
      as: 'hint',
      id: 'digest',
      about: {
        by: 'kube',
        kind: 'kustomize.toolkit.fluxcd.io/Kustomization',
        version: 'v1',
        ref: { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'apps', name: 'webapp' },
        uid: '7d0cdc51-ddcf-4743-b223-83ca5c699632',
      },
      at: '2026-11-22T11:59:00Z',
      why: 'Flux: error ValidationFailed at main@sha1:731f7ea',
    })
  })

  it.each<[string, object, string | null]>([
    ['as it is sent', { managementCluster: 'weu' }, 'weu'],
    ['as older controllers send it', { 'kustomize.toolkit.fluxcd.io/managementCluster': 'weu' }, 'weu'],
    ['both ways', { 'event.toolkit.fluxcd.io/managementCluster': 'neu', managementCluster: 'weu' }, 'weu'],
    ['not at all', { cluster: 'prod-1' }, null],
    ['at length', { managementCluster: 'x'.repeat(300) }, null],
  ])('says whose it is: %s', (_how, metadata, source) => {
    expect(fluxEventOf(event({ metadata }), 'digest').managementCluster).toBe(source)
  })

  it.each<[string, object, string]>([
    [
      'prefixed',
      { metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'main/731f' } },
      'Flux: error ValidationFailed at main/731f',
    ],
    ['absent', { metadata: null }, 'Flux: error ValidationFailed'],
    ['a number', { metadata: { revision: 7 } }, 'Flux: error ValidationFailed'],
    ['beside a reason of control characters', { reason: 'a\nb\u0000', metadata: {} }, 'Flux: error a?b?'],
  ])('may have a revision that is %s', (_how, over, why) => {
    expect(whyOf(event(over))).toBe(why)
  })

  const names = '"involvedObject" does not name an object: apiVersion, kind, name.'
  it.each<[string, unknown, string]>([
    ['is no object', [event()], 'The event is not a JSON object.'],
    ['names no object', event({ involvedObject: undefined }), names],
    ['names one without a version', event({ involvedObject: { kind: 'Kustomization', name: 'webapp' } }), names],
    ['names one by a path', event({ involvedObject: { apiVersion: 'a/b/c', kind: 'K', name: 'n' } }), names],
    ['names one that cannot be', event({ involvedObject: { apiVersion: 'v1', kind: 'K', name: 'a\u0000b' } }), names],
    ['has no time', event({ timestamp: 'yesterday' }), '"timestamp" is not an instant of RFC 3339.'],
  ])('that %s is refused', (_what, value, why) => {
    expect(saidOf(value)).toEqual({ as: 'rejected', why })
  })

  it.skipIf(corpus === null).each(['events-00.json', 'providers-03.json'])(
    'of its documentation is read: %s',
    (file) => {
      const path = join(corpus ?? '', 'objects/notification-controller/docs', file)
      expect(saidOf(JSON.parse(readFileSync(path, 'utf8')))).toMatchObject({
        as: 'hint',
        about: { kind: 'kustomize.toolkit.fluxcd.io/Kustomization', ref: { namespace: 'apps', name: 'webapp' } },
        at: '2022-10-28T07:26:19Z',
        why: 'Flux: error ValidationFailed at main/731f7eaddfb6af01cb2173e18f0f75b0ba780ef1',
      })
    },
  )

  it('may be anything at all', () => {
    const members = ['involvedObject', 'apiVersion', 'kind', 'name', 'namespace', 'timestamp', 'metadata', 'revision']
    const anything = fc.object({ key: fc.constantFrom(...members), maxDepth: 3 })
    fc.assert(
      fc.property(fc.oneof(anything, fc.anything()), (value) => {
        expect(['hint', 'rejected']).toContain(saidOf(value).as)
      }),
      { numRuns: 3000 },
    )
  })
})
