import { GraphQLError } from 'graphql'
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
    if (typeof value !== 'string' || !rfc3339.test(value) || Number.isNaN(Date.parse(value))) {
      throw new GraphQLError(`${JSON.stringify(value)} is not an instant; write 2026-05-01T12:00:00Z.`)
    }
    return new Date(value).toISOString()
  },
})
