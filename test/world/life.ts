import type { Random } from './random.ts'
import type { World } from './world.ts'
export const live = (_world: World, _random: Random): readonly string[] => []
