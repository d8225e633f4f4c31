import { kindOf } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import { wireObjects } from '../fleet/wire-object.ts'
import { type Figure, medianOf, show } from './figure.ts'

const objectCount = 10_000
const rounds = 15

/** `ratio`: time to normalise (digest included) over the time `JSON.parse` takes for the same bytes; at most 1.0. */
async function benchNormalise(): Promise<Figure> {
  const texts = wireObjects(objectCount).map((object) => JSON.stringify(object))
  const bytes = texts.reduce((sum, text) => sum + text.length, 0)
  const parsed = texts.map((text) => JSON.parse(text) as { apiVersion: string; kind: string })
  const work = parsed.map((object) => {
    const group = object.apiVersion.slice(0, Math.max(0, object.apiVersion.lastIndexOf('/')))
    return { object, kind: kindOf(`${group}/${object.kind}`) }
  })
  const parseMs: number[] = []
  const normaliseMs: number[] = []
  // Interleaved, so that a busy neighbour slows both alike; the first rounds only warm up.
  for (let round = -3; round < rounds; round++) {
    const parsing = timed(() => {
      let kept: unknown
      for (const text of texts) kept = JSON.parse(text)
      return kept
    })
    const normalising = timed(() => {
      let kept: unknown
      for (const { object, kind } of work) kept = normalise('bench', object, kind)
      return kept
    })
    if (round < 0) continue
    parseMs.push(parsing)
    normaliseMs.push(normalising)
  }
  const [parse, read] = [medianOf(parseMs), medianOf(normaliseMs)]
  const detail = `${objectCount} objects of ${Math.round(bytes / objectCount)} bytes: normalise ${read.toFixed(0)} ms, JSON.parse ${parse.toFixed(0)} ms`
  return { what: 'normalise / JSON.parse', ratio: read / parse, bar: '≤ 1.0', detail }
}

function timed(work: () => unknown): number {
  const start = performance.now()
  if (work() === undefined) throw new Error('nothing was read')
  return performance.now() - start
}

show([await benchNormalise()])
