import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql'
import { expect } from 'vitest'
import { schema } from '../../schema/index.ts'
import type { Ask } from './ask.ts'

/** Only what is selected is read: a field that needed its neighbour would be another without it. `list` is the query that lists `noun`. */
export async function everyFieldAlone(ask: Ask, noun: string, list: string): Promise<void> {
  const type = schema.getType(noun)
  if (!isObjectType(type)) throw new Error(noun)
  const names = Object.keys(type.getFields())
  const rows = async (selection: string) => {
    const { data, errors } = await ask(`{ ${list}(first: 12) { nodes { ${selection} } } }`)
    expect(errors, selection).toBeUndefined()
    return data[list].nodes as Record<string, unknown>[]
  }
  const together = await rows(names.map((name) => selectionText(type, name)).join(' '))
  expect(together.length).toBeGreaterThan(0)
  for (const name of names) {
    const alone = await rows(selectionText(type, name))
    expect(alone, name).toEqual(together.map((row) => ({ [name]: row[name] })))
    for (const leaf of leavesOf(type, name)) {
      const only = await rows(`${name} { ${leaf} }`)
      for (const [at, row] of only.entries())
        expect(leafOf(row[name], leaf), `${name}.${leaf}`).toEqual(leafOf(together[at]?.[name], leaf))
    }
  }
}

function leafOf(value: unknown, leaf: string): unknown {
  if (Array.isArray(value)) return value.map((one) => leafOf(one, leaf))
  return value === null ? null : (value as Record<string, unknown>)[leaf]
}

function leavesOf(type: GraphQLObjectType, name: string): string[] {
  const below = getNamedType(type.getFields()[name]?.type)
  if (!isObjectType(below)) return []
  return Object.values(below.getFields())
    .filter((field) => !isObjectType(getNamedType(field.type)))
    .map((field) => field.name)
}

function selectionText(type: GraphQLObjectType, name: string): string {
  const leaves = leavesOf(type, name)
  return leaves.length > 0 ? `${name} { ${leaves.join(' ')} }` : name
}
