/** Every limit of a poll, in one place (style.md 2.5). Durations in ms, sizes in bytes. */
export const pollLimits = {
  /** One invocation's share; a source that needs more continues in the next. */
  timeMs: 90_000,
  /** As they travel, compressed. */
  bytes: 256 * 1024 * 1024,
  requests: 2_000,
  /** One request, from asking to its last byte. */
  requestMs: 30_000,
  connectMs: 10_000,
  /** Objects asked for in one page; the API server's own clients use the same. */
  pageObjects: 500,
  /** Unpacked. etcd refuses objects over 1.5 MiB, so one page of one object fits, but for odd servers'. */
  pageBytes: 8 * 1024 * 1024,
  /** Unpacked: one object over `pageBytes`, read only for its name and for the way to those behind it. */
  objectBytes: 64 * 1024 * 1024,
  /** A list with more pages has no end: a million objects of one kind at full pages. */
  pages: 2_000,
  /** Restarts of a list whose token expired, before an inconsistent rest is accepted (domain.md 6). */
  restarts: 2,
  watchSeconds: 2,
  /** Beyond its timeout, before a watch counts as broken. */
  watchGraceMs: 5_000,
  /** Events held in memory until their watches end: all kinds together, and one kind. More is cheaper as a LIST. */
  watchBytes: 16 * 1024 * 1024,
  watchEvents: 2_000,
  /** A full LIST even though catch-up works, since a server's cache can lag (design.md 8.2). Jittered by a quarter. */
  relistMs: 600_000,
  /** A Retry-After longer than this is left to the next poll. */
  patienceMs: 20_000,
  tries: 4,
  /** A first poll that goes on for longer than this after the Cluster kind was read shows its clusters before its end. */
  composeAfterMs: 5_000,
  /** Reading a kubeconfig, refreshing its token, running its plugin: a plugin that asks a person waits forever. */
  credentialsMs: 30_000,
  /** Kinds in a row that found the server away, before the rest are not tried. */
  silences: 2,
} as const

export type PollLimits = { readonly [K in keyof typeof pollLimits]: number }

/** What one poll may still spend. Mutable: the requests of one poll share it. */
export interface Budget {
  readonly limits: PollLimits
  /** Aborted when the host wants its thread back. */
  readonly signal: AbortSignal
  bytes: number
  requests: number
  /** ms left of the poll's time. */
  leftMs(): number
  /** True when nothing more should be begun. */
  spent(): boolean
}

/** A fresh budget, running from now. `clock` is monotonic, in ms. */
export function openBudget(limits: PollLimits, signal: AbortSignal, clock = () => performance.now()): Budget {
  const end = clock() + limits.timeMs
  const budget: Budget = {
    limits,
    signal,
    bytes: 0,
    requests: 0,
    leftMs: () => Math.max(0, end - clock()),
    spent: () => signal.aborted || clock() >= end || budget.bytes >= limits.bytes || budget.requests >= limits.requests,
  }
  return budget
}
