import * as z from 'zod'

const idProblem = 'must be 1 to 63 letters, digits, dots, dashes or underscores, for example node-images'

/** A name that findings and waivers refer to. */
export const stableName = () =>
  z.string({ error: idProblem }).regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, { error: idProblem })
