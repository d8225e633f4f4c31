import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'

/** A request as it is put onto the line. */
export interface Call {
  readonly path: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  /** A function makes the pieces of one that is too long to be held; such a body is sent in chunks, without its length. */
  readonly body: Uint8Array | (() => Iterable<Uint8Array>) | null
}

export interface Answer {
  /** 0: the server closed the connection without a word. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const patienceMs = 30_000

/** Sends a request over HTTP. A server may answer before it has heard all of it, and close. */
export async function send(url: string, given: Call, by: Agent = agent): Promise<Answer> {
  const { path, method = 'POST', headers, body } = given
  // A body that may be left in the middle leaves its connection unfit for another.
  const streams = typeof body === 'function'
  const length = body instanceof Uint8Array ? { 'content-length': String(body.length) } : {}
  const call = request(url + path, { method, headers: { ...length, ...headers }, agent: streams ? new Agent() : by })
  call.setTimeout(patienceMs, () => call.destroy(new Error(`no answer in ${patienceMs} ms`)))
  return new Promise((resolve, reject) => {
    let answered = false
    call.on('response', (response: IncomingMessage) => {
      answered = true
      textOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        if (streams) call.destroy()
      }, reject)
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (answered) return
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
      // A server may close a connection that was idle just when it is used again (RFC 9112, 9.5): that is no answer yet.
      else if (call.reusedSocket) resolve(send(url, given, new Agent()))
      else resolve({ status: 0, headers: {}, text: '' })
    })
    if (typeof body === 'function')
      Readable.from(body(), { objectMode: false })
        .on('error', () => undefined)
        .pipe(call)
    else call.end(body ?? undefined)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
