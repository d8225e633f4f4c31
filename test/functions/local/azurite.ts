import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../free-port.ts'
import { needs } from '../../require.ts'

const program = join(import.meta.dirname, '../../../node_modules/azurite/dist/src/queue/main.js')
// Azurite's published development account: a constant of the emulator, no secret.
const account =
  'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const readyMsMax = 60_000

export const hasAzurite = (): boolean => needs('azurite', existsSync(program), 'npm ci installs it as a dev dependency')

/** Starts the queue emulator, by default on a free port. `connection` is for AzureWebJobsStorage. */
export async function startAzurite(
  port?: number,
): Promise<{ connection: string; port: number; stop: () => Promise<void> }> {
  return startOn(port ?? (await freePort()))
}

async function startOn(port: number) {
  const flags = ['--silent', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [program, ...flags, '--queueHost', '127.0.0.1', '--queuePort', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await answering(child, port)
  return {
    port,
    connection: `DefaultEndpointsProtocol=http;${account};QueueEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
    },
  }
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  for (const end = Date.now() + readyMsMax; Date.now() < end; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`Azurite ended with ${child.exitCode}`)
    const there = await fetch(`http://127.0.0.1:${port}/devstoreaccount1`).then(
      () => true,
      () => false,
    )
    if (there) return
  }
  child.kill()
  throw new Error(`Azurite did not answer within ${readyMsMax / 1000} s`)
}
