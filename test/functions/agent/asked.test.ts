import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusters } from '../sources/fake-cluster.ts'
import { api, cluster, confirmed, has, lastSeq, rollcall, sectionsSince, settled, start } from './story.ts'

describe('what Rollcall asks for', () => {
  test('a difference is found by digests and only its buckets are told', async () => {
    for (let n = 0; n < 60; n++) api.put(clusters, `n${n}`)
    await start()
    await settled()
    const before = lastSeq()
    const held = rollcall.held.get(cluster)
    const [lost = '', altered = ''] = [...(held?.keys() ?? [])]
    held?.delete(lost)
    held?.set(altered, { object: {}, print: 'other', at: 0 })
    const forged = `${lost.slice(0, 2)}000000-0000-8000-8000-000000000000`
    held?.set(forged, { object: {}, print: 'forged', at: 0 })
    await rollcall.until(() => held?.has(lost) === true)
    await confirmed()
    expect(held?.has(forged)).toBe(false)
    const told = sectionsSince(before)
    expect(told.map(({ head }) => head.proof)).toEqual(['buckets'])
    expect(told[0]?.objects).toBeLessThan(10)
  })

  test('a repair that is too large is a full reading', async () => {
    await start({ limits: { repairObjects: 1 } })
    await confirmed()
    const before = lastSeq()
    rollcall.held.get(cluster)?.clear()
    await has('a', 'b', 'c')
    expect(sectionsSince(before).map(({ head }) => head.proof)).toContain('end')
  })

  test('a full reading, and one object: there or gone', async () => {
    await start()
    await settled()
    let before = lastSeq()
    rollcall.wants.push({ kind: cluster, what: 'reading' })
    await rollcall.until(() => sectionsSince(before).some(({ head }) => head.proof === 'end'))
    await confirmed()
    before = lastSeq()
    rollcall.wants.push({ kind: cluster, what: 'object', namespace: 'default', name: 'a' })
    rollcall.wants.push({ kind: 'cluster.x-k8s.io/Machine', what: 'object', namespace: 'default', name: 'no' })
    await rollcall.until(() => sectionsSince(before).length >= 2)
    expect(
      sectionsSince(before)
        .map(({ head, objects, gone }) => [head.kind, objects, gone])
        .sort(),
    ).toEqual([
      [cluster, 1, 0],
      ['cluster.x-k8s.io/Machine', 0, 1],
    ])
    await confirmed()
  })

  test('the token is replaced in its file', async () => {
    const agent = await start()
    await confirmed()
    await writeFile(join(agent.folder, 'token'), 'second-token\n')
    await rollcall.until(() => rollcall.tokens.at(-1) === 'Bearer second-token')
    expect(rollcall.tokens[0]).toBe('Bearer first-token')
    await confirmed()
  })
})
