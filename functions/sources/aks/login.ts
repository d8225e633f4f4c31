import { hash } from 'node:crypto'
import type { ClusterId } from '../../../fleet/azure/cluster-id.ts'
import { openArm } from '../azure/arm.ts'
import { CredentialError, credentialOf } from '../azure/credential.ts'
import type { AzureLine } from '../azure/line.ts'
import type { KubeCredentials } from '../kube-config.ts'
import type { Result } from '../trouble.ts'
import { type ApiServer, apiServerOf } from './kubeconfig.ts'

/** How a cluster is called in sentences. */
export const nameOf = ({ name, group, subscription }: ClusterId): string =>
  `AKS cluster ${name} of resource group ${group} in subscription ${subscription}`

/** Asks ARM where a cluster's API server is. One of a scarce bucket (azure.md 1.6): to be kept. */
export async function askApiServer(line: AzureLine, cluster: ClusterId): Promise<Result<ApiServer>> {
  const kubeconfig = await openArm(line, cluster.subscription).userKubeconfig(cluster)
  if (kubeconfig.trouble !== undefined) return kubeconfig
  const found = apiServerOf(kubeconfig.value)
  if (typeof found !== 'string') return { value: found }
  const message = `source ${line.source}: the kubeconfig of ${nameOf(cluster)} ${found}`
  return { trouble: { code: 'Misconfigured', message } }
}

/** Today's credentials at an API server: a token of Entra ID, and nothing that outlives it. */
export async function aksCredentialsOf(line: AzureLine, { server, ca }: ApiServer): Promise<Result<KubeCredentials>> {
  const { account, budget } = line
  try {
    const token = await credentialOf(account).getToken(account.cloud.aksScope, { abortSignal: budget.signal })
    if (token === null) throw new Error('a credential without a token')
    return {
      value: {
        server,
        tls: { ca, cert: undefined, key: undefined, servername: undefined, rejectUnauthorized: true },
        proxy: null,
        headers: { authorization: `Bearer ${token.token}` },
        fingerprint: hash('sha256', `${server}\0${ca}`, 'hex'),
        expiresAt: new Date(token.expiresOnTimestamp),
        withoutCa: null,
      },
    }
  } catch (error) {
    if (error instanceof CredentialError) return { trouble: error.trouble }
    throw error
  }
}
