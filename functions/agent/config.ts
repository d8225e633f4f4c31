import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import * as z from 'zod'
import { ended } from '../../fleet/configuration/sentence.ts'
import { FleetError } from '../../fleet/error.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { KubeTarget } from '../../fleet/target.ts'
import { refusalOf } from './kind-names.ts'

/** What the agent is told, checked. Who it is, its token says. */
export interface AgentConfig {
  /** Where all of this is written. */
  readonly file: string
  /** Where Rollcall answers; `/deliveries` is added to its path. */
  readonly server: URL
  /** A file with the token that Rollcall knows the source by; read again for every request. */
  readonly tokenFile: string
  /** A PEM file that vouches for `server`, read again for every request; null: the public authorities do. */
  readonly ca: string | null
  /** An HTTP proxy on the way to `server`; null: none. */
  readonly proxy: URL | null
  /** The API server that is read. */
  readonly kube: KubeTarget
  readonly kinds: { readonly only: ReadonlySet<KindKey> | null; readonly except: ReadonlySet<KindKey> }
  /** Between two signs of life, in s; null: as Rollcall says. It is never rarer than that. */
  readonly heartbeatSeconds: number | null
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
}

const fileBytesMax = 64 * 1024

const text = (what: string) => z.string({ error: what }).trim().min(1, { error: what })
const url = (what: string) =>
  text(what)
    .refine((value) => URL.canParse(value), { error: what })
    .transform((value) => new URL(value))
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])
const serverUrl = url('must be a URL, for example https://rollcall.example').refine(
  ({ protocol, hostname, search, username }) =>
    (protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname))) && search === '' && username === '',
  {
    error:
      'must be an https URL without user or query (http only to this machine), for example https://rollcall.example',
  },
)
const proxyUrl = url('must be a URL, for example http://proxy.example:3128').refine(
  ({ protocol }) => protocol === 'http:' || protocol === 'https:',
  { error: 'must be an http or https URL, for example http://proxy.example:3128' },
)
const kindList = z.array(
  z
    .string({ error: 'must be a group and a kind, for example cluster.x-k8s.io/Cluster' })
    .regex(/^[a-z0-9.-]*\/[A-Za-z0-9]+$/, { error: 'must be a group and a kind, for example cluster.x-k8s.io/Cluster' })
    .transform((key) => key as KindKey) // The pattern is the type's.
    .superRefine((key, context) => {
      const message = refusalOf(key)
      if (message !== null) context.addIssue({ code: 'custom', message })
    }),
  { error: 'must be a list' },
)

const file = z.strictObject(
  {
    server: serverUrl,
    tokenFile: text('must be the path of a file'),
    ca: text('must be the path of a PEM file').optional(),
    proxy: proxyUrl.optional(),
    kubeconfig: z
      .strictObject(
        {
          path: text('must be the path of a kubeconfig'),
          context: text('must be the name of a context').optional(),
        },
        { error: 'must have a path, and may have a context' },
      )
      .optional(),
    kinds: z
      .strictObject({ only: kindList.optional(), except: kindList.optional() }, { error: 'may have only and except' })
      .optional(),
    heartbeatSeconds: z
      .int({ error: 'must be a whole number of seconds, for example 30' })
      .min(5, { error: 'must be at least 5' })
      .max(3600, { error: 'must be at most 3600' })
      .optional(),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'], { error: 'must be trace, debug, info, warn or error' })
      .optional(),
  },
  { error: 'must be a map with server and tokenFile' },
)

/** Reads the file of `--config`, with its paths made absolute. Throws FleetError `invalid` with one sentence that names the field. */
export async function readConfig(path: string): Promise<AgentConfig> {
  const content = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FleetError('invalid', `Configuration ${path} cannot be read (${cause.code ?? cause.message}).`, { cause })
  })
  return parseConfig(content, path)
}

/** The same of a text; `path` is where it lies. YAML, of which JSON is a part. */
export function parseConfig(content: string, path: string): AgentConfig {
  if (content.length > fileBytesMax) throw invalid(path, `is larger than ${fileBytesMax} bytes`)
  const document = parseDocument(content, { prettyErrors: false, uniqueKeys: true })
  const [error] = document.errors
  if (error !== undefined) {
    const line = content.slice(0, error.pos[0]).split('\n').length
    throw invalid(path, `is not YAML: line ${line}: ${error.code}`)
  }
  const parsed = file.safeParse(document.toJS({ maxAliasCount: 10 }))
  if (!parsed.success) throw invalid(path, sentenceOf(parsed.error))
  const { server, tokenFile, ca, proxy, kubeconfig, kinds, heartbeatSeconds, logLevel } = parsed.data
  const absolute = (written: string) => resolve(dirname(path), written)
  return {
    file: path,
    server,
    tokenFile: absolute(tokenFile),
    ca: ca === undefined ? null : absolute(ca),
    proxy: proxy ?? null,
    // Its programs (exec) are run, as kubectl runs them: who names a kubeconfig here means all of it.
    kube:
      kubeconfig === undefined
        ? { inCluster: true }
        : { path: absolute(kubeconfig.path), context: kubeconfig.context, allowExec: true },
    kinds: { only: kinds?.only === undefined ? null : new Set(kinds.only), except: new Set(kinds?.except) },
    heartbeatSeconds: heartbeatSeconds ?? null,
    logLevel: logLevel ?? 'info',
  }
}

function sentenceOf({ issues }: z.ZodError): string {
  const sentences = issues.map((issue) => {
    const place = issue.path.join('.')
    if (issue.code === 'unrecognized_keys')
      return `${place === '' ? '' : `${place}: `}${issue.keys.join(', ')} is not known`
    return place === '' ? issue.message : `${place} ${issue.message}`
  })
  return sentences.join('; ')
}

const invalid = (path: string, what: string): FleetError =>
  new FleetError('invalid', ended(`Configuration ${path}: ${what}`))
