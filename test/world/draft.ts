/**
 * An object as a controller would write it, in the newest shape of its kind, without what the API server adds.
 * In `status`, an `observedGeneration` of 0 and a `lastTransitionTime` of '' are filled in when the draft is written.
 */
export interface Draft {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly owner?: DraftOwner
  readonly createdAt: Date
  readonly deletedAt?: Date | null
  readonly spec: Readonly<Record<string, unknown>>
  /** Fields beside `metadata`, of kinds that have no `spec`: it is then left out. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Fields that somebody else than the object's usual manager wrote, and when. */
  readonly touched?: readonly Touch[]
  /** Absent: the kind has none, or nobody reported. */
  readonly status?: Readonly<Record<string, unknown>>
  /** How many generations the controller is behind. */
  readonly lag?: number
  /** When conditions that are new or changed moved. */
  readonly since: Date
}

/** One field, and who wrote it last; a manager of null: nobody remembers. */
export interface Touch {
  /** `['spec', 'suspend']` */
  readonly path: readonly string[]
  readonly manager: string | null
  readonly at: Date
}

export interface DraftOwner {
  readonly group: string
  readonly kind: string
  readonly name: string
}

/** A condition of the metav1 kind. */
export interface Modern {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

/** A condition of the v1beta1 contract: severity only when it is False. */
export interface Legacy {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly severity?: 'Error' | 'Warning' | 'Info'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime: string
}

export const modern = (type: string, status: boolean | null, reason: string, message = ''): Modern => ({
  type,
  status: status === null ? 'Unknown' : status ? 'True' : 'False',
  reason,
  message,
  observedGeneration: 0,
  lastTransitionTime: '',
})

export const legacyTrue = (type: string): Legacy => ({ type, status: 'True', lastTransitionTime: '' })

export const legacyFalse = (
  type: string,
  severity: 'Error' | 'Warning' | 'Info',
  reason: string,
  message = '',
): Legacy => ({
  type,
  status: 'False',
  severity,
  reason,
  ...(message === '' ? {} : { message }),
  lastTransitionTime: '',
})
