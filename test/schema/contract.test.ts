import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
  specifiedDirectives,
} from 'graphql'
import { expect, it } from 'vitest'
import { schema } from '../../schema/index.ts'

const file = new URL('../../schema/schema.graphql', import.meta.url)

it('schema.graphql is what the code says', () => {
  expect(readFileSync(file, 'utf8'), 'run `node schema/print.ts`').toBe(
    `${printSchema(lexicographicSortSchema(schema))}\n`,
  )
})

it('takes nothing away from callers that the last commit promised', async () => {
  const committed = committedSchema()
  if (committed === null) return
  const changes = await diff(buildSchema(committed), buildSchema(readFileSync(file, 'utf8')))
  expect(
    changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking).map(({ message }) => message),
  ).toEqual([])
})

/** Null outside a git checkout, and before the file's first commit. */
function committedSchema(): string | null {
  try {
    return execFileSync('git', ['show', 'HEAD:schema/schema.graphql'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

it('describes every type, field, argument and value', () => {
  const silent: string[] = []
  const check = (name: string, described: { readonly description?: string | null | undefined }) => {
    if (!described.description) silent.push(name)
  }
  const standard = new Set(['String', 'Int', 'Float', 'Boolean', 'ID', ...specifiedDirectives.map(({ name }) => name)])
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || standard.has(type.name)) continue
    check(type.name, type)
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field)
        for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg)
      }
    }
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field)
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value)
  }
  expect(silent).toEqual([])
})
