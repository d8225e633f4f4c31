import { FleetError } from './error.ts'

/** One term of a selector; all terms must hold. */
export type Requirement =
  | { readonly key: string; readonly operator: 'in' | 'notin'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'exists' }
  | { readonly key: string; readonly operator: 'absent' }

/** Longest selector that is read, in characters. */
const selectorCharsMax = 4096

const keyShape = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const valueShape = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/
const tokenShape = /[^\s,()!=]+/y

/**
 * Reads a label selector in Kubernetes' own syntax: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a`, `!a`, joined by
 * commas. `a=b` is `in`, `a!=b` is `notin` (true of what has no `a` at all). The empty text selects everything.
 * @throws FleetError invalid, naming the character where reading stopped.
 */
export function parseLabelSelector(selector: string): Requirement[] {
  if (selector.length > selectorCharsMax) {
    throw new FleetError('invalid', `the label selector is longer than ${selectorCharsMax} characters`)
  }
  const reader = new Reader(selector)
  const requirements: Requirement[] = []
  if (reader.atEnd()) return requirements
  do requirements.push(requirementOf(reader))
  while (reader.take(','))
  if (!reader.atEnd()) reader.fail('expected "," or the end')
  return requirements
}

function requirementOf(reader: Reader): Requirement {
  const negated = reader.take('!')
  const key = reader.word(keyShape, 'a label key')
  if (negated) return { key, operator: 'absent' }
  if (reader.take('!=')) return { key, operator: 'notin', values: [reader.value()] }
  if (reader.take('==') || reader.take('=')) return { key, operator: 'in', values: [reader.value()] }
  const operator = reader.keyword()
  return operator === null ? { key, operator: 'exists' } : { key, operator, values: valuesOf(reader) }
}

function valuesOf(reader: Reader): string[] {
  if (!reader.take('(')) reader.fail('expected "("')
  const values: string[] = []
  do values.push(reader.value())
  while (reader.take(','))
  if (!reader.take(')')) reader.fail('expected "," or ")"')
  return values
}

/** A place in the text, and what stands there. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#skip()
    return this.#at >= this.#text.length
  }

  take(symbol: string): boolean {
    this.#skip()
    if (!this.#text.startsWith(symbol, this.#at)) return false
    this.#at += symbol.length
    return true
  }

  keyword(): 'in' | 'notin' | null {
    const token = this.#token()
    if (token !== 'in' && token !== 'notin') return null
    this.#at += token.length
    return token
  }

  /** A value may be empty: `a=` selects the label with nothing in it. */
  value(): string {
    return this.word(valueShape, 'a label value')
  }

  word(shape: RegExp, what: string): string {
    const token = this.#token()
    if (!shape.test(token)) this.fail(`expected ${what}`)
    this.#at += token.length
    return token
  }

  fail(why: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 20)
    const found = rest === '' ? 'the end' : JSON.stringify(rest)
    throw new FleetError(
      'invalid',
      `label selector ${JSON.stringify(this.#text.slice(0, 200))}: ${why} at character ${this.#at + 1}, found ${found}`,
    )
  }

  #token(): string {
    this.#skip()
    tokenShape.lastIndex = this.#at
    return tokenShape.exec(this.#text)?.[0] ?? ''
  }

  #skip(): void {
    while (this.#at < this.#text.length && (this.#text[this.#at] ?? '').trim() === '') this.#at++
  }
}
