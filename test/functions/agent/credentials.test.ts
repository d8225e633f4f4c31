import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../functions/agent/config.ts'
import { agentLimits } from '../../../functions/agent/limits.ts'
import { openReceiver } from '../../../functions/agent/receiver.ts'
import { makeCertificates } from '../../world/api/certificate.ts'
import { clusters } from '../sources/fake-cluster.ts'
import { startTlsFront } from './fronts.ts'
import { startAgent } from './run-agent.ts'
import { api, confirmed, has, rollcall, start, warnings } from './story.ts'

describe('what vouches for Rollcall is read again', () => {
  test('its certificate and the CA behind it are exchanged while the agent runs', async () => {
    const [before, after] = [await makeCertificates('a'), await makeCertificates('a')]
    const front = await startTlsFront(rollcall.url, before)
    const agent = await startAgent({
      url: front.url,
      kubeconfig: api.kubeconfig(),
      files: { 'ca.pem': before.ca },
      more: { ca: 'ca.pem' },
    })
    try {
      await confirmed()
      front.present(after)
      await warned(agent, /^Rollcall does not take deliveries: .* cannot be reached/)
      await writeFile(join(agent.folder, 'ca.pem'), after.ca)
      api.put(clusters, 'd')
      await has('a', 'b', 'c', 'd')
      // While somebody writes it there may be nothing in it, which must not mean "whoever the public authorities know".
      await writeFile(join(agent.folder, 'ca.pem'), '')
      await warned(agent, /ca .*ca\.pem cannot be read \(ERR_OSSL_PEM_NO_START_LINE\)/)
      await writeFile(join(agent.folder, 'ca.pem'), after.ca)
      await confirmed()
      expect(rollcall.epoch).toBe(1)
    } finally {
      await agent.stop()
      await front.close()
    }
  })

  test.each([
    ['a missing file', '/none/ca.pem', /^ca \/none\/ca\.pem cannot be read \(ENOENT\)\.$/],
    ['no certificate', import.meta.filename, /credentials\.test\.ts cannot be read \(ERR_OSSL_PEM_NO_START_LINE\)\.$/],
  ])('%s ends it at the start', async (_, ca, sentence) => {
    const config = parseConfig(JSON.stringify({ server: 'https://r.example', tokenFile: 't', ca }), '/agent.yaml')
    await expect(openReceiver(config, agentLimits)).rejects.toThrow(sentence)
  })
})

describe('what opens the API server is read again', () => {
  test('the CA in a file beside the kubeconfig', async () => {
    const other = await makeCertificates('a')
    const agent = await start({
      kubeconfig: api.kubeconfig({ ca: null, cluster: { 'certificate-authority': 'kube-ca.pem' } }),
      files: { 'kube-ca.pem': other.ca },
    })
    await warned(agent, /the API server cannot be read: .*TLS: its certificate is not signed by the given CA/)
    await writeFile(join(agent.folder, 'kube-ca.pem'), api.server.certificates.ca)
    await confirmed()
  })

  test('a program gives the token (exec), as kubectl has it; it is asked again when the token is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-exec-'))
    const file = join(folder, 'token')
    const status = "status: { token: require('node:fs').readFileSync(process.env.TOKEN, 'utf8') }"
    const apiVersion = 'client.authentication.k8s.io/v1'
    const script = `console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: '${apiVersion}', ${status} }))`
    const env = [{ name: 'TOKEN', value: file }]
    const exec = { apiVersion, command: process.execPath, args: ['-e', script], env }
    await writeFile(file, 'old-token')
    const agent = await start({ kubeconfig: api.kubeconfig({ user: { exec } }) })
    await warned(agent, /answered 401 Unauthorized/)
    await writeFile(file, 'reader-token')
    await confirmed()
    api.faults.add({ fault: 'expired', times: 3 })
    await rollcall.until(() => !api.faults.has('expired'))
    await confirmed()
    expect(warnings(agent).join()).not.toContain('allowExec')
    await rm(folder, { recursive: true })
  })
})

async function warned(agent: Parameters<typeof warnings>[0], sentence: RegExp): Promise<void> {
  while (!warnings(agent).some((message) => sentence.test(message)))
    await new Promise((resolve) => setTimeout(resolve, 5))
}
