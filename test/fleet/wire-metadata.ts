/** What wire objects of `wire-object.ts` have in common. */
export const at = (i: number, minutes = 0): string =>
  new Date(Date.UTC(2026, 4, 1 + (i % 27), i % 24, (i + minutes) % 60, i % 60)).toISOString().replace('.000', '')

export const condition = (i: number, type: string, status: string, reason: string, more: object = {}) => ({
  lastTransitionTime: at(i, type.length),
  message:
    status === 'False' && i % 3 === 0 ? `* ${type}: waiting for object number ${i} to report a state of its own` : '',
  observedGeneration: 1 + (i % 7),
  reason,
  status,
  type,
  ...more,
})

export const legacy = (i: number, type: string) => ({ lastTransitionTime: at(i, type.length), status: 'True', type })

/** Names of fields as `managedFields` lists them; their content is dropped unread. */
const fields = (i: number, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      `f:${name}`,
      i % 2 === 0 ? {} : { '.': {}, [`k:{"type":"${name}"}`]: { '.': {}, 'f:status': {}, 'f:type': {} } },
    ]),
  )

const managedFields = (i: number) => [
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': fields(i, ['annotations', 'labels', 'ownerReferences', 'finalizers']),
      'f:spec': fields(i + 1, [
        'clusterName',
        'replicas',
        'selector',
        'template',
        'version',
        'bootstrap',
        'infrastructureRef',
        'deletion',
      ]),
    },
    manager: 'capi-topology',
    operation: 'Apply',
    time: at(i),
  },
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:status': fields(i + 1, [
        'conditions',
        'replicas',
        'readyReplicas',
        'availableReplicas',
        'upToDateReplicas',
        'phase',
        'observedGeneration',
        'selector',
        'versions',
        'nodeInfo',
      ]),
    },
    manager: 'manager',
    operation: 'Update',
    subresource: 'status',
    time: at(i, 9),
  },
]

export const metadata = (i: number, name: string, more: object = {}) => ({
  annotations: {
    'cluster.x-k8s.io/cloned-from-groupkind': 'Template.infrastructure.cluster.x-k8s.io',
    'cluster.x-k8s.io/cloned-from-name': `template-${i % 40}`,
  },
  creationTimestamp: at(i),
  finalizers: ['cluster.x-k8s.io/finalizer'],
  generation: 1 + (i % 7),
  labels: {
    'cluster.x-k8s.io/cluster-name': `prod-${i % 500}`,
    environment: ['prod', 'stage', 'dev'][i % 3],
    owner: `team-${i % 20}`,
    'topology.cluster.x-k8s.io/owned': '',
  },
  managedFields: managedFields(i),
  name,
  namespace: `fleet-${i % 10}`,
  ownerReferences: [
    {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      blockOwnerDeletion: true,
      controller: true,
      kind: 'Cluster',
      name: `prod-${i % 500}`,
      uid: uid(i % 500),
    },
  ],
  resourceVersion: String(1_000_000 + i),
  uid: uid(i),
  ...more,
})

const uid = (i: number): string =>
  `${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}-1c2d-4e3f-9a4b-${i.toString(16).padStart(12, '0')}`
