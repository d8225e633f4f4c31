import { hash } from 'node:crypto'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import { reader } from '../../fleet/reader.ts'
import type { Derivation } from '../push/derivation.ts'
import type { Dependencies } from './dependencies.ts'

/** What everything that is pushed shares in this process. */
export interface Intake {
  /** Loaded with the first push, since most processes never hear one. */
  load(): Promise<Loaded>
  /** Resolves when nothing that a push set off is under way; what was not begun, the tick does. */
  close(): Promise<void>
}

export interface Loaded {
  readonly kinds: Kinds
  /** Of what the fleet file declares of them, and of how the others are read. */
  readonly kindsDigest: string
  readonly derivation: Derivation
}

export function openIntake({ store, fleet, now, log }: Pick<Dependencies, 'store' | 'fleet' | 'now' | 'log'>): Intake {
  let loading: Promise<Loaded> | null = null
  const load = async (): Promise<Loaded> => {
    const [{ kindsOf }, { openDerivation }] = await Promise.all([
      import('../../fleet/kinds/declared.ts'),
      import('../push/derivation.ts'),
    ])
    const kinds = kindsOf(fleet.kinds)
    // With what reads them: after a release that reads more, or otherwise, everything is told anew.
    const kindsDigest = hash('sha256', JSON.stringify([reader, fleet.kindsWritten]), 'hex').slice(0, 16)
    return {
      kinds,
      kindsDigest,
      derivation: openDerivation({ store, now, log, kinds, conventions: fleet.conventions }),
    }
  }
  return {
    load: () => {
      loading ??= load().catch((error: unknown) => {
        loading = null
        throw error
      })
      return loading
    },
    close: async () => (await loading)?.derivation.close(),
  }
}
