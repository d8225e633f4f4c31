import { readAso } from '../families/aso.ts'
import { regionOf } from '../families/azure-id.ts'
import { defined, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const asoResourceGroup: Kind = {
  group: 'resources.azure.com',
  kind: 'ResourceGroup',
  reach: { by: 'kube', plural: 'resourcegroups', versions: 'newest' },
  part: 'infrastructure',
  normalise: (object) =>
    readAso(
      object,
      defined({
        armId: text(object.status.id),
        region: regionOf(object.status.location) ?? regionOf(object.spec.location),
      }),
    ),
  judgedWithRelatives: true,
}
