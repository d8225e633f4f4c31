import { FleetError } from '../../../fleet/error.ts'
import { Refusal } from '../../http/problem.ts'

/** A body that is not all here by then is given up: a sender that trickles holds a place. */
const readMs = 30_000

/** The bytes of a body, exactly as they came: signatures are made over them. Throws Refusal 408, 413, 415, or FleetError `invalid`. */
export async function wholeBody(
  { headers, body }: Request,
  bytesMax: number,
  patienceMs: number = readMs,
): Promise<Uint8Array> {
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw new Refusal(415, 'The content encoding is not known', 'Events are sent plain, without content-encoding.')
  if (Number(headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    void reader.cancel().catch(() => undefined)
  }, patienceMs)
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new FleetError('invalid', 'The body broke off.', { cause })
      })
      if (done) break
      bytes += value.length
      if (bytes > bytesMax) throw tooLarge(bytesMax)
      parts.push(value)
    }
    // A reader that is cancelled ends as one that is done.
    if (isLate) throw new Refusal(408, 'The request took too long', 'The body did not come in time.')
    return Buffer.concat(parts)
  } finally {
    clearTimeout(late)
    // Of a body that is refused the rest is not waited for.
    void reader.cancel().catch(() => undefined)
  }
}

const tooLarge = (bytes: number): Refusal =>
  new Refusal(413, 'The request is too large', `The body may have ${bytes} bytes at most.`)

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws FleetError `invalid` for what is not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new FleetError('invalid', 'The body is not UTF-8.')
  }
}
