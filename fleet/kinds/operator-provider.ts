import { readGeneric } from '../families/generic.ts'
import { defined, definedOrNone, text } from '../wire.ts'
import type { Kind } from './kind.ts'

/**
 * A provider that the Cluster API operator keeps, where no clusterctl leaves its notes: of a kind per type, named as clusterctl names
 * it, with the version that is installed (cluster-api-operator `api/v1alpha2`).
 */
const operatorProvider = (kind: string): Kind => ({
  group: 'operator.cluster.x-k8s.io',
  kind,
  reach: { by: 'kube', plural: `${kind.toLowerCase()}s`, versions: ['v1alpha2', 'v1alpha1'] },
  part: 'none',
  ofSource: true,
  normalise: (object) => {
    const { spec, status, ref } = object
    return {
      ...readGeneric(object),
      facts: defined({
        versionDeclared: text(spec.version),
        more: definedOrNone({
          providerName: ref.name,
          type: kind,
          version: text(status.installedVersion),
          contract: text(status.contract),
        }),
      }),
    }
  },
})

export const operatorProviders: readonly Kind[] = [
  'CoreProvider',
  'BootstrapProvider',
  'ControlPlaneProvider',
  'InfrastructureProvider',
  'AddonProvider',
  'IPAMProvider',
  'RuntimeExtensionProvider',
].map(operatorProvider)
