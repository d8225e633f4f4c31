import { FleetError } from '../../fleet/error.ts'

/**
 * Runs a command of the command line. Trouble that a person can act on is one sentence on stderr, anything else (a bug) its stack;
 * both end with exit code 1.
 */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof FleetError ? error.message : error)
    process.exitCode = 1
  }
}
