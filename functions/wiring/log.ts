import { type Logger, pino } from 'pino'
import type { Settings } from './settings.ts'

/** Names of fields that hold credentials, at the top of a line or one step below. */
const secrets = ['token', 'password', 'authorization', 'connectionString', 'databaseUrl', 'kubeconfig']

/** A statement's parameters, as drizzle writes them behind its text. */
const parameters = /\nparams:[\s\S]*?(?=\n {4}at |\ncaused by|$)/g

/** What is said of an error. Drivers hang the statement and its parameters onto theirs: whole pages of a fleet, which are not for logs. */
function errorOf(error: Error): object {
  const { type, message, stack } = pino.stdSerializers.err(error)
  const code = 'code' in error ? error.code : undefined
  return { type, code, message: message.replace(parameters, ''), stack: stack.replace(parameters, '') }
}

/** One JSON line per event on stderr, so that stdout stays for what a person is told. Credentials are cut out. */
export function openLog(settings: Pick<Settings, 'logLevel'>): Logger {
  const paths = secrets.flatMap((name) => [name, `*.${name}`])
  return pino(
    { level: settings.logLevel, base: null, serializers: { err: errorOf }, redact: { paths, censor: '(removed)' } },
    pino.destination({ dest: 2, sync: true }),
  )
}
