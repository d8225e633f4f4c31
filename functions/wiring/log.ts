import { type Logger, pino } from 'pino'
import type { Settings } from './settings.ts'

/** Names of fields that hold credentials, at the top of a line or one step below. */
const secrets = ['token', 'password', 'authorization', 'connectionString', 'databaseUrl', 'kubeconfig']

/** One JSON line per event on stderr, so that stdout stays for what a person is told. Credentials are cut out. */
export function openLog(settings: Pick<Settings, 'logLevel'>): Logger {
  const paths = secrets.flatMap((name) => [name, `*.${name}`])
  return pino(
    { level: settings.logLevel, base: null, redact: { paths, censor: '(removed)' } },
    pino.destination({ dest: 2, sync: true }),
  )
}
