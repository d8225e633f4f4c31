import { CallerError } from '../../../../functions/push/caller/refusal.ts'

/** `401 The token …`: how a call was turned away, or whom it let in. */
export async function outcomeOf(call: Promise<{ readonly source: string }>): Promise<string> {
  try {
    return `in as ${(await call).source}`
  } catch (error) {
    if (error instanceof CallerError) return `${error.status} ${error.message}`
    throw error
  }
}

/** A request that shows a token. */
export const showing = (token: string | null): Request =>
  new Request('https://rollcall.example/deliveries', {
    method: 'POST',
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  })
