import { answer } from './http/bridge.ts'

/** The GraphQL API, and GraphiQL for browsers. */
answer('graphql', { route: 'graphql', methods: ['GET', 'POST', 'OPTIONS'] })
