import { FleetError } from '../../../fleet/error.ts'
import { Refusal } from '../../http/problem.ts'
import { bounded } from '../../http/request-body.ts'

/** A body that is not all here by then is given up: a sender that trickles holds a place. */
const readMs = 30_000

/** The bytes of a body, exactly as they came: signatures are made over them. Throws Refusal 408, 413, 415, or FleetError `invalid`. */
export async function wholeBody(request: Request, bytesMax: number, patienceMs: number = readMs): Promise<Uint8Array> {
  if ((request.headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw new Refusal(415, 'The content encoding is not known', 'Events are sent plain, without content-encoding.')
  return bounded(request, bytesMax, patienceMs).bytes()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws FleetError `invalid` for what is not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new FleetError('invalid', 'The body is not UTF-8.')
  }
}
