import type { Policy } from './policy.ts'
import { contentVersion } from './policy-file.ts'
import { dayMs } from './span.ts'

const content: Omit<Policy, 'version'> = {
  name: 'default',
  description:
    'What most fleets ask, until the fleet file has policies of its own: Kubernetes stays in support for another 30 days ' +
    '(long-term and extended support count where they are in force, AKS platform support does not); nodes are at most 3 ' +
    'minors behind their control plane and never ahead; AKS node images are younger than 60 days (Windows: 90); at most 2 ' +
    'newer patches of a minor exist in the region; and somebody owns the cluster.',
  selector: {},
  rules: [
    {
      id: 'supportWindow',
      type: 'supportWindow',
      severity: 'high',
      graceMs: 0,
      leadMs: 30 * dayMs,
      allowPlatformSupport: false,
      allowExtended: true,
    },
    { id: 'versionSkew', type: 'versionSkew', severity: 'high', graceMs: 0, max: 3 },
    // azure.md 4.5: from 60 days on an image fails; Windows images come monthly and get 30 days more.
    {
      id: 'nodeImageAge',
      type: 'nodeImageAge',
      severity: 'medium',
      graceMs: 0,
      linuxMs: 60 * dayMs,
      windowsMs: 90 * dayMs,
    },
    { id: 'patchAge', type: 'patchAge', severity: 'low', graceMs: 14 * dayMs, maxBehind: 2 },
    { id: 'owner', type: 'owner', severity: 'low', graceMs: 0, contactRequired: false },
  ],
}

/** What applies where the fleet file has no `policies`. */
export const defaultPolicy: Policy = { ...content, version: contentVersion(content) }
