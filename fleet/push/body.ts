import type * as z from 'zod'
import { FleetError } from '../error.ts'
import type { Rejection } from '../observation.ts'
import type { KindKey, ObjectRef } from '../reference.ts'
import { isRecord } from '../wire.ts'
import { valuesIn } from './json-shape.ts'
import {
  type DigestLine,
  type Head,
  type KindLine,
  lines,
  pushLimits,
  type Server,
  type TroubleLine,
} from './protocol.ts'

/** A delivery as it was sent. Nothing of it is stored before its last line was read. */
export interface Body {
  readonly head: Head
  readonly server: Server | null
  readonly sections: readonly Section[]
  readonly troubles: readonly TroubleLine[]
  readonly digests: readonly DigestLine[]
}

/** What is said of one kind. */
export interface Section {
  readonly line: KindLine
  /** Wire objects, unread. */
  readonly objects: unknown[]
  readonly gone: ObjectRef[]
  /** Unreadable for the sender, or for us. */
  readonly rejected: Rejection[]
}

/** No object of Kubernetes is nested half as deep; what is read by recursion must end somewhere. */
const depthMax = 100
/** Of a request: JSON of small values takes many times its size in memory. */
const valuesMax = 1_000_000
/** A sentence on a line; the line itself may be long. */
const whyCharsMax = 300
/** What tells the line of an object from the others, even where it is no JSON: `type` comes first in it. */
const objectStart = '{"type":"object"'

type Line = z.output<(typeof lines)[keyof typeof lines]>

/**
 * Reads a delivery line by line. A bad line of an object costs that object, which its kind then cannot tell from one that says its name
 * and is gone: nothing is derived from absence. Any other bad line costs the whole, because nobody knows what it meant.
 */
export class BodyReader {
  readonly #limits: { readonly lines: number; readonly objects: number }
  readonly #sections: Section[] = []
  readonly #troubles: TroubleLine[] = []
  readonly #digests: DigestLine[] = []
  #head: Head | null = null
  #server: Server | null = null
  #section: Section | null = null
  #count = 0
  #objects = 0
  #values = 0
  #isWhole = false

  constructor(limits: { readonly lines: number; readonly objects: number } = pushLimits) {
    this.#limits = limits
  }

  /** Takes the next line, without its newline. Throws FleetError `invalid` with a sentence that names it. */
  take(line: Uint8Array): void {
    this.#count++
    if (this.#isWhole) this.#refuse('nothing may follow the tail')
    if (this.#count > this.#limits.lines) this.#refuse(`a delivery has at most ${this.#limits.lines} lines`)
    const text = textOf(line)
    if (this.#section !== null && (text ?? lossyStart(line)).startsWith(objectStart)) this.#object(this.#section, text)
    else this.#other(this.#said(this.#parsed(text)))
  }

  /** The delivery, once nothing more comes. Throws FleetError `invalid` where it was cut off. */
  end(): Body {
    if (this.#head === null || !this.#isWhole)
      throw new FleetError(
        'invalid',
        `The delivery was cut off after line ${this.#count}: its last line must be the tail.`,
      )
    return {
      head: this.#head,
      server: this.#server,
      sections: this.#sections,
      troubles: this.#troubles,
      digests: this.#digests,
    }
  }

  #object(section: Section, text: string | null): void {
    if (++this.#objects > this.#limits.objects) this.#refuse(`a delivery has at most ${this.#limits.objects} objects`)
    const read = this.#json(text)
    const object = read.why === undefined && isRecord(read.value) ? read.value.object : undefined
    if (isRecord(object)) section.objects.push(object)
    else section.rejected.push({ why: `line ${this.#count} ${read.why ?? 'has no object'}` })
  }

  #other(line: Line): void {
    if ((line.type === 'head') !== (this.#count === 1)) this.#refuse('the head is the first line, and only that')
    switch (line.type) {
      case 'head':
        this.#head = line
        return
      case 'server':
        this.#server = { uid: line.uid, version: line.version, kinds: line.kinds }
        return
      case 'kind':
        this.#section = { line, objects: [], gone: [], rejected: [] }
        this.#sections.push(this.#section)
        return
      case 'object':
        // Spelt so that only parsing told it from the other lines.
        this.#open().objects.push(line.object)
        return
      case 'gone':
        this.#open().gone.push(refOf(this.#open().line.kind, line))
        return
      case 'unreadable':
        this.#open().rejected.push({ ref: refOf(this.#open().line.kind, line), why: line.why })
        return
      case 'trouble':
        this.#troubles.push(line)
        return
      case 'digest':
        this.#digests.push(line)
        return
      case 'tail':
        if (line.lines !== this.#count)
          this.#refuse(`the tail counts ${line.lines} lines, and ${this.#count} have come`)
        this.#isWhole = true
    }
  }

  #open(): Section {
    return this.#section ?? this.#refuse('objects follow the line of their kind')
  }

  /** What a line says, if it says it as the protocol has it. */
  #said(value: unknown): Line {
    const type = isRecord(value) && typeof value.type === 'string' ? value.type : ''
    // A type is looked up among the schema's own names only.
    const schema = Object.hasOwn(lines, type) ? lines[type as keyof typeof lines] : null
    if (schema === null) return this.#refuse(`its type is none of ${Object.keys(lines).join(', ')}`)
    const said = schema.safeParse(value)
    if (said.success) return said.data
    const [issue] = said.error.issues
    return this.#refuse(`${[type, ...(issue?.path ?? [])].join('.')}: ${issue?.message}`)
  }

  #parsed(text: string | null): unknown {
    const read = this.#json(text)
    return read.why === undefined ? read.value : this.#refuse(read.why)
  }

  #json(text: string | null): { readonly value: unknown; readonly why?: undefined } | { readonly why: string } {
    if (text === null) return { why: 'is not UTF-8' }
    const values = valuesIn(text, depthMax)
    if (values === null) return { why: `is nested deeper than ${depthMax}` }
    this.#values += values
    if (this.#values > valuesMax) this.#refuse(`a delivery has at most ${valuesMax} values`)
    try {
      return { value: JSON.parse(text) }
    } catch {
      return { why: 'is not JSON' }
    }
  }

  #refuse(why: string): never {
    throw new FleetError('invalid', `Line ${this.#count}: ${why.slice(0, whyCharsMax).toWellFormed()}.`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(line: Uint8Array): string | null {
  try {
    return utf8.decode(line)
  } catch {
    return null
  }
}

const lossyStart = (line: Uint8Array): string => new TextDecoder().decode(line.subarray(0, objectStart.length))

function refOf(kind: KindKey, { namespace, name }: { readonly namespace: string; readonly name: string }): ObjectRef {
  const slash = kind.indexOf('/')
  return { group: kind.slice(0, slash), kind: kind.slice(slash + 1), namespace, name }
}
