import { pollLimits } from '../sources/budget.ts'

const mebibyte = 1024 * 1024

/**
 * Every limit of the agent. Durations in ms, sizes in bytes. What it holds in memory follows from them: of every object its name and its
 * print (under 400 bytes), of one LIST at a time two pages, of changes that wait one batch, and one request on its way.
 */
export const agentLimits = {
  ...pollLimits,
  // A long life has no budget of time, bytes or requests; each request has its own.
  timeMs: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  requests: Number.POSITIVE_INFINITY,
  /** Fewer than a poll asks for: a page is held whole, in and out, and its projection with it. */
  pageObjects: 200,
  /** So that a page fits into a request whatever it holds. */
  pageBytes: 4 * mebibyte,
  objectBytes: 16 * mebibyte,
  /** Changes wait so long for others before they are sent together. */
  flushMs: 200,
  /** Changes that wait while a request is on its way. More of a kind are read again instead. */
  batchObjects: 1_000,
  batchBytes: 2 * mebibyte,
  /** A watch ends after so long, less up to a quarter, and goes on. */
  watchSeconds: 270,
  /** A watch that broke sooner counts as another failure in a row. */
  steadyMs: 60_000,
  /** A kind is listed again after so long, less up to a quarter, though its watch goes on: a server's cache can lag (design.md 8.2). */
  relistMs: 6 * 3_600_000,
  /** Objects of one repair: of more, a full reading is cheaper. */
  repairObjects: 1_000,
  /** One request to Rollcall, from asking to its last byte. */
  sendMs: 60_000,
  answerBytes: 4 * mebibyte,
  /** A Retry-After is believed up to here. */
  retryAfterMaxMs: 600_000,
  /** Between two attempts: twice as long each time, with jitter. */
  backoffFirstMs: 1_000,
  backoffMaxMs: 60_000,
  /** Before a session is opened although another sender opened one: twice as long each time, with jitter, so that two never fight. */
  supersededFirstMs: 60_000,
  supersededMaxMs: 3_600_000,
  /** However rarely Rollcall wants to hear: connections that carry watches are proven to be alive so often. */
  heartbeatMaxMs: 60_000,
  /** Between two heartbeats that Rollcall asked for. */
  heartbeatMinMs: 1_000,
  /** Watches of all kinds, where a proxy speaks HTTP/1 only. */
  connections: 500,
} as const

export type AgentLimits = { readonly [K in keyof typeof agentLimits]: number }
