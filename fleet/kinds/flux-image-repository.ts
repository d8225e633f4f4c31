import { fluxImageKind } from '../families/flux-image.ts'
import { defined, instant, int, record, text } from '../wire.ts'

/** Scans the tags of an image. */
export const fluxImageRepository = fluxImageKind(
  { kind: 'ImageRepository', plural: 'imagerepositories', role: 'source' },
  ({ spec, status }) => {
    const scan = record(status.lastScanResult)
    return defined({ image: text(spec.image), tags: int(scan.tagCount), scannedAt: instant(scan.scanTime) })
  },
)
