import { stringify } from 'yaml'
import { startKubeServer } from './api/server.ts'
import type { Site } from './site.ts'

/** A management cluster with its server running. */
export interface ServedSite {
  readonly site: Site
  readonly url: string
  readonly ca: string
  /** Kubeconfig texts (YAML): by token, by client certificate, and by the token of somebody without rights. */
  readonly kubeconfig: string
  readonly certificateKubeconfig: string
  readonly nobodyKubeconfig: string
  readonly token: string
  /** Requests answered so far, by `plural.group` or path. */
  readonly counts: ReadonlyMap<string, number>
  /** Closes the port and comes back on it: connection refused in between. */
  refuse(): Promise<void>
  accept(): Promise<void>
  close(): Promise<void>
}

/** Whether a management cluster takes a token that Entra ID gave. */
type TakesEntra = (site: Site, token: string) => boolean

/** Starts one server per management cluster, each on a free port of 127.0.0.1. */
export function serveSites(
  sites: readonly Site[],
  clock: () => Date,
  takesEntra: TakesEntra = () => false,
): Promise<readonly ServedSite[]> {
  return Promise.all(sites.map((site) => serveSite(site, clock, takesEntra)))
}

async function serveSite(site: Site, clock: () => Date, takesEntra: TakesEntra): Promise<ServedSite> {
  const token = `token-of-${site.uid}`
  const nobody = `nobody-of-${site.uid}`
  const { resources, storage, profile, faults } = site
  const tokens = new Map([
    [token, 'rollcall'],
    [nobody, 'nobody'],
  ])
  const server = await startKubeServer({
    resources,
    storage,
    profile,
    faults,
    clock,
    tokens,
    takesEntra: (given) => takesEntra(site, given),
  })
  const { ca, client } = server.certificates
  const config = (user: object) => kubeconfigOf(site.name, server.url, ca, user)
  return {
    site,
    url: server.url,
    ca,
    token,
    counts: server.counts,
    kubeconfig: config({ token }),
    certificateKubeconfig: config({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
    }),
    nobodyKubeconfig: config({ token: nobody }),
    refuse: server.refuse,
    accept: server.accept,
    close: server.close,
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const kubeconfigOf = (name: string, server: string, ca: string, user: object): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    contexts: [{ name, context: { cluster: name, user: 'rollcall' } }],
    users: [{ name: 'rollcall', user }],
  })
