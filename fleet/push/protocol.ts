import * as z from 'zod'
import { troubleCodes } from '../delivery.ts'
import type { KindKey } from '../reference.ts'

// What an agent and `/deliveries` say to each other, version 1. The OpenAPI description is generated from these schemas
// (functions/local/push-schema.ts), so a description below is what another agent's author reads.

export const protocolVersion = 1

/** Of one request. An agent learns them when it opens a session; these are what this release grants. */
export const pushLimits = {
  /** Bytes as they travel, and after decompression. */
  bodyBytes: 4 * 1024 * 1024,
  plainBytes: 16 * 1024 * 1024,
  lineBytes: 2 * 1024 * 1024,
  lines: 10_000,
  objects: 5_000,
} as const

/** The media type of a delivery. */
export const deliveryType = 'application/x-ndjson'

/** What sets one refusal apart from another of the same status: the `type` of its problem details. */
export const problemTypes = {
  /** 409: a newer session was opened. Who is the only sender opens another; who is not stops. */
  superseded: 'urn:rollcall:problem:superseded',
  /** 409: the server is not the one that the source has always been, or another source reads it already. */
  wrongServer: 'urn:rollcall:problem:wrong-server',
  /** 409: an instant lies in the future of Rollcall's clock, which may have been set back. A new session tells it anew. */
  clock: 'urn:rollcall:problem:clock',
} as const

const kindKey = z
  .string()
  .regex(/^[a-z0-9.-]{0,253}\/[A-Za-z0-9]{1,63}$/)
  .transform((key) => key as KindKey) // The pattern is the type's.
  .meta({ description: 'Group and kind: `cluster.x-k8s.io/Cluster`.' })
/** What the store takes as text: no U+0000, no half of a character. */
const text = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\0\p{Cs}]*$/u)
const instant = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339.' })
const name = text(1, 253)
const namespace = text(0, 253).default('')
const bucket = z
  .string()
  .regex(/^[0-9a-f]{2}$/)
  .meta({ description: 'The first two hex digits of the ids of its objects.' })
const digest = z.string().regex(/^[0-9a-f]{32}$/)
const agent = text(1, 100).meta({ description: 'Name and version of the sender.' })

const server = {
  uid: text(1, 100).meta({ description: 'UID of the namespace kube-system.' }),
  version: text(0, 100).meta({ description: "The API server's `gitVersion`." }),
  kinds: z
    .array(
      z.strictObject({
        kind: kindKey,
        version: text(1, 63).meta({ description: 'The one that objects are read in.' }),
        otherVersions: z.array(text(1, 63)).max(50).default([]),
        plural: text(0, 63),
        namespaced: z.boolean(),
      }),
    )
    .max(2000)
    .meta({
      description:
        'The kinds it serves and the sender reads. One that was here before and no longer is counts as not installed.',
    }),
}

/** Opens a session. */
export const sessionRequest = z.strictObject({
  version: z.literal(protocolVersion),
  agent,
  server: z.strictObject(server),
})

/** The first line. */
export const headLine = z.strictObject({
  type: z.literal('head'),
  version: z.literal(protocolVersion),
  epoch: z.int32().min(1).meta({ description: 'The session, as it was given out.' }),
  seq: z
    .int()
    .min(1)
    .meta({ description: 'Of this request within the session: 1, 2, 3 … A request sent again keeps it.' }),
  at: instant.meta({
    description:
      "When what follows was true, by Rollcall's clock: its `now` of the newest answer, plus the time that passed since that answer came. Of a change: when it was heard of. Never later than the truth.",
  }),
  agent,
})

/** What the API server serves, and which server it is: said again whenever it changes within a session. */
const serverLine = z.strictObject({ type: z.literal('server'), ...server })

/** Begins what is said of one kind; `object`, `gone` and `unreadable` lines that follow belong to it. */
export const kindLine = z.discriminatedUnion('proof', [
  z
    .strictObject({ type: z.literal('kind'), kind: kindKey, proof: z.literal('delta') })
    .meta({ description: 'Changes: nothing is said of other objects.' }),
  z
    .strictObject({
      type: z.literal('kind'),
      kind: kindKey,
      proof: z.literal('buckets'),
      buckets: z.array(bucket).min(1).max(256),
    })
    .meta({
      description:
        'The repair of a difference: what follows is all that these buckets hold, and whatever else Rollcall has in them is gone.',
    }),
  z
    .strictObject({
      type: z.literal('kind'),
      kind: kindKey,
      proof: z.enum(['page', 'end']),
      run: z.strictObject({ id: z.uuid(), startedAt: instant }).meta({
        description: 'One full reading; `startedAt`: when its LIST was first asked for, by the same clock as `at`.',
      }),
      page: z
        .int()
        .min(0)
        .max(100_000)
        .meta({ description: 'Of the run: 0, 1, 2 … The last one, and only that, is the `end`.' }),
      cursor: text(0, 200).meta({ description: "The listing's resourceVersion." }),
      consistent: z
        .boolean()
        .default(true)
        .meta({ description: 'False: an inconsistent continuation; absence then proves nothing.' }),
    })
    .meta({ description: 'A full reading: when its end has come, what none of its pages named is gone.' }),
])

const objectLine = z.strictObject({
  type: z.literal('object'),
  object: z
    .record(z.string(), z.unknown())
    .meta({ description: 'As the API server has it, or a projection of it; never a Secret.' }),
})
const goneLine = z.strictObject({ type: z.literal('gone'), namespace, name })
/** There, but not readable: too large, for instance. Unreadable is not absent. It has no part in a digest. */
const unreadableLine = z.strictObject({
  type: z.literal('unreadable'),
  namespace,
  name,
  why: text(1, 500),
})

/** A kind that the sender cannot read. What was read of it before stays, and grows old. */
export const troubleLine = z.strictObject({
  type: z.literal('trouble'),
  kind: kindKey,
  code: z.enum(troubleCodes),
  message: text(0, 1000),
})

/** What the sender has of a kind: equal digests prove that the store has the same (fleet/push/print.ts). */
export const digestLine = z.strictObject({
  type: z.literal('digest'),
  kind: kindKey,
  count: z.int().min(0),
  digest: digest.meta({
    description:
      'The first 32 hex digits of SHA-256 over a line `bucket digest` and a newline for every bucket that is not empty, in their order.',
  }),
  buckets: z.record(bucket, digest).optional().meta({
    description:
      'When asked for. Of each bucket that is not empty the first 32 hex digits of SHA-256 over a line `id print` and a newline for every object, in the order of the ids.',
  }),
})

/** The last line: without it the request was cut off, and nothing of it is taken. */
const tailLine = z.strictObject({
  type: z.literal('tail'),
  lines: z.int().min(2).meta({ description: 'How many lines there are, this one included.' }),
})

/** Every line that a delivery may have, as a name for the description of the API. */
export const lines = {
  head: headLine,
  server: serverLine,
  kind: kindLine,
  object: objectLine,
  gone: goneLine,
  unreadable: unreadableLine,
  trouble: troubleLine,
  digest: digestLine,
  tail: tailLine,
}

/** What the receiver wants to hear next of a kind. It asks again as long as it misses it, but for an `object`, which is hinted at once. */
export const want = z.discriminatedUnion('what', [
  z.strictObject({ kind: kindKey, what: z.literal('reading') }).meta({ description: 'A full reading.' }),
  z.strictObject({ kind: kindKey, what: z.literal('buckets') }).meta({ description: 'A digest with its buckets.' }),
  z
    .strictObject({ kind: kindKey, what: z.literal('objects'), buckets: z.array(bucket) })
    .meta({ description: 'All objects of these buckets, with the proof `buckets`.' }),
  z
    .strictObject({ kind: kindKey, what: z.literal('object'), namespace, name })
    .meta({ description: 'One object, read anew: somebody hinted at a change of it.' }),
])

export const sessionAnswer = z.strictObject({
  epoch: z.int(),
  source: z
    .string()
    .meta({ description: 'Who the sender is to Rollcall; the ids of its objects are derived from it.' }),
  now: instant,
  heartbeatSeconds: z
    .int()
    .meta({ description: 'Send something at least so often; digests, if there is nothing else.' }),
  limits: z.strictObject({
    bodyBytes: z.int(),
    plainBytes: z.int(),
    lineBytes: z.int(),
    lines: z.int(),
    objects: z.int(),
  }),
  kinds: z
    .array(z.unknown())
    .meta({ description: "The fleet file's `kinds`: what operators declared, to be read besides the sender's own." }),
  kindsDigest: z.string(),
})

export const deliveryAnswer = z.strictObject({
  now: instant,
  duplicate: z.boolean().meta({ description: 'The request was heard before: nothing of it was done again.' }),
  observed: z.int(),
  changed: z.int(),
  gone: z.int(),
  rejected: z.array(
    z.strictObject({
      kind: kindKey,
      namespace: z.string(),
      name: z.string().nullable().meta({ description: 'Null: it does not say who it is, or the whole kind is meant.' }),
      why: z.string(),
    }),
  ),
  want: z.array(want),
  kindsDigest: z.string().meta({
    description:
      'Another one than the session began with: open a session, which tells the kinds, and say everything anew.',
  }),
})

export type SessionRequest = z.output<typeof sessionRequest>
export type SessionAnswer = z.output<typeof sessionAnswer>
export type DeliveryAnswer = z.output<typeof deliveryAnswer>
export type Want = z.output<typeof want>
export type Head = z.output<typeof headLine>
export type Server = z.output<typeof sessionRequest>['server']
export type KindLine = z.output<typeof kindLine>
export type DigestLine = z.output<typeof digestLine>
export type TroubleLine = z.output<typeof troubleLine>
