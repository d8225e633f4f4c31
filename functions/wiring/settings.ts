import * as z from 'zod'
import { FleetError } from '../../fleet/error.ts'
import { keySetting, type Registration } from '../../fleet/push/registration.ts'

/** Everything the environment decides, checked. Nothing else in Rollcall reads the environment. */
export interface Settings {
  /** True under a Functions host that is not a person's own machine. */
  readonly hosted: boolean
  readonly port: number
  /** The address the local host binds to. */
  readonly host: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  /** Path of the fleet file; null when none is configured. */
  readonly fleetFile: string | null
  readonly dataDir: string
  /** Connection string of the queue's storage account; null: the queue in this process (local only). */
  readonly storage: string | null
  /** Who vouches for callers. Token checks are a later version's: until then a server with an issuer answers 401. */
  readonly issuer: string | null
  /** Keys that the fleet file names (`ROLLCALL_KEY_<NAME>`), by setting. A Map, because serializers of logs show nothing of it. */
  readonly keys: ReadonlyMap<string, string>
  readonly logLevel: (typeof logLevels)[number]
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const
/** Settings of the test suite, which the processes it starts inherit. */
const ofTests = ['ROLLCALL_REQUIRE', 'ROLLCALL_CORPUS']
/** A shorter key could be guessed by trying, from one signed message. */
const keyLengthMin = 16

const optional = (problem: string, accepts: (value: string) => boolean) =>
  z.string().refine(accepts, { error: problem }).nullable()

const problems = {
  PORT: 'must be a port number from 0 to 65535, for example 7071',
  HOST: 'must be an address or a host name, for example 127.0.0.1',
  DATABASE_URL: 'must be a PostgreSQL URL, for example postgres://rollcall@db.example:5432/rollcall',
  ROLLCALL_FLEET: 'must be the path of a fleet file, for example ./rollcall.yaml',
  ROLLCALL_DATA: 'must be a folder, for example .rollcall',
  ROLLCALL_ISSUER: 'must be an https URL, for example https://login.microsoftonline.com/<tenant>/v2.0',
  ROLLCALL_LOG: `must be one of ${logLevels.join(', ')}, for example info`,
  AzureWebJobsStorage: 'must be a storage connection string, for example UseDevelopmentStorage=true',
}

const environment = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: problems.PORT })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: problems.PORT }),
  HOST: z.string().regex(/^[A-Za-z0-9.:_-]+$/, { error: problems.HOST }),
  DATABASE_URL: optional(problems.DATABASE_URL, (url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)),
  ROLLCALL_FLEET: optional(problems.ROLLCALL_FLEET, (path) => path.trim() !== ''),
  ROLLCALL_DATA: z.string().refine((path) => path.trim() !== '', { error: problems.ROLLCALL_DATA }),
  ROLLCALL_ISSUER: optional(problems.ROLLCALL_ISSUER, (url) => URL.canParse(url) && url.startsWith('https://')),
  ROLLCALL_LOG: z.enum(logLevels, { error: problems.ROLLCALL_LOG }),
  AzureWebJobsStorage: optional(problems.AzureWebJobsStorage, (text) => /^[A-Za-z]+=./.test(text)),
})

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads and checks the settings. Throws FleetError `invalid` with one sentence naming the setting, its problem and an example;
 * the value itself is never repeated, because some are secrets.
 */
export function readSettings(env: Environment = process.env): Settings {
  refuseUnknown(env)
  const hosted = isHosted(env)
  const said = (name: string) => env[name] || null // An empty setting is an unset one, as in every shell script.
  const parsed = environment.safeParse({
    PORT: said('PORT') ?? '7071',
    HOST: said('HOST') ?? '127.0.0.1',
    DATABASE_URL: said('DATABASE_URL'),
    ROLLCALL_FLEET: said('ROLLCALL_FLEET'),
    ROLLCALL_DATA: said('ROLLCALL_DATA') ?? '.rollcall',
    ROLLCALL_ISSUER: said('ROLLCALL_ISSUER'),
    ROLLCALL_LOG: said('ROLLCALL_LOG') ?? (hosted ? 'info' : 'warn'),
    AzureWebJobsStorage: said('AzureWebJobsStorage'),
  })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new FleetError('invalid', `${String(issue?.path[0])} ${issue?.message}.`)
  }
  const { data } = parsed
  const settings: Settings = {
    hosted,
    port: data.PORT,
    host: data.HOST,
    databaseUrl: data.DATABASE_URL,
    fleetFile: data.ROLLCALL_FLEET,
    dataDir: data.ROLLCALL_DATA,
    storage: data.AzureWebJobsStorage,
    issuer: data.ROLLCALL_ISSUER,
    keys: keysOf(env),
    logLevel: data.ROLLCALL_LOG,
  }
  refuseOpenDoors(settings)
  return settings
}

/** True for addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host)

/**
 * Any Functions host counts, except a developer's own (`func start` says Development, and has no site).
 * WEBSITE_SITE_NAME and WEBSITE_INSTANCE_ID are set by the platform, so that a stray Development setting opens nothing.
 */
function isHosted(env: Environment): boolean {
  if (env.WEBSITE_SITE_NAME || env.WEBSITE_INSTANCE_ID || env.WEBSITE_POD_NAME) return true
  const functionsHost =
    env.FUNCTIONS_WORKER_RUNTIME ?? env.AZURE_FUNCTIONS_ENVIRONMENT ?? env.FUNCTIONS_EXTENSION_VERSION
  return functionsHost !== undefined && env.AZURE_FUNCTIONS_ENVIRONMENT !== 'Development'
}

/** An editor's or a Secret's newline at the end would be part of the key, and no signature would ever agree. */
function keysOf(env: Environment): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (!keySetting.test(name) || !value) continue
    if (value.length < keyLengthMin || value !== value.trim()) {
      const problem = `must be a key of at least ${keyLengthMin} characters without white space around it, for example the output of: openssl rand -hex 32`
      throw new FleetError('invalid', `${name} ${problem}.`)
    }
    keys.set(name, value)
  }
  return keys
}

function refuseUnknown(env: Environment): void {
  const known = [...Object.keys(problems), ...ofTests].filter((name) => name.startsWith('ROLLCALL_'))
  const unknown = Object.keys(env).find(
    (name) => name.startsWith('ROLLCALL_') && !known.includes(name) && !keySetting.test(name),
  )
  if (unknown === undefined) return
  const names = [...known.filter((name) => !ofTests.includes(name)), 'ROLLCALL_KEY_<NAME>'].join(', ')
  throw new FleetError('invalid', `${unknown} is not a setting of Rollcall; unset it, or use one of ${names}.`)
}

/** Issue: "binds to loopback; on any other address, or in Azure, it refuses to start until an issuer is configured". */
function refuseOpenDoors(settings: Settings): void {
  if (settings.hosted && settings.databaseUrl === null) {
    throw new FleetError(
      'invalid',
      `DATABASE_URL is not set, and each instance would keep a private database: it ${problems.DATABASE_URL}.`,
    )
  }
  if (settings.issuer !== null) return
  if (settings.hosted) {
    throw new FleetError(
      'invalid',
      `ROLLCALL_ISSUER is not set, and in Azure anybody could read the fleet: it ${problems.ROLLCALL_ISSUER}.`,
    )
  }
  if (!isLoopback(settings.host)) {
    throw new FleetError(
      'invalid',
      'HOST must be a loopback address such as 127.0.0.1 as long as ROLLCALL_ISSUER is not set, because nobody would check who asks.',
    )
  }
}

/** Throws FleetError `invalid` where the fleet file names a key that is not set: every event signed with it would be refused. */
export function refuseMissingKeys(registrations: readonly Registration[], { keys }: Pick<Settings, 'keys'>): void {
  for (const registration of registrations) {
    if (registration.by !== 'flux') continue
    const missing = [...registration.hmacKeys, ...registration.bearerKeys].find((name) => !keys.has(name))
    if (missing === undefined) continue
    throw new FleetError(
      'invalid',
      `${missing} is not set, and the fleet file names it as a key of "${registration.source}"; set it to what the Secret of the Flux Provider holds.`,
    )
  }
}
