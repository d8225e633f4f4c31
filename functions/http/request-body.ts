import { Refusal } from './problem.ts'

/** A web stream of bytes, as far as it is used here: Node's declaration of one and the DOM's differ in the rest. */
interface Source {
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> }
}

/** A body that whoever reads it may leave in the middle. */
export interface Leavable {
  readonly body: ReadableStream<Uint8Array>
  /** Reads what nobody read of it, and lets it go: only then can another request have the connection. Once the answer is on its way. */
  leave(): Promise<void>
}

/**
 * What the body comes from is never cancelled. Cancelling would close the connection before its answer, and Node ends the process where a
 * body's end and its cancelling meet (a stream that undici makes of an iterable closes itself in a microtask of its own, closed or not).
 */
export function leavable(source: Source): Leavable {
  const reader = source.getReader()
  let isLeft = false
  let reading: Promise<unknown> = Promise.resolve()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = reader.read()
        reading = piece
        const { done, value } = await piece
        if (isLeft) return
        if (done || value === undefined) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => {
        isLeft = true
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  )
  const leave = async () => {
    isLeft = true
    // It may break off while it is read, which is of no account any more.
    await reading.catch(() => undefined)
    for (let rest = true; rest; )
      rest = await reader.read().then(
        ({ done }) => !done,
        () => false,
      )
  }
  return { body, leave }
}

/**
 * The same request, whose body ends with Refusal 413 where it is too long, and with 408 where it is not here in time. Nothing of it is
 * read before it is asked for, which is after its caller is known.
 */
export function bounded(request: Request, bytesMax: number, patienceMs: number): Request {
  const tooLarge = new Refusal(413, 'The request is too large', `The body may have ${bytesMax} bytes at most.`)
  if (request.body === null) return request
  const reader = request.body.getReader()
  let bytes = 0
  let isLate = false
  let late: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        late ??= setTimeout(() => {
          isLate = true
          controller.error(new Refusal(408, 'The request took too long', 'The body was not here in time.'))
          reader.cancel().catch(() => undefined)
        }, patienceMs)
        const { done, value } = await reader.read()
        if (isLate) return
        bytes += value?.length ?? 0
        if (done || bytes > bytesMax) clearTimeout(late)
        if (done) return controller.close()
        if (bytes <= bytesMax) return controller.enqueue(value)
        controller.error(tooLarge)
        reader.cancel().catch(() => undefined)
      },
      cancel: (reason) => {
        clearTimeout(late)
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  // `duplex` is Node's word, which not every declaration of `RequestInit` has.
  return new Request(request, { body, duplex: 'half' } as RequestInit)
}
