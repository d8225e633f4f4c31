import { describe, expect, it } from 'vitest'
import { parseFleet } from '../../../fleet/configuration.ts'
import { isLoopback, readSettings, refuseMissingKeys } from '../../../functions/wiring/settings.ts'

const azure = {
  FUNCTIONS_WORKER_RUNTIME: 'node',
  WEBSITE_SITE_NAME: 'rollcall',
  DATABASE_URL: 'postgres://rollcall@db/rollcall',
  ROLLCALL_ISSUER: 'https://login.example/v2.0',
}

describe('settings', () => {
  it('have a default each on a machine of one’s own', () => {
    expect(readSettings({})).toEqual({
      hosted: false,
      port: 7071,
      host: '127.0.0.1',
      databaseUrl: null,
      fleetFile: null,
      dataDir: '.rollcall',
      storage: null,
      issuer: null,
      keys: new Map(),
      logLevel: 'warn',
    })
  })

  it('take an empty one for an unset one', () => {
    expect(readSettings({ DATABASE_URL: '', PORT: '' })).toEqual(readSettings({}))
  })

  it.each([
    [{ PORT: '70710' }, 'PORT must be a port number from 0 to 65535, for example 7071.'],
    [{ PORT: 'seven' }, 'PORT must be a port number from 0 to 65535, for example 7071.'],
    [{ HOST: 'a b' }, 'HOST must be an address or a host name, for example 127.0.0.1.'],
    [
      { DATABASE_URL: 'mysql://u:secret@h/d' },
      'DATABASE_URL must be a PostgreSQL URL, for example postgres://rollcall@db.example:5432/rollcall.',
    ],
    [{ ROLLCALL_LOG: 'loud' }, 'ROLLCALL_LOG must be one of trace, debug, info, warn, error, for example info.'],
    [
      { ROLLCALL_ISSUER: 'http://x' },
      'ROLLCALL_ISSUER must be an https URL, for example https://login.microsoftonline.com/<tenant>/v2.0.',
    ],
    [
      { AzureWebJobsStorage: 'yes' },
      'AzureWebJobsStorage must be a storage connection string, for example UseDevelopmentStorage=true.',
    ],
    [
      { ROLLCALL_FLET: 'x' },
      'ROLLCALL_FLET is not a setting of Rollcall; unset it, or use one of ROLLCALL_FLEET, ROLLCALL_DATA, ROLLCALL_ISSUER, ROLLCALL_LOG, ROLLCALL_KEY_<NAME>.',
    ],
    [
      { ROLLCALL_KEY_WEU: 'hunter2' },
      'ROLLCALL_KEY_WEU must be a key of at least 16 characters without white space around it, for example the output of: openssl rand -hex 32.',
    ],
    [
      { ROLLCALL_KEY_WEU: 'a key with a newline\n' },
      'ROLLCALL_KEY_WEU must be a key of at least 16 characters without white space around it, for example the output of: openssl rand -hex 32.',
    ],
    [
      { ROLLCALL_KEY_weu: '0123456789abcdef' },
      'ROLLCALL_KEY_weu is not a setting of Rollcall; unset it, or use one of ROLLCALL_FLEET, ROLLCALL_DATA, ROLLCALL_ISSUER, ROLLCALL_LOG, ROLLCALL_KEY_<NAME>.',
    ],
    [
      { HOST: '0.0.0.0' },
      'HOST must be a loopback address such as 127.0.0.1 as long as ROLLCALL_ISSUER is not set, because nobody would check who asks.',
    ],
    [
      { HOST: '127.0.0.1.evil.example' },
      'HOST must be a loopback address such as 127.0.0.1 as long as ROLLCALL_ISSUER is not set, because nobody would check who asks.',
    ],
  ])('refuse %j in one sentence that never repeats the value', (env, sentence) => {
    expect(() => readSettings(env)).toThrow(expect.objectContaining({ code: 'invalid', message: sentence }))
  })

  it('leave the test suite’s own settings alone', () => {
    expect(readSettings({ ROLLCALL_REQUIRE: 'corpus', ROLLCALL_CORPUS: '/x' }).hosted).toBe(false)
  })
})

describe('keys that the fleet file names', () => {
  const { registrations } = parseFleet({
    managementClusters: [{ name: 'weu', inCluster: true, push: { flux: { hmacKey: { env: 'ROLLCALL_KEY_WEU' } } } }],
  })

  it('are settings, which a log shows nothing of', () => {
    const settings = readSettings({ ROLLCALL_KEY_WEU: '0123456789abcdef', ROLLCALL_KEY_OLD: '' })
    expect(settings.keys).toEqual(new Map([['ROLLCALL_KEY_WEU', '0123456789abcdef']]))
    expect(JSON.stringify(settings)).not.toContain('0123456789abcdef')
    expect(() => refuseMissingKeys(registrations, settings)).not.toThrow()
  })

  it('stop the start where they are missing', () => {
    expect(() => refuseMissingKeys(registrations, readSettings({}))).toThrow(
      'ROLLCALL_KEY_WEU is not set, and the fleet file names it as a key of "weu"; set it to what the Secret of the Flux Provider holds.',
    )
  })
})

describe('in Azure', () => {
  it('a database and an issuer are needed', () => {
    expect(readSettings(azure)).toMatchObject({ hosted: true, issuer: azure.ROLLCALL_ISSUER, logLevel: 'info' })
    expect(() => readSettings({ ...azure, DATABASE_URL: '' })).toThrow(
      /^DATABASE_URL is not set, and each instance would keep a private database: it must be a PostgreSQL URL/,
    )
    expect(() => readSettings({ ...azure, ROLLCALL_ISSUER: '' })).toThrow(
      /^ROLLCALL_ISSUER is not set, and in Azure anybody could read the fleet: it must be an https URL/,
    )
  })

  it.each([
    [{ WEBSITE_SITE_NAME: 'x' }, true],
    [{ WEBSITE_INSTANCE_ID: 'x', AZURE_FUNCTIONS_ENVIRONMENT: 'Development' }, true],
    [{ FUNCTIONS_WORKER_RUNTIME: 'node' }, true],
    [{ AZURE_FUNCTIONS_ENVIRONMENT: 'Production' }, true],
    [{ FUNCTIONS_WORKER_RUNTIME: 'node', AZURE_FUNCTIONS_ENVIRONMENT: 'Development' }, false],
    [{}, false],
  ])('%j counts as hosted: %s', (env, hosted) => {
    expect(
      readSettings({ DATABASE_URL: azure.DATABASE_URL, ROLLCALL_ISSUER: azure.ROLLCALL_ISSUER, ...env }).hosted,
    ).toBe(hosted)
  })
})

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['localhost.evil.example', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
