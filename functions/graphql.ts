import { answer } from './http/bridge.ts'

/** The GraphQL API, and GraphiQL for browsers. Other methods come along to be refused with a problem of our own. */
answer('graphql', { route: 'graphql', methods: ['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE'] })
