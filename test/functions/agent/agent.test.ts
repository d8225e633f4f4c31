import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemTypes } from '../../../fleet/push/protocol.ts'
import { clusters, namespaces } from '../sources/fake-cluster.ts'
import { api, cluster, confirmed, has, lastSeq, rollcall, sectionsSince, settled, start, warnings } from './story.ts'

describe('an agent tells what there is', () => {
  test('first everything, with the proof that it is everything; then changes; then that nothing changed', async () => {
    await start()
    await has('a', 'b', 'c')
    expect(rollcall.servers).toMatchObject([
      { version: 'v1.34.1', kinds: [{ kind: cluster, version: 'v1beta2' }, { kind: 'cluster.x-k8s.io/Machine' }] },
    ])
    expect(rollcall.requests[0]?.sections).toMatchObject([{ head: { kind: cluster, proof: 'end' }, objects: 3 }])
    await settled()
    const before = lastSeq()
    api.put(clusters, 'd')
    api.put(clusters, 'd', { spec: { paused: true } })
    api.storage.delete(clusters, 'default', 'a')
    await has('b', 'c', 'd')
    // Two changes of one object are one.
    expect(sectionsSince(before).filter(({ objects, gone }) => objects + gone > 0)).toMatchObject([
      { head: { kind: cluster, proof: 'delta' }, objects: 1, gone: 1 },
    ])
    await confirmed()
    expect(rollcall.requests.map(({ seq }) => seq)).toEqual(rollcall.requests.map((_, at) => at + 1))
  })

  test('in pages, and only the kinds that were asked for', async () => {
    for (let n = 0; n < 9; n++) api.put(clusters, `n${n}`)
    await start({ limits: { pageObjects: 5 }, more: { kinds: { only: [cluster] } } })
    await confirmed()
    expect(rollcall.names(cluster)).toHaveLength(12)
    const pages = rollcall.requests
      .flatMap(({ sections }) => sections)
      .map(({ head, objects }) => [head.proof, objects])
    expect(pages).toEqual([
      ['page', 5],
      ['page', 5],
      ['end', 2],
    ])
    expect(rollcall.held.has('cluster.x-k8s.io/Machine')).toBe(false)
  })

  test('by a clock that is an hour off', async () => {
    rollcall.aheadMs = -3_600_000
    await start()
    await confirmed()
    api.put(clusters, 'd')
    await has('a', 'b', 'c', 'd')
    expect(Date.now() - (rollcall.requests.at(-1)?.at.getTime() ?? 0)).toBeGreaterThan(3_590_000)
  })
})

describe('whatever becomes of requests and answers', () => {
  test('an answer is lost: the request is sent again with its number, and done once', async () => {
    await start()
    await confirmed()
    rollcall.mishaps.push({ cut: true, after: true }, { status: 502, after: true }, { status: 500 })
    api.put(clusters, 'd')
    await has('a', 'b', 'c', 'd')
    await confirmed()
    const heard = rollcall.requests.map(({ seq }) => seq)
    expect(heard.length - new Set(heard).size).toBe(2)
    expect(rollcall.requests.filter(({ duplicate }) => duplicate)).toHaveLength(2)
  })

  test('Rollcall asks for patience: as long as it says', async () => {
    const agent = await start()
    await confirmed()
    rollcall.mishaps.push(
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': '0' } },
    )
    const asked = performance.now()
    await rollcall.until(() => rollcall.mishaps.length === 0)
    expect(performance.now() - asked).toBeGreaterThan(990)
    await confirmed()
    expect(warnings(agent)).toEqual([])
  })

  test('an outage: nothing is hoarded, and afterwards only what changed is read and told', async () => {
    const agent = await start()
    await settled()
    const { port } = new URL(rollcall.url)
    const before = lastSeq()
    await rollcall.close()
    for (let n = 0; n < 5; n++) api.put(clusters, `n${n}`)
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (warnings(agent).length > 0) resolve(clearInterval(timer))
      }, 5)
    })
    for (let n = 5; n < 9; n++) api.put(clusters, `n${n}`)
    api.storage.delete(clusters, 'default', 'a')
    await rollcall.listen(Number(port))
    await rollcall.until(() => rollcall.names(cluster).length === 11)
    await confirmed()
    const told = sectionsSince(before)
    expect(told.map(({ head }) => head.proof)).not.toContain('end')
    expect(told.reduce((sum, { objects }) => sum + objects, 0)).toBeLessThanOrEqual(9)
    expect(warnings(agent)).toEqual([expect.stringMatching(/^Rollcall does not take deliveries: .*ECONNREFUSED/)])
  })

  test('a delivery is refused: the kind is read anew', async () => {
    const agent = await start()
    await confirmed()
    const before = lastSeq()
    rollcall.mishaps.push({ status: 400 })
    api.put(clusters, 'd')
    await has('a', 'b', 'c', 'd')
    await confirmed()
    expect(sectionsSince(before).map(({ head }) => head.proof)).toContain('end')
    expect(agent.logged).toContainEqual({
      level: 'error',
      message: 'Rollcall refused a delivery: it answered 400: a mishap',
    })
  })

  test('more changes at once than may wait: they are read again', async () => {
    await start({ limits: { batchObjects: 5, flushMs: 50 } })
    await confirmed()
    for (let n = 0; n < 40; n++) api.put(clusters, `n${n}`)
    await rollcall.until(() => rollcall.names(cluster).length === 43)
    await confirmed()
  })

  test('another sender opened a session: this one waits, says so once, and then reads everything anew', async () => {
    const agent = await start()
    await confirmed()
    rollcall.epoch++
    const epoch = rollcall.epoch
    await rollcall.until(() => rollcall.epoch > epoch)
    await confirmed()
    expect(rollcall.requests.find((one) => one.epoch === rollcall.epoch)?.sections[0]?.head.proof).toBe('end')
    rollcall.mishaps.push({ status: 409, type: problemTypes.superseded })
    await rollcall.until(() => rollcall.epoch > epoch + 1)
    expect(warnings(agent).filter((message) => message.startsWith('another sender'))).toHaveLength(1)
  })
})

describe('whatever the API server does', () => {
  test('it restarts: what changed meanwhile is told, and nothing else', async () => {
    await start()
    await settled()
    const before = lastSeq()
    await api.server.refuse()
    api.put(clusters, 'd')
    api.storage.delete(clusters, 'default', 'b')
    await api.server.accept()
    await has('a', 'c', 'd')
    await confirmed()
    expect(sectionsSince(before).map(({ head, objects, gone }) => [head.proof, objects, gone])).toEqual(
      expect.arrayContaining([
        ['delta', 1, 0],
        ['delta', 0, 1],
      ]),
    )
    expect(sectionsSince(before).every(({ head }) => head.proof === 'delta')).toBe(true)
  })

  test.each(['http', 'event'] as const)('the past of a watch is gone (410 as %s)', async (as) => {
    await start({ limits: { watchSeconds: 1 } })
    await confirmed()
    api.faults.add({ fault: 'gone', as, on: 'clusters.cluster.x-k8s.io', times: 1 })
    await rollcall.until(() => !api.faults.has('gone'))
    api.put(clusters, 'd')
    await has('a', 'b', 'c', 'd')
    await confirmed()
  })

  test('a watch ends at its timeout and goes on: no LIST', async () => {
    await start({ limits: { watchSeconds: 1, steadyMs: 10 } })
    await confirmed()
    const lists = () => rollcall.requests.flatMap(({ sections }) => sections).length
    const [said, asked] = [lists(), api.server.counts.get('clusters.cluster.x-k8s.io') ?? 0]
    await rollcall.until(() => (api.server.counts.get('clusters.cluster.x-k8s.io') ?? 0) > asked + 1)
    expect(lists()).toBe(said)
    api.put(clusters, 'd')
    await has('a', 'b', 'c', 'd')
  })

  test('one kind is forbidden: it is told so, and the others go on; it is read when it may be', async () => {
    api.faults.add({ fault: 'forbidden', on: 'machines.cluster.x-k8s.io' })
    await start()
    await confirmed()
    await rollcall.until(() => rollcall.troubles.some(({ code }) => code === 'Forbidden'))
    api.faults.clear()
    await confirmed('cluster.x-k8s.io/Machine')
    expect(rollcall.names('cluster.x-k8s.io/Machine')).toEqual(['m'])
  })

  test('its credentials are renewed: the kubeconfig is read again', async () => {
    const agent = await start({ kubeconfig: api.kubeconfig({ token: 'old-token' }) })
    await writeFile(join(agent.folder, 'kubeconfig'), api.kubeconfig())
    await confirmed()
  })

  test('it is silent while its watches stand: nothing is confirmed', async () => {
    await start({ limits: { requestMs: 200 } })
    await confirmed()
    api.faults.add({ fault: 'silent' })
    const digests = () => rollcall.requests.at(-1)?.digests.length
    await rollcall.until(() => digests() === 0)
    api.faults.clear()
    await confirmed()
  })

  test('another server answers: a new session', async () => {
    await start()
    await confirmed()
    api.storage.delete(namespaces, '', 'kube-system')
    api.put(namespaces, 'kube-system')
    await rollcall.until(() => rollcall.epoch === 2)
    await confirmed()
  })
})
