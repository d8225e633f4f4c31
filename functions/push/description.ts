import * as z from 'zod'
import {
  deliveryAnswer,
  deliveryType,
  lines,
  problemTypes,
  protocolVersion,
  pushLimits,
  sessionAnswer,
  sessionRequest,
} from '../../fleet/push/protocol.ts'

type Json = Readonly<Record<string, unknown>>

const about = `How an agent tells Rollcall what a management cluster has. It opens a session, sends a full reading of every kind, then changes as
they come, and digests at least every heartbeat: equal digests confirm a kind, unequal ones are answered with what to send again. Requests
are sent one after another; one that was not answered with 202 is sent again as it was. 202 means that it is on disk.`

const deliveryBody = `One JSON object per line, gzip or plain: a head; then, in any order, what the server serves, sections (a kind line and the lines of its
objects), troubles and digests; then the tail. A delivery is taken as a whole, but for objects that cannot be read: those are named in the
answer. \`type\` comes first in a line. At most ${pushLimits.bodyBytes} bytes, ${pushLimits.plainBytes} unpacked, ${pushLimits.lineBytes} per line, ${pushLimits.lines} lines
and ${pushLimits.objects} objects.`

/** The statuses that a sender must tell apart. */
const refusals: Readonly<Record<number, string>> = {
  400: 'Not a delivery: what is wrong is in `detail`. Sending it again does not help.',
  401: 'No token, or one that proves nothing.',
  403: 'A good token of somebody who may not push.',
  408: 'The body took too long.',
  409: `\`type\` tells which: ${problemTypes.superseded} (a newer session was opened), ${problemTypes.wrongServer} (not the server that the source has always been).`,
  413: 'Larger than the limits.',
  415: 'Another content type or encoding.',
  429: 'Another request of the source is at work. Send it again after `Retry-After`.',
  503: 'Busy, not ready, or the store is away. Send it again after `Retry-After`.',
}

/** The OpenAPI 3.1 description of `/deliveries`, made of the schemas that read it. */
export function pushDescription(): Json {
  return {
    openapi: '3.1.1',
    info: { title: 'Rollcall: deliveries', version: String(protocolVersion), description: about },
    security: [{ token: [] }],
    paths: {
      '/deliveries/sessions': {
        post: {
          operationId: 'openSession',
          summary: 'Opens a session, which ends the one before.',
          requestBody: bodyOf('application/json', ref('SessionRequest')),
          responses: {
            201: answerOf('The session.', ref('SessionAnswer')),
            ...refusalsOf(400, 401, 403, 409, 413, 429, 503),
          },
        },
      },
      '/deliveries': {
        post: {
          operationId: 'deliver',
          summary: 'Takes one request of a session.',
          requestBody: { ...bodyOf(deliveryType, ref('Line')), description: deliveryBody },
          responses: {
            202: answerOf('All of it is on disk.', ref('DeliveryAnswer')),
            ...refusalsOf(400, 401, 403, 408, 409, 413, 415, 429, 503),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Of the service account or application that the fleet file registers for the source.',
        },
      },
      schemas: schemas(),
    },
  }
}

function schemas(): Json {
  const named = Object.entries(lines).map(
    ([type, schema]) => [`${type[0]?.toUpperCase()}${type.slice(1)}Line`, schema] as const,
  )
  return {
    SessionRequest: schemaOf(sessionRequest),
    SessionAnswer: schemaOf(sessionAnswer),
    Line: { oneOf: named.map(([name]) => ref(name)) },
    ...Object.fromEntries(named.map(([name, schema]) => [name, schemaOf(schema)])),
    DeliveryAnswer: schemaOf(deliveryAnswer),
    Problem: problem,
  }
}

/** As it travels: before anything is made of it. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

const problem: Json = {
  description: 'RFC 9457.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    requestId: { type: 'string', description: 'The log names it too.' },
    retryAfterSeconds: { type: 'integer', description: 'As the header.' },
  },
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

const bodyOf = (type: string, schema: Json): Json => ({ required: true, content: { [type]: { schema } } })

const answerOf = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
})

const refusalsOf = (...statuses: readonly number[]): Json =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: refusals[status], content: { 'application/problem+json': { schema: ref('Problem') } } },
    ]),
  )
