import { expect, test } from 'vitest'
import type { TroubleCode } from '../../../fleet/delivery.ts'
import { TroubleLog, troubleLines } from '../../../functions/agent/kind-trouble.ts'

const trouble = (code: TroubleCode) => ({ code, message: `${code}!` })

test('trouble of the whole API server is said once, trouble of a kind with each kind', () => {
  const said: string[] = []
  const say = (level: string) => (_: object, message: string) => void said.push(`${level} ${message}`)
  const log = new TroubleLog({ debug: () => {}, info: say('info'), warn: say('warn'), error: say('error') })
  log.note('a/A', trouble('Forbidden'))
  log.note('b/B', trouble('Forbidden'))
  log.note('a/A', null)
  for (const kind of ['a/A', 'b/B', 'c/C'] as const) log.note(kind, trouble('Unreachable'))
  log.note('a/A', null)
  log.forget('c/C')
  log.note('b/B', null)
  log.note('a/A', trouble('Unreachable'))
  expect(said).toEqual([
    'warn Forbidden!',
    'warn Forbidden!',
    'info a/A can be read again',
    'warn Unreachable!',
    'info the API server can be read again',
    'warn Unreachable!',
  ])
})

test('its line is one that Rollcall takes, however long the message is', () => {
  const trouble = { code: 'Timeout', message: `${'x'.repeat(999)}😀` } as const
  const [line = ''] = troubleLines([{ kind: 'a/A', trouble }], null)
  expect(JSON.parse(line)).toEqual({
    type: 'trouble',
    kind: 'a/A',
    code: 'Timeout',
    message: `${'x'.repeat(999)}\ufffd`,
  })
})

test('what is the trouble of all is that of every kind that has none of its own', () => {
  const kinds = [
    { kind: 'a/A', trouble: null },
    { kind: 'b/B', trouble: trouble('NotInstalled') },
  ] as const
  const codes = (ofAll: Parameters<typeof troubleLines>[1]) =>
    troubleLines(kinds, ofAll).map((line) => `${JSON.parse(line).kind} ${JSON.parse(line).code}`)
  expect(codes(null)).toEqual(['b/B NotInstalled'])
  expect(codes(trouble('Forbidden'))).toEqual(['a/A Forbidden', 'b/B NotInstalled'])
})
