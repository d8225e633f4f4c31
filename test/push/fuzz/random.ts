/** Chance that can be had again: the same seed gives the same cases. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** From `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(part: number): boolean {
    return this.next() < part
  }

  pick<T>(some: readonly T[]): T {
    if (some.length === 0) throw new Error('there is nothing to choose from')
    // The place is one of the list's.
    return some[this.int(0, some.length - 1)] as T
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.int(0, 255)))
  }

  shuffled<T>(some: readonly T[]): T[] {
    return some
      .map((one) => ({ one, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one)
  }
}

/** Texts that parsers, databases and file systems have stumbled over. */
export const nastyTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '\u202e',
    '\r\nset-cookie: a=b',
    "'; drop table object; --",
  ],
  ...[
    '../../etc/passwd',
    '%00',
    '%ff',
    '__proto__',
    'constructor',
    'toString',
    '$ref',
    '{{7*7}}',
    '<script>',
    'NaN',
    'null',
  ],
  ...[
    'x'.repeat(254),
    'x'.repeat(70_000),
    '𝒳'.repeat(300),
    'é'.normalize('NFD'),
    '\u007f',
    '\\u0000',
    '1e400',
    '-0',
    '0x10',
    '🙂',
  ],
]

/** JSON texts of numbers that are none where a count is meant. */
export const nastyNumbers: readonly string[] = [
  ...[
    '-1',
    '-0.5',
    '0.5',
    '1.0000001',
    '1e400',
    '-1e400',
    '1e308',
    '9007199254740993',
    '4294967296',
    '2147483648',
    '1e21',
  ],
  ...['"1"', 'null', 'true', '[1]', '{"valueOf":1}', '""'],
]
/** No JSON at all. */
export const noNumbers: readonly string[] = [
  'NaN',
  'Infinity',
  '-Infinity',
  '01',
  '+1',
  '0x1',
  '1_000',
  '.5',
  '1.',
  'undefined',
  '',
]
