import { answer } from './http/bridge.ts'

/** The process answers. */
answer('healthz', { route: 'healthz', methods: ['GET', 'HEAD'] })
/** The store answers too, and is migrated. */
answer('readyz', { route: 'readyz', methods: ['GET', 'HEAD'] })
/** The way to /graphql for whoever opens the root; in Azure it needs the setting AzureWebJobsDisableHomepage=true. */
answer('root', { route: '/', methods: ['GET', 'HEAD'] })
