import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('writes JSON lines to stderr, without credentials', () => {
  const path = join(import.meta.dirname, '../../../functions/wiring/log.ts')
  const script = `
    import { openLog } from ${JSON.stringify(path)}
    const log = openLog({ logLevel: 'info' })
    log.debug('too quiet')
    log.info({ source: 'weu', token: 'hunter2', settings: { databaseUrl: 'postgres://u:hunter2@h/d' } }, 'polled')`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(JSON.parse(stderr)).toMatchObject({
    msg: 'polled',
    source: 'weu',
    token: '(removed)',
    settings: { databaseUrl: '(removed)' },
  })
  expect(stderr).not.toContain('hunter2')
})
