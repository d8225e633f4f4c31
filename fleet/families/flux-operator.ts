import type { KubeObject } from '../kinds/kind.ts'
import { durationMs } from './duration.ts'

/** How often the Flux Operator looks at an object of its own, in ms: it has an annotation for that, and no field. */
export const operatorInterval = ({ annotations }: KubeObject): number | undefined =>
  durationMs(annotations['fluxcd.controlplane.io/reconcileEvery'])
