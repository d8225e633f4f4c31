import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { type Head, protocolVersion } from '../../fleet/push/protocol.ts'
import type { Outgoing } from './batch.ts'

const gzipped = promisify(gzip)

/** One request as it travels: head, lines, tail, compressed. */
export function bodyOf({ at, lines }: Outgoing, head: Pick<Head, 'epoch' | 'seq' | 'agent'>): Promise<Buffer> {
  const first: Head = { type: 'head', version: protocolVersion, ...head, at: at.toISOString() }
  const last = { type: 'tail', lines: lines.length + 2 }
  const text = [JSON.stringify(first), ...lines, JSON.stringify(last), ''].join('\n')
  // The second step of gzip is nearly as small as the sixth, for half the work.
  return gzipped(text, { level: constants.Z_BEST_SPEED + 1 })
}
