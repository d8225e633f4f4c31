import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { bounded, leavable } from '../../../functions/http/request-body.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A body as a streaming host makes it: of something that is read piece by piece, and told when it is cancelled. */
function source(...pieces: readonly string[]) {
  const seen = { asked: 0, cancelled: false }
  const left = [...pieces]
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        seen.asked++
        const piece = left.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(bytes(piece))
      },
      cancel: () => {
        seen.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, seen }
}
const post = (body: ReadableStream<Uint8Array>) =>
  new Request('http://local/', { method: 'POST', body, ...{ duplex: 'half' } })

describe('a body that may be left', () => {
  it('is the same body', async () => {
    expect(await new Response(leavable(source('one ', 'two').stream).body).text()).toBe('one two')
  })

  it('is read no further than it is asked for, and what it comes from is never cancelled', async () => {
    const { stream, seen } = source('one', 'two', 'three')
    const { body, leave } = leavable(stream)
    const reader = body.getReader()
    await reader.read()
    await reader.cancel()
    expect(seen).toEqual({ asked: 1, cancelled: false })
    // The rest goes nowhere: after it another request may come on the same connection.
    await leave()
    expect(seen).toEqual({ asked: 4, cancelled: false })
  })

  it('may end in the moment it is left: a stream of an iterable would otherwise end the process', async () => {
    for (let n = 0; n < 20; n++) {
      const request = new Readable({ read: () => undefined })
      // As the Functions library makes its requests: undici makes a stream of the iterable.
      const { body } = new Request('http://local/', {
        ...{ method: 'POST', duplex: 'half' },
        // Node's fetch takes any iterable of bytes, which the DOM's declarations do not know.
        body: request as unknown as ReadableStream,
      })
      const reader = leavable(body ?? expect.fail()).body.getReader()
      const reading = reader.read()
      await new Promise(setImmediate)
      const leaving = reader.cancel()
      request.push(null)
      await Promise.all([reading, leaving, new Promise(setImmediate)])
    }
  })
})

describe('a body within bounds', () => {
  it('is the same body', async () => {
    expect(await bounded(post(source('one ', 'two').stream), 7, 1_000).text()).toBe('one two')
    expect(bounded(new Request('http://local/'), 7, 1_000).body).toBeNull()
  })

  it('is not read before it is asked for', async () => {
    const { stream, seen } = source('one')
    bounded(post(stream), 7, 1_000)
    await new Promise(setImmediate)
    expect(seen.asked).toBe(0)
  })

  it('ends where it is too long, and says so', async () => {
    const { stream, seen } = source('one ', 'two ', 'three')
    await expect(bounded(post(stream), 7, 1_000).text()).rejects.toMatchObject({ status: 413 })
    expect(seen).toEqual({ asked: 2, cancelled: true })
  })

  it('ends where it does not come in time', async () => {
    const never = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
    await expect(bounded(post(never), 7, 20).text()).rejects.toMatchObject({ status: 408 })
  })

  it('says so where it breaks off', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('broken')) })
    await expect(bounded(post(broken), 7, 1_000).text()).rejects.toMatchObject({
      code: 'invalid',
      message: 'The body broke off.',
    })
  })
})
