import { answer } from './http/bridge.ts'

/** What agents push; other methods come along to be refused with a problem of our own. */
const methods = ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const

answer('deliveries', { route: 'deliveries', methods: [...methods] })
answer('sessions', { route: 'deliveries/sessions', methods: [...methods] })
