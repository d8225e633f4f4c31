import { answer } from './http/bridge.ts'

/** Other methods come along to be refused with a problem of our own. */
const methods = ['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const

/** Knative's ApiServerSource, and whoever else sends CloudEvents of objects. */
answer('events-cloudevents', { route: 'events/cloudevents/{source}', methods: [...methods], polls: true })
/** Flux's notification-controller. */
answer('events-flux', { route: 'events/flux/{source}', methods: [...methods], polls: true })
/** Azure Event Grid, where it cannot trigger a function. */
answer('events-eventgrid', { route: 'events/eventgrid', methods: [...methods], polls: true })
