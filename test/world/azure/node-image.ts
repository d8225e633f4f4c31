import type { Random } from '../random.ts'
import { dayOf } from './offer.ts'

/** What a pool's nodes were made from. */
export interface NodeImage {
  readonly name: string
  /** `YYYY-MM-DD`; null where the name does not tell. */
  readonly releasedAt: string | null
}

const dayMs = 86_400_000

export type NodeOs = 'Linux' | 'Windows'

const families = ['AKSUbuntu-2204gen2containerd', 'AKSUbuntu-2404gen2containerd', 'AKSAzureLinux-V3gen2'] as const

/** An image released so many days ago, named as AKS does it (azure.md 4.5). */
export function imageOf(os: NodeOs, now: Date, ageDays: number, family: string = families[0]): NodeImage {
  const releasedAt = dayOf(new Date(now.getTime() - ageDays * dayMs))
  const [year, month, day] = releasedAt.split('-')
  const windows = `AKSWindows-2022-containerd-20348.3207.${year?.slice(2)}${month}${day}`
  return { name: os === 'Windows' ? windows : `${family}-${year}${month}.${day}.0`, releasedAt }
}

/** The SecurityPatch channel adds the day of the patch, which is what counts. */
export function patchedImageOf(now: Date, ageDays: number, patchedDays: number): NodeImage {
  const { name } = imageOf('Linux', now, ageDays)
  const releasedAt = dayOf(new Date(now.getTime() - patchedDays * dayMs))
  return { name: `${name}-${releasedAt.replaceAll('-', '.')}`, releasedAt }
}

/** A name without a date. */
export const undatedImage: NodeImage = { name: 'AKSUbuntu-custom-golden-v7', releasedAt: null }

/** Mostly a few weeks old, some older than policies like, a few very old. */
export function drawImage(random: Random, os: NodeOs, now: Date): NodeImage {
  const dice = random.next()
  const ageDays = dice < 0.78 ? random.between(3, 26) : dice < 0.92 ? random.between(33, 58) : random.between(65, 240)
  return imageOf(os, now, ageDays, random.pick(families))
}
