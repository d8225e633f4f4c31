import { boundsOf, capaVersions, groupFacts, osOf } from '../families/capa.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** An EKS node group. Ready sums up EKSNodegroupReady, IAMNodegroupRolesReady and LaunchTemplateReady (CAPA `exp/controllers`). */
export const capaAwsManagedMachinePool = providerKind(
  { kind: 'AWSManagedMachinePool', plural: 'awsmanagedmachinepools', part: 'pool', versions: capaVersions },
  {
    rolls: true,
    facts: (object) => {
      const { spec } = object
      const { replicas, launchTemplateVersion, vmSize } = groupFacts(object)
      return defined({
        replicas,
        pool: definedOrNone({ name: text(spec.eksNodegroupName), vmSize, os: osOf(spec.amiType) }),
        more: definedOrNone({
          amiType: text(spec.amiType),
          amiVersion: text(spec.amiVersion),
          capacityType: text(spec.capacityType),
          launchTemplateVersion,
          ...boundsOf(spec.scaling),
        }),
      })
    },
  },
)
