import { beforeAll, describe, expect, it } from 'vitest'
import { apiServerOf } from '../../../../functions/sources/aks/kubeconfig.ts'
import { makeCertificates } from '../../../world/api/certificate.ts'

const server = 'https://mgmt-weu-1234.hcp.westeurope.azmk8s.io:443'
const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'kubelogin', args: ['get-token'] }
let ca: string
beforeAll(async () => {
  ca = (await makeCertificates('x')).ca
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
const kubeconfig = (cluster: object = {}, user: object = { exec }, over: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'mgmt-weu',
    clusters: [
      { name: 'other', cluster: { server: 'https://other.example' } },
      { name: 'mgmt-weu', cluster: { server, 'certificate-authority-data': base64(ca), ...cluster } },
    ],
    contexts: [{ name: 'mgmt-weu', context: { cluster: 'mgmt-weu', user: 'clusterUser' } }],
    users: [{ name: 'clusterUser', user }],
    ...over,
  })

describe('the kubeconfig that ARM gives', () => {
  it('is taken for server and CA, and for nothing else', () => {
    expect(apiServerOf(kubeconfig())).toEqual({ server, ca })
    const secrets = { exec, token: 'secret', 'client-certificate-data': 'secret', 'client-key-data': 'secret' }
    expect(apiServerOf(kubeconfig({ 'tls-server-name': 'x', 'proxy-url': 'http://x' }, secrets))).toEqual({
      server,
      ca,
    })
    expect(apiServerOf(kubeconfig({}, { 'auth-provider': { name: 'azure' } }))).toEqual({ server, ca })
  })

  it.each<[string, () => string, RegExp]>([
    ['a client certificate', () => kubeconfig({}, { 'client-certificate-data': 'x' }), /^offers only a static/],
    ['a token', () => kubeconfig({}, { token: 'x' }), /^offers only a static credential.*enable Entra ID/],
    ['nobody', () => kubeconfig({}, { exec }, { users: [] }), /^offers only a static credential/],
    ['plain http', () => kubeconfig({ server: 'http://mgmt' }), /^names no https server$/],
    ['no server', () => kubeconfig({ server: undefined }), /^names no https server$/],
    ['an unknown context', () => kubeconfig({}, { exec }, { 'current-context': 'x' }), /^names no https server$/],
    [
      'TLS without verification',
      () => kubeconfig({ 'insecure-skip-tls-verify': true }),
      /^turns TLS verification off$/,
    ],
    ['no CA', () => kubeconfig({ 'certificate-authority-data': undefined }), /^holds no CA$/],
    ['a CA that is none', () => kubeconfig({ 'certificate-authority-data': base64('no PEM') }), /^holds no CA$/],
    ['no YAML', () => 'a: [b', /^names no https server$/],
    ['no mapping', () => '7', /^names no https server$/],
  ])('is refused with %s', (_what, text, why) => {
    expect(apiServerOf(text())).toMatch(why)
  })
})
