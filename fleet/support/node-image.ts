/** What an AKS node image's name tells. */
export interface NodeImage {
  /** `YYYY-MM-DD`. */
  readonly releasedAt: string | null
  readonly os: 'linux' | 'windows' | null
  /** The name without its date: `AKSUbuntu-2204gen2containerd`. */
  readonly family: string | null
}

const unknown: NodeImage = { releasedAt: null, os: null, family: null }

/** `-202504.28.0`, `-2022.01.07`, `:2020.03.11`: year and month, day, and perhaps a count of that day's images. */
const linuxDate = /[-:](20\d{2})\.?(\d{2})\.(\d{2})(?:\.\d+)?(?=$|[-:])/g
/** `-20348.3207.250214`: a build of Windows, which ends in the date. */
const windowsDate = /-\d+\.\d+\.(\d{2})(\d{2})(\d{2})$/g

/**
 * Reads the name of an AKS node image (azure.md 4.5). The last date counts: an image with security patches names the day of the
 * patches after its own. What is no AKS image, or has no possible date, is null, never a guess.
 */
export function readNodeImage(name: string | null): NodeImage {
  if (name === null || !name.startsWith('AKS')) return unknown
  const windows = name.startsWith('AKSWindows')
  const dates = [...name.matchAll(windows ? windowsDate : linuxDate)]
  const [, year = '', month = '', day = ''] = dates.at(-1) ?? []
  return {
    releasedAt: possibleDay(windows ? `20${year}-${month}-${day}` : `${year}-${month}-${day}`),
    os: windows ? 'windows' : 'linux',
    family: name.slice(0, dates[0]?.index).replaceAll(':', '-'),
  }
}

/** The calendar rolls 31 February over to March: such a day never was. */
function possibleDay(text: string): string | null {
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null
}
