import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'

const textOf = (file: string) => readFileSync(join(import.meta.dirname, '../../../infra/agent', file), 'utf8')

const deployment = z
  .object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          securityContext: z.unknown(),
          volumes: z.array(z.unknown()),
          containers: z.tuple([
            z.object({
              securityContext: z.unknown(),
              volumeMounts: z.array(z.object({ readOnly: z.literal(true) }).loose()),
              resources: z.object({ limits: z.object({ memory: z.string() }) }),
            }),
          ]),
        }),
      }),
    }),
  })
  .parse(parse(textOf('deployment.yaml'))).spec.template.spec
const [container] = deployment.containers

describe('the manifests of the agent', () => {
  test('ask for nothing that the strictest Pod Security Standard forbids, and write nowhere', () => {
    expect(deployment.securityContext).toMatchObject({
      ...{ runAsNonRoot: true, runAsUser: 65_532 },
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ['ALL'] },
    })
    expect(parse(textOf('namespace.yaml'))).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    })
    expect(textOf('Dockerfile')).toMatch(/^USER 65532$/m)
  })

  test('leave Node room in the memory of the container: it ends with a word, and not by the kernel', () => {
    const heapMiB = Number(/--max-old-space-size=(\d+)/.exec(textOf('Dockerfile'))?.[1])
    const limitMiB = Number(/^(\d+)Mi$/.exec(container.resources.limits.memory)?.[1])
    expect(limitMiB - heapMiB).toBeGreaterThanOrEqual(128)
  })

  test('give it a token that is good for Rollcall alone', () => {
    expect(deployment.volumes).toContainEqual({
      name: 'token',
      projected: {
        sources: [{ serviceAccountToken: { path: 'token', audience: 'rollcall', expirationSeconds: 3_600 } }],
      },
    })
    expect(parse(textOf('agent.yaml'))).toMatchObject({ tokenFile: '/var/run/secrets/rollcall/token' })
  })

  test('let it read what Rollcall reads: no Secrets, no ConfigMaps, and nothing but reading', () => {
    const strings = z.array(z.string())
    const rule = z.object({ apiGroups: strings, resources: strings, verbs: strings, resourceNames: strings.optional() })
    const { rules } = z.object({ rules: z.array(rule) }).parse(parse(textOf('cluster-role.yaml')))
    for (const { apiGroups, verbs } of rules) {
      expect(apiGroups).not.toContain('*')
      expect(['get', 'list', 'watch']).toEqual(expect.arrayContaining(verbs))
    }
    expect(rules.filter(({ apiGroups }) => apiGroups.includes(''))).toEqual([
      { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
    ])
  })
})
