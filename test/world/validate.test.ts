import { describe, expect, it } from 'vitest'
import { corpusDir } from '../require.ts'
import { asVersion, type Resource, storageVersionOf } from './api/object.ts'
import { checkOf } from './crd-schema.ts'
import type { Site } from './site.ts'
import { createWorld } from './world.ts'

const corpus = corpusDir()
/** The corpus has no CRDs of Flux Operator (AGPL), and an API server knows its own kinds without one. */
const unknownGroups = ['fluxcd.controlplane.io', 'apiextensions.k8s.io', '']

/** What is converted by name alone keeps fields that older versions lack, so only the newest is checked there. */
const checkedVersions = (resource: Resource): readonly string[] =>
  resource.convert === undefined
    ? [storageVersionOf(resource).name.replace('storage', '')]
    : resource.versions.map((version) => version.name)

describe.skipIf(corpus === null)('every object of the world', () => {
  const world = createWorld({ seed: 'validate' })
  for (let step = 0; step < 30; step++) {
    world.advance(60_000)
    world.live(step)
  }

  const wrongOf = (site: Site): readonly string[] => {
    const check = checkOf(corpus ?? '', site.era)
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
})
