import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FleetError } from '../fleet/error.ts'

/**
 * Makes a folder for data, with those above it.
 * @throws FleetError `invalid`, naming the folder and what the system said.
 */
export function makeFolder(folder: string): void {
  try {
    makeWithParents(folder)
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** Step by step: mkdir's own `recursive` never ends where a file system answers ENOENT for good (as /proc does). */
function makeWithParents(folder: string): void {
  if (done(() => makeOne(folder), 'ENOENT')) return
  if (dirname(folder) !== folder) makeWithParents(dirname(folder))
  makeOne(folder)
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !statSync(folder).isDirectory()) throw error
  }
}

function unusable(folder: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  return new FleetError(
    'invalid',
    `The data folder ${folder} cannot be used (${error.message}). Set ROLLCALL_DATA to a folder that this user may write to.`,
    { cause: error },
  )
}

/**
 * Takes a folder for this process; the embedded database would be destroyed by a second one. Returns what gives it back.
 * A lock left by a process that died is taken over.
 * @throws FleetError `conflict`, naming folder and process.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, mine)
  } catch (error) {
    throw unusable(folder, error)
  }
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
