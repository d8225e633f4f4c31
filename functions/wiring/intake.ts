import { hash } from 'node:crypto'
import type { Kinds } from '../../fleet/kinds/declared.ts'
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
  /** Of what the fleet file declares of them. */
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
    const kindsDigest = hash('sha256', JSON.stringify(fleet.kindsWritten), 'hex').slice(0, 16)
    return {
      kinds,
      kindsDigest,
      derivation: openDerivation({ store, now, log, kinds, conventions: fleet.conventions }),
    }
  }
  return {
    load: () => {
      loading ??= load()
      return loading
    },
    close: async () => (await loading)?.derivation.close(),
  }
}
