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

it('says of an error what went wrong, and not what a statement carried', () => {
  const path = join(import.meta.dirname, '../../../functions/wiring/log.ts')
  const script = `
    import { openLog } from ${JSON.stringify(path)}
    const cause = Object.assign(new Error('no such file'), { code: '58P01', params: ['hunter2'], query: 'insert' })
    openLog({ logLevel: 'info' }).error({ err: new Error('Failed query: insert\\nparams: hunter2,\\nhunter2', { cause }) }, 'failed')
    openLog({ logLevel: 'info' }).error({ err: cause }, 'failed')`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const [wrapped, bare] = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err)
  expect(wrapped).toMatchObject({ message: expect.stringContaining('Failed query: insert') })
  expect(wrapped.stack).toContain('no such file')
  expect(bare).toMatchObject({ type: 'Error', code: '58P01', message: 'no such file' })
  expect(stderr).not.toContain('hunter2')
})
