import { FleetError } from '../../../fleet/error.ts'

const originForm = /^[A-Za-z0-9.:_-]{1,253}$/

/**
 * Consents to a sender of CloudEvents that asks before it sends (CloudEvents webhook, "abuse protection"). It says that we want events, not
 * who may send them: each one is checked by itself. A callback that is offered instead of an answer is never called.
 */
export function grantWebhook(headers: Headers): Response {
  const origin = headers.get('webhook-request-origin') ?? ''
  if (!originForm.test(origin))
    throw new FleetError('invalid', 'OPTIONS asks whether events may be sent: WebHook-Request-Origin must name a host.')
  const rate = headers.get('webhook-request-rate') ?? ''
  const granted = {
    allow: 'POST, OPTIONS',
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': /^[1-9]\d{0,5}$/.test(rate) ? rate : '*',
  }
  return new Response(null, { status: 200, headers: granted })
}
