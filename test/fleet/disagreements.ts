/** Target cases in which Rollcall says something else than the peer, each with its reason (domain.md 3.6). */
export const disagreements: Readonly<Record<string, string>> = {
  'argo-cd/0547': 'Argo calls every Flux Ready=False Degraded; DependencyNotReady waits, so Rollcall says Progressing',
  'rancher-wrangler/1308':
    "Wrangler reads Rancher's own Machine condition Reconciled, False as an error; Rollcall does not",
  'rancher-wrangler/1309':
    "Wrangler reads Rancher's own Machine condition Reconciled, False as an error; Rollcall does not",
}
