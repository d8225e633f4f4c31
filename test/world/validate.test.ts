import { describe, expect, it } from 'vitest'
import { corpusDir } from '../require.ts'
import { asVersion, type Resource, storageVersionOf } from './api/object.ts'
import { type Check, checkOf, crdsOf } from './crd-schema.ts'
import { type Era, resourcesOf } from './resource.ts'
import { tools } from './resource-tool.ts'
import type { Site } from './site.ts'
import { createWorld } from './world.ts'

const corpus = corpusDir()
/** The corpus has no CRDs of Flux Operator (AGPL) and of clusterctl, and an API server knows its own kinds without one. */
const unknownGroups = ['fluxcd.controlplane.io', 'clusterctl.cluster.x-k8s.io', 'apiextensions.k8s.io', '']

/** What is converted by name alone keeps fields that older versions lack, so only the newest is checked there. */
const checkedVersions = (resource: Resource): readonly string[] =>
  resource.convert === undefined
    ? [storageVersionOf(resource).name.replace('storage', '')]
    : resource.versions.map((version) => version.name)

/** Reading and compiling an era's CRDs takes a second: once each. */
const once = (era: Era): (() => Check) => {
  let check: Check | null = null
  return () => {
    check ??= checkOf(corpus ?? '', era)
    return check
  }
}
const checks = { old: once('old'), new: once('new') }

describe.skipIf(corpus === null)('every object of the world', () => {
  const world = createWorld({ seed: 'validate' })
  for (let step = 0; step < 30; step++) {
    world.advance(60_000)
    world.live(step)
  }

  const wrongOf = (site: Site): readonly string[] => {
    const check = checks[site.era]()
    const wrong = new Set<string>()
    for (const { resource, object } of site.objects()) {
      if (unknownGroups.includes(resource.group)) continue
      for (const version of checkedVersions(resource)) {
        const found = check(asVersion(resource, object, version)) ?? ['no CRD for this version']
        for (const error of found) wrong.add(`${version} ${object.kind} ${object.metadata.name}: ${error}`)
      }
    }
    return [...wrong]
  }

  it.each(world.sites)('on $name ($era) is what its CRD allows', (site) => {
    expect(wrongOf(site).slice(0, 30)).toEqual([])
  })

  it.each(['old', 'new'] as const)('is of a kind that is served as its CRD says (%s)', (era) => {
    const crds = crdsOf(corpus ?? '', era)
    const known = resourcesOf(era, tools).filter(({ group }) => !unknownGroups.includes(group))
    const ours = known.map(({ group, kind, plural, namespaced, versions }) => {
      const described = versions.map(({ name, storage = false, deprecated = '' }) => `${name} ${storage} ${deprecated}`)
      return [group, kind, plural, namespaced, ...described.sort()]
    })
    const theirs = known.map(({ group, kind }) => {
      const crd = crds.find((one) => one.group === group && one.names.kind === kind)
      // Versions from before a status subresource are served for nobody any more; an Application never had one.
      const served =
        crd?.versions.filter(
          (version) => version.served && (version.subresources?.status !== undefined || kind === 'Application'),
        ) ?? []
      const described = served.map(({ name, storage, deprecated, deprecationWarning }) => {
        // Without a text of its own the server says this; a current one also names the version to use.
        const said = deprecated
          ? (deprecationWarning ?? `${group}/${name} ${kind} is deprecated; use ${group}/v1beta2 ${kind}`)
          : ''
        return `${name} ${storage} ${said}`
      })
      return [group, kind, crd?.names.plural, crd?.scope === 'Namespaced', ...described.sort()]
    })
    expect(ours).toEqual(theirs)
  })

  it('is checked by something that refuses what a server would refuse or prune', () => {
    const [site] = world.sites
    const object = [...(site?.objects() ?? [])].find(({ resource }) => resource.kind === 'Cluster')?.object
    if (object === undefined) throw new Error('the world has no Cluster')
    const check = checks.new()
    expect(check(object)).toEqual([])
    expect(check({ ...object, spec: { ...Object(object.spec), invented: 1 } })).toHaveLength(1)
    expect(check({ ...object, spec: { ...Object(object.spec), paused: 'yes' } })).toHaveLength(1)
    expect(check({ ...object, kind: 'Unheard' })).toBeNull()
  })
})
