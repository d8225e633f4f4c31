import type {
  EvidenceView,
  DriftSubject as SubjectView,
  Suppression as SuppressionView,
  VerdictView,
  Waiver as WaiverView,
} from '../db/read/verdict-noun.ts'
import { type DriftCode as Code, type Dimension, driftCodes } from '../fleet/drift/code.ts'
import type { Outcome as Said, RuleType as Type, Severity as Weight, Cause as Why } from '../fleet/policy/policy.ts'
import { builder } from './builder.ts'
import { enumOf } from './enums.ts'
import { Freshness } from './freshness.ts'

export const Outcome = enumOf<Said>('Outcome', 'What a rule says of a cluster. Only PASS is green.', {
  Pass: 'It holds, or its violation is still tolerated: `graceUntil` then says how long.',
  Fail: 'It is violated.',
  Unknown: 'Nobody knows what it needs to know.',
  Waived: 'It is violated, and a waiver excuses that.',
})

export const Severity = enumOf<Weight>(
  'Severity',
  'How bad a violation is: LOW is the mildest, then MEDIUM, HIGH, and CRITICAL.',
  {
    low: 'Worth knowing.',
    medium: 'Worth planning.',
    high: 'Worth doing soon.',
    critical: 'Worth doing now.',
  },
)

export const Cause = enumOf<Why>('Cause', 'Why an outcome is another than before.', {
  cluster: 'Facts of the cluster changed.',
  policy: 'The policy, or the support calendar, changed.',
  clock: 'Time passed.',
  waiver: 'A waiver was granted, revoked or ran out.',
})

export const RuleType = enumOf<Type>('RuleType', 'What a rule asks.', {
  supportWindow: 'Whether the version is in support, and for long enough.',
  minimumVersion: 'Whether the version is not older than a given one.',
  versionSkew: 'Whether nodes are not too far behind their control plane, and never ahead.',
  patchAge: 'Whether not too many newer patches of the minor exist.',
  nodeImageAge: 'Whether node images are young enough.',
  autoUpgrade: 'Whether Azure upgrades the cluster and its node images by itself.',
  componentVersion: 'Whether a chart or provider has a version that passes.',
  owner: 'Whether somebody owns the cluster.',
  labels: 'Whether it has the labels or tags that are demanded.',
  drift: 'Whether what runs is what was declared, in one way of many: `code` says which.',
})

export const Evidence = builder.objectRef<EvidenceView>('Evidence').implement({
  description: 'What a verdict rests on.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Which fact: `kubernetes.observed`, `pools.batch.nodeImage`, …' }),
    expected: t.exposeString('expected', { nullable: true, description: 'What the rule asks of it.' }),
    actual: t.exposeString('actual', {
      nullable: true,
      description: 'What it is; null when it is not known, or not there.',
    }),
    source: t.exposeString('source', {
      nullable: true,
      description: 'Who says so: the name of a source, or whoever promises support.',
    }),
    asOf: t.expose('asOf', {
      type: 'Date',
      nullable: true,
      description: 'The day it was last known to be so, where it is only as fresh as that.',
    }),
    observedAt: t.expose('observedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its source last confirmed it, by our clock; null where `asOf` tells.',
    }),
  }),
})

export const PolicyName = builder.objectRef<VerdictView['policy']>('PolicyName').implement({
  description: 'A policy, by name and version only.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the fleet file.' }),
    version: t.exposeString('version', { description: 'The version that was judged by.' }),
  }),
})

const meanings = Object.entries(driftCodes).map(([code, { meaning }]) => [code, meaning])
export const DriftCode = enumOf<Code>(
  'DriftCode',
  'In which way something differs from what was declared of it.',
  // Its keys are the codes.
  Object.fromEntries(meanings) as Readonly<Record<Code, string>>,
)

export const DriftDimension = enumOf<Dimension>('DriftDimension', 'What a difference is between.', {
  gitops: 'What Git offers, what was applied from it, and what runs.',
  version: 'Kubernetes versions: asked for, of the control plane, and of its nodes.',
  topology: 'A cluster and the ClusterClass it is made from.',
  infrastructure: 'What was declared, and what Azure has.',
  existence: 'What should be there and is not, or is there and nobody answers for it.',
})

const DriftSubject = builder.objectRef<SubjectView>('DriftSubject').implement({
  description: 'The object that differs, by name only.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'What `node` finds it by, if it is there: a difference may be that it is not.',
    }),
    group: t.exposeString('group', { description: 'Its API group; empty for the core group.' }),
    kind: t.exposeString('kind', { description: 'Its kind.' }),
    namespace: t.exposeString('namespace', { description: 'Its namespace; empty when it has none.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
  }),
})

const Suppression = builder.objectRef<SuppressionView>('Suppression').implement({
  description: 'What in a policy says that a difference is nobody’s business.',
  fields: (t) => ({
    policy: t.exposeString('policy', { description: 'The policy, by name.' }),
    rule: t.exposeString('rule', { description: 'The rule that ignores it, by its id.' }),
    ignore: t.exposeString('ignore', { description: 'The entry of the rule’s `ignore`, by its id.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why, as the policy says now; null where it has no such entry any more.',
    }),
  }),
})

export const Waiver = builder.objectRef<WaiverView>('Waiver')

export const Verdict = builder.interfaceRef<VerdictView>('Verdict')
Verdict.implement({
  description: 'What one rule of one policy says, and what it rests on.',
  fields: (t) => ({
    policy: t.expose('policy', { type: PolicyName, description: 'By which policy.' }),
    rule: t.exposeString('rule', { description: 'By which rule of the policy, by its id.' }),
    type: t.expose('type', { type: RuleType, description: 'What the rule asks.' }),
    severity: t.expose('severity', { type: Severity, description: 'How bad a violation is.' }),
    outcome: t.expose('outcome', { type: Outcome, description: 'What the rule says, in one word.' }),
    message: t.exposeString('message', { description: 'What the rule says, in a sentence for people.' }),
    evidence: t.expose('evidence', {
      type: [Evidence],
      description: 'What the outcome rests on.',
      complexity: { field: 1, multiplier: 3 },
    }),
    since: t.expose('since', {
      type: 'DateTime',
      description: 'When the outcome became what it is: by the clock alone, at the instant that was due.',
    }),
    cause: t.expose('cause', { type: Cause, description: 'Why the outcome became what it is.' }),
    violatedSince: t.expose('violatedSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When the violation began: as the facts date it, else when it was first seen. Null without one.',
    }),
    graceUntil: t.expose('graceUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the violation is tolerated; null when it is not.',
    }),
    waiver: t.expose('waiver', {
      type: Waiver,
      nullable: true,
      description: 'What excuses the violation; null when nothing does.',
    }),
    code: t.expose('code', {
      type: DriftCode,
      nullable: true,
      description: 'In which way something differs, where the rule asks for that; null for all other rules.',
    }),
    dimension: t.expose('dimension', {
      type: DriftDimension,
      nullable: true,
      description: 'What the difference is between; null where the rule does not ask for differences.',
    }),
    subject: t.expose('subject', {
      type: DriftSubject,
      nullable: true,
      description: 'The object that differs; null: the cluster or management cluster as a whole, or nothing differs.',
    }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'Which field differs, as a path in the object’s own words; null where nothing does.',
    }),
    expected: t.exposeString('expected', {
      nullable: true,
      description: 'What the field should be; null: nothing, or not in a word.',
    }),
    actual: t.exposeString('actual', {
      nullable: true,
      description: 'What the field is; null: nothing, or not in a word.',
    }),
    suppressedBy: t.expose('suppressedBy', {
      type: Suppression,
      nullable: true,
      description: 'What excuses the difference for good; null when nothing does.',
    }),
    holdsUntil: t.expose('holdsUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the clock alone changes the finding; null: never.',
    }),
    stale: t.exposeBoolean('stale', {
      description:
        'Whether a source that it rests on is no longer heard of: the finding then stands for the last that was known.',
    }),
    freshness: t.expose('freshness', {
      type: Freshness,
      description: 'How old what it was judged by is: of the sources it rests on, the stalest.',
    }),
    judgedAt: t.expose('judgedAt', { type: 'DateTime', description: 'When it last became another in any way.' }),
  }),
})
