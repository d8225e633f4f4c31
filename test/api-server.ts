import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { apiServerAssets } from './require.ts'

const run = promisify(execFile)

/** A real kube-apiserver with its etcd, on loopback, holding CRDs of the corpus. */
export interface ApiServer {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string
  /** Paths of kubeconfig files: admin; list and watch of nearly everything; no rights at all. */
  readonly kubeconfig: string
  readonly readerKubeconfig: string
  readonly nobodyKubeconfig: string
  /** Ends both servers and starts them again on the same data: the watch cache then knows no older resourceVersion. */
  restart(): Promise<void>
  /** Makes etcd forget every revision before the present one: continue tokens die at once. Gives that revision. */
  compact(): Promise<number>
  stop(): Promise<void>
}

export interface ApiServerOptions {
  /** Newest or oldest CRDs of the corpus; null for a server without any. */
  readonly crds: 'new' | 'old' | null
  /** Regular expression over `<project>/<version>/<file>` (kube-crds.mjs); fewer CRDs need less memory and time. */
  readonly only?: string
}

/** The tools that run API servers: `ROLLCALL_ENVTEST`, or the folder beside the checkout. */
function toolsDir(): string {
  return resolve(process.env.ROLLCALL_ENVTEST ?? join(import.meta.dirname, '../../shared/tools/envtest'))
}

/** True when a real API server can be started here; says so where it cannot. */
export function apiServerPresent(): boolean {
  return apiServerAssets() !== null && existsSync(join(toolsDir(), 'kube-up'))
}

const startTries = 5
/** Ports above 32768 are given out by the system, so that a start there can fail with "address already in use". */
const ports = { first: 20_000, last: 32_000 }

/** Starts one server (about 5 s and 0.5 GiB, more with many CRDs). Call `stop` in `afterAll`. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const dir = await mkdtemp(join(tmpdir(), 'rollcall-apiserver-'))
  const tool = (name: string) => join(toolsDir(), name)
  const down = (...flags: string[]) => run(tool('kube-down'), [...flags, dir])
  try {
    const base = await up(tool('kube-up'), dir)
    const kubeconfig = join(dir, 'kubeconfig')
    if (options.crds !== null) {
      const only = options.only === undefined ? [] : ['--only', options.only]
      await run(process.execPath, [tool('kube-crds.mjs'), '--kubeconfig', kubeconfig, '--era', options.crds, ...only])
    }
    return {
      url: readFileSync(join(dir, 'server.url'), 'utf8').trim(),
      kubeconfig,
      readerKubeconfig: join(dir, 'kubeconfig-reader'),
      nobodyKubeconfig: join(dir, 'kubeconfig-nobody'),
      restart: async () => {
        await down()
        await run(tool('kube-up'), [dir, String(base)])
      },
      compact: () => compact(readFileSync(join(dir, 'etcd.url'), 'utf8').trim()),
      stop: async () => {
        await down('--wipe')
      },
    }
  } catch (error) {
    await down('--wipe').catch(() => undefined)
    throw error
  }
}

async function up(kubeUp: string, dir: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const base = randomInt(ports.first / 10, ports.last / 10) * 10
    try {
      await run(kubeUp, [dir, String(base)])
      return base
    } catch (error) {
      if (attempt === startTries) throw error
    }
  }
}

/** etcd's JSON gateway, so that no etcd client is needed. */
async function compact(etcd: string): Promise<number> {
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${path}: ${text}`)
    return text
  }
  const revision = /"revision":"(\d+)"/.exec(await post('/v3/kv/range', { key: 'AA==' }))?.[1]
  if (revision === undefined) throw new Error('etcd told no revision')
  await post('/v3/kv/compaction', { revision, physical: true })
  return Number(revision)
}
