import { text } from './wire.ts'

/** Longest message that is kept; some controllers put whole manifests there. */
export const messageCharsMax = 4096

const urlUser = /:\/\/[^\s/?#"'`<>]*@/g
const signature =
  /([?&](?:[\w.-]{0,40}(?:token|secret|passw(?:or)?d|signature|credential|api[_-]?key)|sig|code)=)[^\s&"'`<>]+/gi
const helmValue = /(--set(?:-string|-file|-json|-literal)?[= ])("[^"]*"|'[^']*'|\S+)/g

/**
 * What a controller says, for showing. Without the secrets that messages repeat: users in URLs, signed queries, and the
 * Helm values on the command lines that Argo CD quotes. Cut to `messageCharsMax`.
 */
export function messageOf(value: unknown): string | undefined {
  const message = text(value)
  if (message === undefined) return undefined
  const said = withoutSecrets(message)
  // The cut may fall between the halves of one character.
  return said.length > messageCharsMax ? `${said.slice(0, messageCharsMax - 1).toWellFormed()}…` : said
}

/** A text without the secrets that `messageOf` knows, whole. Doing it twice changes nothing more. */
export function withoutSecrets(message: string): string {
  if (!message.includes('://') && !message.includes('--set')) return message
  return message.replace(urlUser, '://').replace(signature, '$1…').replace(helmValue, '$1…')
}

/** A URL of a spec as far as it names a place: people write credentials before the host and after the path. */
export function placeOf(value: unknown): string | undefined {
  const url = text(value)
  if (!url?.includes('://')) return url
  return url.replace(urlUser, '://').split(/[?#]/, 1)[0]
}
