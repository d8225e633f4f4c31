import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fleetOfKubeconfig, readFleetFile } from '../../../functions/wiring/fleet-file.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-fleet-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const subscription = '11111111-aaaa-4000-8000-000000000001'
const cluster = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/mgmt`
const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

describe('the fleet file', () => {
  it('finds kubeconfigs beside itself, wherever the process was started', async () => {
    const { sources } = await readFleetFile(
      file(
        'ok.yaml',
        'managementClusters:\n  - { name: a, kubeconfig: { path: ./a.kubeconfig } }\n  - { name: b, kubeconfig: { path: /etc/b } }\n  - { name: c, inCluster: true }\n',
      ),
    )
    expect(sources.map(({ target }) => target)).toEqual([
      { by: 'kube', kube: { path: join(dir, 'a.kubeconfig') } },
      { by: 'kube', kube: { path: '/etc/b' } },
      { by: 'kube', kube: { inCluster: true } },
    ])
  })

  it('finds the CA of a private cloud beside itself, for everything that uses the account', async () => {
    const { accounts, sources } = await readFleetFile(
      file(
        'azure.yaml',
        `managementClusters:
  - { name: mgmt, aks: { resourceId: ${cluster} } }
azure:
  - name: lab
    subscriptions: [${subscription}]
    cloud: { endpoint: https://127.0.0.1:1, scope: https://arm.example/.default, authority: https://127.0.0.1:2, ca: ./azure.pem }
`,
      ),
    )
    expect(accounts[0]?.cloud.ca).toBe(join(dir, 'azure.pem'))
    for (const { target } of sources) expect(target).toHaveProperty('account', accounts[0])
  })

  it('finds the CAs of those who vouch for pushers beside itself', async () => {
    const { registrations } = await readFleetFile(
      file(
        'push.yaml',
        `managementClusters:
  - { name: a, push: { issuer: https://a.example, audience: r, subject: "system:serviceaccount:r:a", ca: ./a.pem } }
  - { name: b, push: { entra: { tenant: ${subscription}, audience: r, appId: ${subscription}, cloud: { authority: https://127.0.0.1:1, ca: b.pem } } } }
  - { name: c, inCluster: true, push: { flux: { hmacKey: { env: ROLLCALL_KEY_C } } } }
`,
      ),
    )
    expect(registrations).toMatchObject([
      { keys: { at: 'issuer', ca: join(dir, 'a.pem') } },
      { ca: join(dir, 'b.pem') },
      { hmacKeys: ['ROLLCALL_KEY_C'] },
    ])
  })

  it('may be JSON', async () => {
    expect(
      (await readFleetFile(file('ok.json', '{ "managementClusters": [{ "name": "a", "inCluster": true }] }'))).sources,
    ).toHaveLength(1)
  })

  it.each([
    ['two values for one name', 'azure: []\nazure: []\n', /is not YAML: line 2: Map keys must be unique/],
    [
      'a bomb of aliases',
      `a: &a [x]\n${'bcdefgh'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(20).fill(`*${'abcdefg'[i]}`).join(', ')}]\n`)
        .join('')}`,
      /has more than 100 uses of YAML aliases/,
    ],
    [
      'two documents',
      'azure: []\n---\nazure: []\n',
      /holds more than one YAML document: line 2; keep one of them, in a file of its own\.$/,
    ],
    ['nothing at all', '', /must be a mapping of names to values\.$/],
  ])('refuses %s in one sentence', async (_what, text, sentence) => {
    await expect(readFleetFile(file('bad.yaml', text))).rejects.toThrow(sentence)
  })

  it('says that a folder is no file', async () => {
    await expect(readFleetFile(dir)).rejects.toThrow(/^Fleet file \S+ cannot be read \(EISDIR\)\.$/)
  })
})

describe('a kubeconfig', () => {
  it('gives one source per context, which may run its exec plugin, as on the person’s own machine', async () => {
    const path = file('kubeconfig', 'contexts:\n- name: kind-a\n- name: arn:aws:eks:eu:1:cluster/b\n')
    const { sources } = await fleetOfKubeconfig(path)
    expect(sources.map(({ declaration, target }) => [declaration.id, target])).toEqual([
      ['kind-a', { by: 'kube', kube: { path, context: 'kind-a', allowExec: true } }],
      [
        'arn:aws:eks:eu:1:cluster/b',
        { by: 'kube', kube: { path, context: 'arn:aws:eks:eu:1:cluster/b', allowExec: true } },
      ],
    ])
  })

  it('with two contexts of one name is refused', async () => {
    await expect(fleetOfKubeconfig(file('twice', 'contexts:\n- name: a\n- name: a\n'))).rejects.toThrow(
      /has two contexts named "a"/,
    )
  })
})
