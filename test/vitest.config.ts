import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What mostly waits for the ends of watches begins first, so that it is not still waiting when all others are done. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification) => moduleId.includes('/test/contract/')
    const sorted = await super.sort(files)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

export default defineConfig({
  // Node gives graphql's CommonJS to packages; the one instance it tolerates must be ours too.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/databases.ts',
    pool: 'forks',
    // Many files wait for servers more than they compute.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: WaitingFirst },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})
