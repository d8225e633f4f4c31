import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeTarget } from '../../../fleet/target.ts'
import { openConnections } from '../../../functions/sources/connections.ts'
import { type FakeCluster, reach, startFakeCluster } from './fake-cluster.ts'

let cluster: FakeCluster
const warnings: string[] = []
const connections = openConnections((message) => warnings.push(message))
const folder = mkdtempSync(join(tmpdir(), 'rollcall-kubeconfig-'))

beforeAll(async () => {
  cluster = await startFakeCluster()
})
afterAll(async () => {
  await connections.close()
  await cluster.server.close()
  rmSync(folder, { recursive: true })
})

const troubleOf = async (target: KubeTarget) => (await connections.connect('weu', target)).trouble?.message

/** A jwt that ended in 2001; its signature is nonsense. */
const expiredJwt = ['{"alg":"none"}', '{"exp":1000000000}', 'x']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

describe('a kubeconfig that cannot be used is one sentence', () => {
  test.each<[string, () => KubeTarget, RegExp]>([
    ['no file', () => ({ path: join(folder, 'none') }), /^source weu: kubeconfig .*none cannot be read \(ENOENT\)$/],
    ['nothing named', () => ({}), /names neither path, data nor inCluster/],
    ['not YAML', () => ({ data: 'a: b: secret' }), /data of source weu is not YAML: \w+ in line 1$/],
    ['not a kubeconfig', () => ({ data: '[1]' }), /it has no list of clusters/],
    [
      'a cluster without server',
      () => ({ data: 'clusters: [{name: a, cluster: {x: 1}}]' }),
      /clusters\[0\].cluster.server is missing/,
    ],
    ['typo in the context', () => ({ data: cluster.kubeconfig(), context: 'wue' }), /has no context wue; it has weu$/],
    [
      'no context at all',
      () => ({ data: cluster.kubeconfig().replace('"current-context":"weu",', '') }),
      /has no current-context; name one \(it has weu\)/,
    ],
    ['plain http', () => ({ data: cluster.kubeconfig({ url: 'http://127.0.0.1:1' }) }), /is not an https URL/],
    [
      'exec',
      () => ({ data: cluster.kubeconfig({ user: { exec: { command: 'true' } } }) }),
      /runs a program for its token.*allowExec: true/,
    ],
    [
      'a program that is not there',
      () => ({ data: cluster.kubeconfig({ user: { exec: { command: '/none/aws' } } }), allowExec: true }),
      /the program \/none\/aws .* gave no credential \(ENOENT\)/,
    ],
    [
      'verification off',
      () => ({ data: cluster.kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }) }),
      /turns TLS verification off.*insecureSkipTlsVerify: true/,
    ],
    [
      'a CA that is none',
      () => ({ data: cluster.kubeconfig({ ca: 'nonsense' }) }),
      /the CA or client certificate .* is not valid \(ERR_/,
    ],
    ['a token of two lines', () => ({ data: cluster.kubeconfig({ token: 'a\nb' }) }), /is not one line of text/],
    ['no pod', () => ({ inCluster: true }), /this is no pod/],
  ])('%s', async (_name, target, sentence) => {
    const message = await troubleOf(target())
    expect(message).toMatch(sentence)
    expect(message).not.toMatch(/: secret|reader-token/)
  })

  test('no CA: says which, where and what to add', async () => {
    const reply = await (await reach(connections, cluster.kubeconfig({ ca: null }))).get('/version')
    expect(reply).toMatchObject({
      trouble: { code: 'Misconfigured', message: expect.stringContaining(cluster.server.url) },
    })
    expect(reply).toMatchObject({
      trouble: { message: expect.stringMatching(/source weu.*certificate-authority-data is missing/) },
    })
  })

  test('a foreign CA is unreachable, with TLS named', async () => {
    const other = await startFakeCluster()
    const reply = await (await reach(connections, cluster.kubeconfig({ ca: other.server.certificates.ca }))).get(
      '/version',
    )
    expect(reply).toMatchObject({ trouble: { code: 'Unreachable', message: expect.stringContaining('TLS') } })
    await other.server.close()
  })

  test('an expired token says when it ended, and not what it was', async () => {
    const reply = await (await reach(connections, cluster.kubeconfig({ token: expiredJwt }))).get('/apis')
    expect(reply).toMatchObject({ trouble: { code: 'Unauthorized', message: expect.stringContaining('2001-09-09') } })
    expect(JSON.stringify(reply)).not.toContain(expiredJwt)
  })
})

describe('ways to bring a credential', () => {
  test('a client certificate, files beside the kubeconfig', async () => {
    const { client, ca } = cluster.server.certificates
    for (const [name, text] of Object.entries({ 'ca.pem': ca, 'c.pem': client.cert, 'k.pem': client.key }))
      writeFileSync(join(folder, name), text)
    const user = { 'client-certificate': 'c.pem', 'client-key': 'k.pem' }
    writeFileSync(
      join(folder, 'kubeconfig'),
      cluster.kubeconfig({ ca: null, user, cluster: { 'certificate-authority': 'ca.pem' } }),
    )
    const connection = await connections.connect('file', { path: join(folder, 'kubeconfig') })
    expect(connection.value?.credentials.expiresAt?.getTime()).toBeGreaterThan(Date.now())
    expect(connection.value?.credentials.tls.cert?.toString()).toBe(client.cert)
  })

  test('a token file is read anew for every poll, without its newline', async () => {
    const path = join(folder, 'token')
    const data = cluster.kubeconfig({ user: { 'token-file': path } })
    writeFileSync(path, 'old\n')
    expect((await (await reach(connections, data)).get('/version')).as).toBe('failure')
    writeFileSync(path, 'reader-token\n')
    expect((await (await reach(connections, data)).get('/version')).as).toBe('body')
  })

  test('an allowed program runs, once while its token lives', async () => {
    const script = `echo x >> ${join(folder, 'runs')}; echo '{"status":{"token":"reader-token","expirationTimestamp":"2999-01-01T00:00:00Z"}}'`
    const target = {
      data: cluster.kubeconfig({ user: { exec: { command: '/bin/sh', args: ['-c', script] } } }),
      allowExec: true,
    }
    const first = await connections.connect('exec', target)
    const second = await connections.connect('exec', target)
    expect(first.value?.credentials.headers.authorization).toBe('Bearer reader-token')
    expect(second.value?.pool).toBe(first.value?.pool)
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('x\n')
  })

  test('a program that hangs is named, and ended', async () => {
    const hasty = openConnections(() => undefined, 400)
    const pid = join(folder, 'pid')
    const target = {
      data: cluster.kubeconfig({
        user: { exec: { command: '/bin/sh', args: ['-c', `echo $$ > ${pid}; exec sleep 60`] } },
      }),
      allowExec: true,
    }
    const began = performance.now()
    const { trouble } = await hasty.connect('hangs', target)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(trouble).toEqual({
      code: 'Misconfigured',
      message:
        'source hangs: the program /bin/sh of the kubeconfig data of source hangs gave no credential within 0.4 s; run it by hand: it may be waiting for an answer',
    })
    const alive = () => {
      try {
        return process.kill(Number(readFileSync(pid, 'utf8')), 0)
      } catch {
        return false
      }
    }
    await expect.poll(alive).toBe(false)
    await hasty.close()
  })

  test('verification off, said twice, warns once', async () => {
    const target = {
      data: cluster.kubeconfig({ ca: null, cluster: { 'insecure-skip-tls-verify': true } }),
      insecureSkipTlsVerify: true,
    }
    await connections.connect('lax', target)
    await connections.connect('lax', target)
    expect(warnings.filter((line) => line.includes('source lax: TLS verification is off'))).toHaveLength(1)
  })

  test('a changed server gets a pool of its own', async () => {
    const before = await connections.connect('moved', { data: cluster.kubeconfig() })
    const after = await connections.connect('moved', {
      data: cluster.kubeconfig({ url: cluster.server.url.replace('127.0.0.1', 'localhost') }),
    })
    expect(after.value?.pool).not.toBe(before.value?.pool)
  })
})
