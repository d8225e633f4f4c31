/** The six ways a request can fail; everything else is a bug and is shown as `internal`. */
export type FleetErrorCode = 'conflict' | 'internal' | 'invalid' | 'not_found' | 'not_implemented' | 'unauthorized'

/**
 * Trouble that a person can act on: the message names the thing, the place and the remedy.
 * Expected trouble inside a reading is a value (`Rejection`, `Trouble`), never this.
 */
export class FleetError extends Error {
  readonly code: FleetErrorCode

  constructor(code: FleetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FleetError'
    this.code = code
  }
}
