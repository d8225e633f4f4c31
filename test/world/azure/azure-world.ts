import { type AzureServerOptions, type ServedAzure, startAzureServer } from './server.ts'
import { AzureState } from './state.ts'

/** Azure with a server before it. */
export class AzureWorld extends AzureState {
  /** Starts one HTTPS server that is Resource Manager, Resource Graph and Entra ID, on a free port of 127.0.0.1. */
  serveAzure(options: AzureServerOptions = {}): Promise<ServedAzure> {
    return startAzureServer(this, options)
  }
}
