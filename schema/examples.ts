/** What GraphiQL opens with: questions that a newcomer has. */
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
  `# Which prod clusters in the EU leave support within 60 days, who owns them, and where they can go.
query LeavingSupport {
  clusters(
    first: 100
    filter: { environment: { eq: "prod" }, geography: { eq: "EU" }, supportDaysLeft: { gte: 0, lt: 61 } }
  ) {
    totalCount
    coverage { complete staleSources { name state } }
    nodes {
      name
      region
      owner { team contact }
      kubernetes { raw }
      support { phase plan endsAt daysLeft calendarSource asOf upgradeTargets }
      freshness { state observedAt }
    }
  }
}
`,
  `# How many clusters comply with the policies, by team, and what is found on those that do not.
query Compliance {
  compliance(groupBy: [OWNER]) {
    total { clusters compliant failing waived unknown ratio }
    groups { keys { value } clusters failing unknown ratio }
    coverage { complete }
  }
  findings(first: 20, filter: { outcome: { eq: FAIL } }, orderBy: { field: SINCE, descending: true }) {
    totalCount
    nodes { severity cluster { name } rule message since evidence { field expected actual source asOf } }
  }
}
`,
  `# What differs from what was declared and applied, the worst first, and how much of it there is. UNKNOWN: nobody looks.
query Drift {
  driftAggregate(by: [CODE, OUTCOME]) {
    totalCount
    clusters
    buckets { count clusters key { code outcome } }
    coverage { complete staleSources { name state } }
  }
  drift(first: 20, filter: { outcome: { eq: FAIL } }, orderBy: { field: SEVERITY }) {
    totalCount
    nodes { code severity cluster { name } source { name } subject { kind name } field expected actual message violatedSince stale }
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
