/** Between two signs of life of a sender, in ms: it says at least so often that nothing changed (design.md part 9). */
export const heartbeatMs = 30_000

/** Who may push for a source, as the fleet file says. Nobody else may, and a caller never pushes for two sources. */
export type Registration = KubernetesCaller | EntraCaller | FluxCaller

/** A service account of the source's own cluster, known by a projected token (azure.md 5.3 B). */
export interface KubernetesCaller {
  readonly by: 'kubernetes'
  /** The source's id. */
  readonly source: string
  /** Compared exactly, the slash at its end included. */
  readonly issuer: string
  readonly audience: string
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string
  /** Null: a service account that was deleted and made again is taken for the same one. */
  readonly serviceAccountUid: string | null
  readonly keys: KeyPlace
}

/** Where an issuer's public keys are: in the fleet file, or at the issuer, whom the PEM file `ca` vouches for (null: the public authorities). */
export type KeyPlace =
  | { readonly at: 'file'; readonly jwks: JwkSet }
  | { readonly at: 'issuer'; readonly ca: string | null }

/** Public keys in the form of RFC 7517, checked for being keys. */
export interface JwkSet {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

/** An application of Entra ID with the role `Fleet.Push` (azure.md 5.3 A, 8.1). At least one of `appId` and `objectId` is given. */
export interface EntraCaller {
  readonly by: 'entra'
  readonly source: string
  /** Ids are lower case. */
  readonly tenant: string
  /** The application that stands for Rollcall: a token of version 1 may name it by its id or by its URI. */
  readonly audiences: readonly string[]
  readonly appId: string | null
  readonly objectId: string | null
  /** Origin of Entra ID, where its metadata and keys are. */
  readonly authority: string
  /** Of tokens of either version. */
  readonly issuers: { readonly '1.0': string; readonly '2.0': string }
  /** A PEM file that vouches for `authority`; null: the public authorities do. */
  readonly ca: string | null
}

/** Flux's notification-controller, whose events are hints. The names of settings that hold keys, never keys. */
export interface FluxCaller {
  readonly by: 'flux'
  readonly source: string
  /** Of `generic-hmac` providers: several while a key is being replaced. */
  readonly hmacKeys: readonly string[]
  /** Of `generic` providers, whose Secret brings the header `Authorization: Bearer <key>`. */
  readonly bearerKeys: readonly string[]
}

/** What the name of a setting that holds a key looks like. */
export const keySetting = /^ROLLCALL_KEY_[A-Z0-9_]{1,60}$/
