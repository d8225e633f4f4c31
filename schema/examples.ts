/** What GraphiQL opens with: three questions that a newcomer has. */
export const examples: readonly string[] = [
  `# Which clusters exist, where, on what version, how they are, and how old that answer is.
query Clusters {
  clusters(first: 20, orderBy: { field: HEALTH }) {
    totalCount
    coverage { complete staleSources { name state lastSuccessAt } }
    nodes {
      name
      environment
      region
      provider
      owner { team }
      kubernetes { raw }
      health { state underlying reason message since }
      freshness { state lagSeconds source { name } }
      rootCause { kind name message }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  `# How many clusters per minor version and health.
query VersionsByHealth {
  clusterAggregate(groupBy: [MINOR, HEALTH]) {
    total
    buckets { count keys { dimension value } }
    coverage { complete expectedSources reportingSources }
  }
}
`,
  `# What Rollcall reads, what stands in its way, and what is therefore last-known only.
query Sources {
  sources(first: 50) {
    nodes {
      name
      freshness { state observedAt }
      lastErrorCode
      lastErrorMessage
      consecutiveFailures
      clusterCount { total lastKnown }
      readings { kind state trouble { code message } rejectedCount }
    }
  }
}
`,
]
