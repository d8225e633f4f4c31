import type { GraphQLSchema } from 'graphql'
import { isObjectType } from 'graphql'
import { builder } from './builder.ts'
import './scalars.ts'
import './cluster.ts'
import './cluster-place.ts'
import './cluster-verdict.ts'
import './cluster-query.ts'
import './cluster-aggregate.ts'
import './source-azure.ts'
import './provider.ts'
import './cluster-change.ts'
import './finding-query.ts'
import './drift-query.ts'
import './drift-aggregate.ts'
import './gitops-query.ts'
import './waiver.ts'
import './waiver-mutation.ts'
import './policy.ts'
import './support.ts'
import './compliance.ts'
import './forecast.ts'
import './outlier.ts'
import './promotion.ts'
import './node.ts'
import './viewer.ts'

export const schema = plain(builder.toSchema())

/** Every page is a plain object: the relay plugin's pass-through resolvers would be called once per row for nothing. */
function plain(built: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(built.getTypeMap())) {
    if (!isObjectType(type) || !/(Connection|Edge)$/.test(type.name)) continue
    for (const field of Object.values(type.getFields())) delete field.resolve
  }
  return built
}
