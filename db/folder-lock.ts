import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FleetError } from '../fleet/error.ts'

/**
 * Takes a folder for this process; the embedded database would be destroyed by a second one. Returns what gives it back.
 * A lock left by a process that died is taken over.
 * @throws FleetError `conflict`, naming folder and process.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, mine)
  try {
    for (;;) {
      // A hard link is made whole or not at all: no other process ever reads a half-written lock.
      if (done(() => linkSync(draft, path), 'EEXIST')) return () => rmSync(path, { force: true })
      const holder = readIfThere(path)
      if (holder !== null && isAlive(holder)) {
        throw new FleetError(
          'conflict',
          `The data folder ${folder} is in use by process ${holder.split(' ')[0]}. Stop that process, or set ROLLCALL_DATA to another folder.`,
        )
      }
      if (holder !== null) removeStale(path, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Removes the lock, but only if it is still the stale one: another process may have been quicker. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`
  if (!done(() => renameSync(path, aside), 'ENOENT')) return
  if (readIfThere(aside) !== stale) done(() => linkSync(aside, path), 'EEXIST')
  rmSync(aside, { force: true })
}

function isAlive(holder: string): boolean {
  const [pid = '', start = ''] = holder.trim().split(' ')
  if (!/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    // EPERM: it lives, but belongs to someone else.
    if (!hasCode(error, 'EPERM')) return false
  }
  return start === startOf(Number(pid))
}

/** When a process started, where the system tells (Linux): process ids come again, starting times do not. */
function startOf(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`)
  // The second field, the program's name in brackets, may hold blanks; the start is the 22nd field.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** False when the act failed with this code. */
function done(act: () => void, code: string): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (hasCode(error, code)) return false
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
