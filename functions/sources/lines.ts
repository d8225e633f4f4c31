/**
 * Reads newline-delimited JSON with bounded memory: no line longer than `lineBytesMax` is ever held.
 * 'ended': the stream came to its end. 'stopped': `onLine` gave false. 'malformed': a line is too long or no JSON.
 * Throws what the stream throws.
 */
export async function readLines(
  chunks: AsyncIterable<Buffer>,
  lineBytesMax: number,
  onLine: (line: unknown, bytes: number) => boolean,
): Promise<'ended' | 'stopped' | 'malformed'> {
  let parts: Buffer[] = []
  let held = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const outcome = take(Buffer.concat([...parts, chunk.subarray(from, at)]), onLine)
      if (outcome !== 'next') return outcome
      parts = []
      held = 0
      from = at + 1
    }
    held += chunk.length - from
    if (held > lineBytesMax) return 'malformed'
    if (from < chunk.length) parts.push(chunk.subarray(from))
  }
  const outcome = take(Buffer.concat(parts), onLine)
  return outcome === 'next' ? 'ended' : outcome
}

function take(line: Buffer, onLine: (line: unknown, bytes: number) => boolean): 'next' | 'stopped' | 'malformed' {
  if (line.length === 0) return 'next'
  let parsed: unknown
  try {
    parsed = JSON.parse(line.toString('utf8'))
  } catch {
    return 'malformed'
  }
  return onLine(parsed, line.length) ? 'next' : 'stopped'
}
