import { FleetError } from '../../fleet/error.ts'
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
 * The same request, whose body ends with Refusal 413 where it is too long, with 408 where it is not here in time, and with FleetError
 * `invalid` where it breaks off. Nothing of it is read before it is asked for, which is after its caller is known. Throws 413 at once
 * where the body says itself that it is too long.
 */
export function bounded(request: Request, bytesMax: number, patienceMs: number): Request {
  const tooLarge = new Refusal(413, 'The request is too large', `The body may have ${bytesMax} bytes at most.`)
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge
  if (request.body === null) return request
  const reader = request.body.getReader()
  let bytes = 0
  let isLate = false
  let late: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const end = (error?: unknown) => {
          clearTimeout(late)
          if (error === undefined) return controller.close()
          controller.error(error)
          reader.cancel().catch(() => undefined)
        }
        late ??= setTimeout(() => {
          isLate = true
          end(new Refusal(408, 'The request took too long', 'The body was not here in time.'))
        }, patienceMs)
        const piece = await reader.read().catch((cause: unknown) => ({ cause }))
        if (isLate) return
        if ('cause' in piece) return end(new FleetError('invalid', 'The body broke off.', { cause: piece.cause }))
        if (piece.done) return end()
        bytes += piece.value.length
        if (bytes > bytesMax) end(tooLarge)
        else controller.enqueue(piece.value)
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
