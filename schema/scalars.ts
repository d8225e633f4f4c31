import { GraphQLError } from 'graphql'
import { hoursMax } from '../db/read/remediation.ts'
import { builder } from './builder.ts'

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i

builder.scalarType('DateTime', {
  description: 'An instant, RFC 3339 in UTC: 2026-05-01T12:00:00Z. Given, it may carry any offset.',
  serialize: (value) => {
    // PostgreSQL writes +00:00 into JSON when the session runs in UTC; Kubernetes writes Z.
    if (value.endsWith('+00:00')) return `${value.slice(0, -6)}Z`
    return value.endsWith('Z') ? value : new Date(value).toISOString()
  },
  parseValue: (value) => {
    const instant = typeof value === 'string' && rfc3339.test(value) && isDay(value) ? new Date(value) : null
    // The store knows the years 1 to 9999 in UTC, which an offset can leave.
    if (instant === null || !(instant >= first && instant <= last)) {
      throw new GraphQLError(`${JSON.stringify(value)} is not an instant; write 2026-05-01T12:00:00Z.`)
    }
    return instant.toISOString()
  },
})

builder.scalarType('Date', {
  description: 'A whole day in UTC, its end included: 2026-05-31.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && value > '0001' && isDay(value)) return value
    throw new GraphQLError(`${JSON.stringify(value)} is not a day; write 2026-05-31.`)
  },
})

builder.scalarType('Hours', {
  description: `A number of whole hours, 1 to ${hoursMax}.`,
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= hoursMax) return value
    throw new GraphQLError(`${JSON.stringify(value)} is not a number of hours; write 1 to ${hoursMax}.`)
  },
})

const first = new Date('0001-01-01T00:00:00Z')
const last = new Date('9999-12-31T23:59:59.999Z')

/** Date reads 30 February as 2 March: the day must be the one that was written. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10)
  const read = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day)
}
