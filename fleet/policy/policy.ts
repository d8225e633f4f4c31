import type { DriftCode } from '../drift/code.ts'
import type { About } from '../drift/difference.ts'

/** How bad a violation is, the mildest first. */
export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** A set of rules over the clusters its selector takes. Comes from the fleet file; stored, so that every instance judges by the same. */
export interface Policy {
  /** Unique and stable. */
  readonly name: string
  readonly description: string
  /** The operator's own, else the first letters of a digest of all below: evidence names it. */
  readonly version: string
  readonly selector: PolicySelector
  readonly rules: readonly Rule[]
}

/** All that are given must hold; an empty selector takes every cluster. */
export interface PolicySelector {
  /** A Kubernetes label selector over the cluster's labels. */
  readonly labels?: string
  readonly environment?: readonly string[]
  readonly ring?: readonly string[]
  readonly owner?: readonly string[]
  readonly provider?: readonly string[]
  readonly region?: readonly string[]
  readonly country?: readonly string[]
  /** `EU`, `Europe` … */
  readonly geography?: readonly string[]
  readonly source?: readonly string[]
}

interface RuleBase {
  /** Unique within its policy; its type where nothing else is said, or its code of drift. */
  readonly id: string
  readonly severity: Severity
  /** How long a violation is tolerated: it passes, and says until when. */
  readonly graceMs: number
}

/** Durations are ms. Versions are as a person writes them (`1.32`, `1.32.4`). */
export type Rule = RuleBase &
  (
    | {
        readonly type: 'supportWindow'
        /** Fails so long before support ends. */
        readonly leadMs: number
        /** Whether AKS platform support (N-3) still passes. */
        readonly allowPlatformSupport: boolean
        /** Whether a minor that only LTS (or extended support) covers passes under that plan. */
        readonly allowExtended: boolean
      }
    | { readonly type: 'minimumVersion'; readonly version: string }
    | {
        readonly type: 'versionSkew'
        /** Minors that nodes may be behind; ahead is never allowed. */
        readonly max: number
      }
    | {
        readonly type: 'patchAge'
        /** Newer patches of the same minor that may exist. */
        readonly maxBehind: number
      }
    | { readonly type: 'nodeImageAge'; readonly linuxMs: number; readonly windowsMs: number }
    | { readonly type: 'autoUpgrade'; readonly channels: readonly string[]; readonly nodeOsChannels: readonly string[] }
    | {
        readonly type: 'componentVersion'
        readonly component: 'chart' | 'provider'
        readonly name: string
        /** A semver range, e.g. `>=1.14 <2`. */
        readonly range: string
        /** Whether its absence fails; else the rule does not apply there. */
        readonly required: boolean
      }
    | { readonly type: 'owner'; readonly contactRequired: boolean }
    | { readonly type: 'labels'; readonly required: readonly string[] }
    | {
        /** One code of drift. The only type that also judges management clusters. */
        readonly type: 'drift'
        readonly code: DriftCode
        /** True where the policy's author gave no severity: what a difference says of its own then counts. */
        readonly ownSeverity: boolean
        readonly ignore: readonly Ignore[]
      }
  )
export type RuleType = Rule['type']

/**
 * Differences that are nobody's business, for good (a waiver ends). All that are given must hold; texts may hold `*` for any
 * letters, and letter case does not matter.
 */
export interface Ignore {
  /** Unique within its rule: findings name it. */
  readonly id: string
  readonly reason: string
  /** `Kustomization`, `HelmRelease` … */
  readonly kinds?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly names?: readonly string[]
  readonly fields?: readonly string[]
  /** A Kubernetes label selector over the cluster's labels. */
  readonly labels?: string
}

/** Whom a waiver excuses from what, until when. */
export interface Waiver {
  readonly id: string
  /** Null: every policy. */
  readonly policy: string | null
  /** Null: every rule of the policy. */
  readonly rule: string | null
  readonly selector: PolicySelector & { readonly clusterId?: string; readonly name?: readonly string[] }
  readonly owner: string
  readonly reason: string
  readonly approvedBy: string | null
  readonly createdAt: Date
  /** The first instant at which it no longer excuses. */
  readonly expiresAt: Date
  readonly revokedAt: Date | null
  readonly origin: 'fleetFile' | 'api'
}

export const outcomes = ['Pass', 'Fail', 'Unknown', 'Waived'] as const
export type Outcome = (typeof outcomes)[number]

/** One rule of one policy over one cluster at one instant; of drift, one difference. */
export interface Verdict {
  readonly policy: string
  readonly policyVersion: string
  readonly rule: string
  readonly type: RuleType
  readonly severity: Severity
  readonly outcome: Outcome
  /** One sentence for a person. */
  readonly message: string
  readonly evidence: readonly Evidence[]
  /**
   * RFC 3339; when the violation began: as the facts date it, or when it was first seen, whichever is earlier. Null without one;
   * kept while nobody knows whether it goes on.
   */
  readonly violatedSince: string | null
  /** RFC 3339; set while a violation is tolerated: past it, where nobody is heard who could tell whether it ended. */
  readonly graceUntil: string | null
  /** Of the waiver that excuses a violation. */
  readonly waiverId: string | null
  /** Of rules over drift: what exactly differs; null for other rules. */
  readonly drift: DriftVerdict | null
  /** RFC 3339; when the clock alone changes this answer. */
  readonly holdsUntil: string | null
}

/** What a verdict on drift says beside its outcome. */
export interface DriftVerdict {
  readonly code: DriftCode
  /** The object it is about; null: the cluster as a whole, or that nothing differs. */
  readonly about: About | null
  readonly field: string | null
  readonly expected: string | null
  readonly actual: string | null
  readonly likely: boolean
  /** `Ignore.id` of what suppressed it; its outcome is then Waived. */
  readonly suppressedBy: string | null
}

/** What a verdict rests on. */
export interface Evidence {
  /** `kubernetes.observed`, `pools.batch.nodeImage`, `labels.cost-center` … */
  readonly field: string
  readonly expected: string | null
  readonly actual: string | null
  /** Who says the actual value: a source's id, or the calendar's source. */
  readonly from: string | null
  /** A day, where the evidence is as old as that; null: as fresh as the cluster. */
  readonly asOf: string | null
}

/** Why an outcome is another than before. */
export const causes = ['cluster', 'policy', 'clock', 'waiver'] as const
export type Cause = (typeof causes)[number]
