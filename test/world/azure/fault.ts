/**
 * Ways in which Azure can go wrong, on demand. `on` limits a fault to one operation (`list`, `get`, `versions`, `credential`,
 * `graph`, `token`) or to one subscription (its id), `times` to so many requests.
 */
export type AzureFault = { readonly on?: string; readonly times?: number } & (
  | /** Takes requests and never answers. */ { readonly fault: 'silent' }
  | /** 429; AKS names a time to wait, Azure Resource Manager sometimes none (null). */ {
      readonly fault: 'throttled'
      readonly retryAfterSeconds: number | null
    }
  | { readonly fault: 'error'; readonly code: 500 | 502 | 503 }
  | /** 403, and Resource Graph leaves the subscription out. */ { readonly fault: 'forbidden' }
  | /** The role was taken away: lists are whole and empty, a GET is refused. */ { readonly fault: 'revoked' }
  | /** Lists are whole and leave out all but so many; a GET finds every one. */ {
      readonly fault: 'shrunken'
      readonly keep: number
    }
  | /** 200 and a body without `value` (Resource Graph: without `data`). */ { readonly fault: 'valueless' }
  | /** The next page is on another host. */ { readonly fault: 'foreignNextLink' }
  | /** Lists have no end: every page names the same next one. */ { readonly fault: 'endless' }
  | /** One item of each list cannot be read. */ { readonly fault: 'badItem' }
  | /** A proxy's login page instead of JSON. */ { readonly fault: 'wrong' }
  | /** The token is no longer taken. */ { readonly fault: 'expired' }
  | /** No token is given: the client secret has expired. */ { readonly fault: 'secretExpired' }
  | /** Resource Graph cuts its answer short and offers no next page. */ { readonly fault: 'cut' }
)
