import {
  BREAK,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLNamedType,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  getVariableValues,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
  visit,
} from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import { makeExecute, type Plugin } from 'graphql-yoga'
import { schema } from './schema.ts'

type Run = (
  root: unknown,
  context: unknown,
  variables: Readonly<Record<string, unknown>>,
) => ExecutionResult | Promise<ExecutionResult>

/**
 * Runs operations compiled to functions (README, Figures: what it is worth). Answers are the same to the byte, which
 * `test/schema/answers.test.ts` holds. Compiled once per operation of a document; documents live in yoga's parse cache.
 */
export function useJit(): Plugin {
  const compiled = new WeakMap<DocumentNode, Map<string, Run>>()
  const execute = makeExecute(({ document, operationName, rootValue, contextValue, variableValues }) => {
    const runs = compiled.get(document) ?? new Map<string, Run>()
    compiled.set(document, runs)
    const known = runs.get(operationName ?? '')
    if (known) return known(rootValue, contextValue, variableValues ?? {})
    const run = compile(document, operationName)
    runs.set(operationName ?? '', run)
    return run(rootValue, contextValue, variableValues ?? {})
  })
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(execute)
    },
  }
}

// graphql-jit writes out a checker for every variable and never ends on a filter, which contains itself. So graphql-js reads the
// variables, and the compiled operation is told that it takes each of them as it comes.
const Coerced = new GraphQLScalarType({ name: 'Coerced', parseValue: (value) => value })
const { types, ...rest } = schema.toConfig()
const withCoerced = new GraphQLSchema({ ...rest, types: [...types, Coerced], assumeValid: true })

function compile(document: DocumentNode, operationName: string | null | undefined): Run {
  const operation = getOperationAST(document, operationName)
  if (!operation) throw new Error(`the document has no operation ${operationName}`) // yoga has looked already
  // What is told of the schema is the committed contract, without `Coerced`.
  if (introspects(document)) {
    return (rootValue, contextValue, variableValues) =>
      execute({ schema, document, operationName, rootValue, contextValue, variableValues })
  }
  const definitions = document.definitions.map((one) => (one === operation ? taking(operation) : one))
  const query = compileQuery(withCoerced, { ...document, definitions }, operationName ?? undefined, {
    disablingCapturingStackErrors: true,
  })
  if (!isCompiledQuery(query)) return () => query
  return (root, context, given) => {
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 50 })
    return coerced ? inOrder(query.query(root, context, coerced)) : { errors }
  }
}

function introspects(document: DocumentNode): boolean {
  let found = false
  visit(document, {
    Field: ({ name }) => {
      if (name.value !== '__schema' && name.value !== '__type') return undefined
      found = true
      return BREAK
    },
  })
  return found
}

/** Errors first, as graphql-js writes them. */
async function inOrder(answer: ExecutionResult | Promise<ExecutionResult>): Promise<ExecutionResult> {
  const { errors, data } = await answer
  return errors === undefined ? { data: data ?? null } : { errors, data: data ?? null }
}

const taking = (operation: OperationDefinitionNode): OperationDefinitionNode => ({
  ...operation,
  variableDefinitions: (operation.variableDefinitions ?? []).map((definition) => {
    // Text and numbers read twice stay what they are, and @include wants to see its Boolean.
    if (isSpecifiedScalarType(namedTypeOf(definition.type))) return definition
    const type = { kind: Kind.NAMED_TYPE as const, name: { kind: Kind.NAME as const, value: Coerced.name } }
    return { kind: Kind.VARIABLE_DEFINITION as const, variable: definition.variable, type }
  }),
})

function namedTypeOf(type: TypeNode): GraphQLNamedType {
  if (type.kind !== Kind.NAMED_TYPE) return namedTypeOf(type.type)
  return schema.getType(type.name.value) ?? Coerced
}
