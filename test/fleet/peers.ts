import type { Health, State } from '../../fleet/health.ts'

/** One line of corpus/health/index.jsonl, as far as the comparison reads it. */
export interface PeerCase {
  readonly id: string
  readonly file: string
  readonly suite: string
  readonly scope: 'target' | 'adjacent'
  readonly group: string
  readonly kind: string
  readonly vocab: string
  readonly expected_status: string
}

/** Which of our states agree with a peer's word (domain.md 3.6). */
const agreeing: Readonly<Record<string, Readonly<Record<string, readonly State[]>>>> = {
  argocd: {
    Healthy: ['Healthy'],
    Progressing: ['Progressing', 'Deleting', 'Stale'],
    // Unknown: Argo says Degraded where it cannot tell.
    Degraded: ['Degraded', 'Failed', 'Unknown'],
    Suspended: ['Suspended'],
    Unknown: ['Unknown'],
  },
  kstatus: {
    Current: ['Healthy', 'Suspended'],
    InProgress: ['Progressing', 'Degraded', 'Unknown'],
    Failed: ['Failed', 'Degraded'],
    Terminating: ['Deleting'],
  },
  'rancher-summary': {
    ok: ['Healthy', 'Progressing', 'Unknown'],
    transitioning: ['Progressing', 'Deleting', 'Suspended', 'Degraded'],
    error: ['Degraded', 'Failed', 'Unknown'],
  },
}

/**
 * Whether our health agrees with the peer's word; null where domain.md 3.6 maps none. `capi-condition` cases expect a
 * summary condition, which we read and do not compute, and `capi-phase` cases a phase, which health never reads.
 */
export function agrees({ vocab, expected_status: word }: PeerCase, health: Health): boolean | null {
  const states = agreeing[vocab]?.[word]
  if (!states) return null
  if (vocab === 'kstatus' && word === 'Current' && health.state === 'Unknown') return health.reason === 'NotReported'
  return states.includes(health.state)
}

const builtIn: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'policy', 'apiextensions.k8s.io'])

/** Cases our rules are held to; Kubernetes' own kinds count as adjacent. */
export const isTarget = ({ scope, group }: PeerCase): boolean => scope === 'target' && !builtIn.has(group)
