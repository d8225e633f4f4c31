import { parseAllDocuments } from 'yaml'
import { isRecord, list, shapeOf, text, type Wire } from '../../fleet/wire.ts'

/** One object of a file, and the words for where it stands. */
export interface Found {
  readonly place: string
  readonly object: Wire
}

/** What a file holds. `bad` are sentences, each beginning with its place. */
export interface Documents {
  readonly found: readonly Found[]
  readonly bad: readonly string[]
}

/**
 * Reads YAML (any number of documents) or JSON, and opens Lists and ARM list responses. What is neither a Kubernetes object
 * nor an ARM resource is named in `bad`; its neighbours are kept.
 */
export function documentsOf(file: string, content: string): Documents {
  const found: Found[] = []
  const bad: string[] = []
  parsedOf(content).forEach((parsed, index) => {
    const place = `${file}, document ${index + 1}`
    if ('error' in parsed) bad.push(`${place}: ${parsed.error}`)
    // An empty document is what a leading or a trailing `---` leaves.
    else if (parsed.value !== null && parsed.value !== undefined) open(parsed.value, place, found, bad)
  })
  return { found, bad }
}

type Parsed = { readonly value: unknown } | { readonly error: string }

function parsedOf(content: string): readonly Parsed[] {
  const start = content.trimStart()
  if (start.startsWith('{') || start.startsWith('[')) {
    try {
      return [{ value: JSON.parse(content) }]
    } catch {
      // YAML's flow style begins alike, and several JSON documents may follow each other.
    }
  }
  // As API machinery reads YAML: of a key that stands twice the last counts.
  return parseAllDocuments(content, { logLevel: 'silent', uniqueKeys: false }).map((document): Parsed => {
    const [error] = document.errors
    if (error) return { error: `not valid YAML: ${firstLine(error.message)}` }
    try {
      return { value: document.toJS() }
    } catch (failure) {
      return { error: `not valid YAML: ${firstLine(failure instanceof Error ? failure.message : String(failure))}` }
    }
  })
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? ''

function open(value: unknown, place: string, found: Found[], bad: string[]): void {
  if (Array.isArray(value)) {
    openItems(value, {}, place, found, bad)
    return
  }
  if (!isRecord(value)) {
    bad.push(`${place}: it is ${shapeOf(value)}, not an object`)
    return
  }
  const kind = text(value.kind)
  const apiVersion = text(value.apiVersion)
  if (kind?.endsWith('List') && Array.isArray(value.items)) {
    openItems(value.items, { apiVersion, kind: kind.slice(0, -'List'.length) }, place, found, bad)
  } else if (kind === undefined && apiVersion === undefined && Array.isArray(value.value)) {
    openItems(value.value, {}, place, found, bad)
  } else if (isArm(value) || (kind !== undefined && apiVersion !== undefined)) {
    found.push({ place, object: value })
  } else {
    bad.push(
      `${place}: it has no ${whatIsMissing(kind, apiVersion)}, so it is neither a Kubernetes object nor an ARM resource`,
    )
  }
}

function whatIsMissing(kind: string | undefined, apiVersion: string | undefined): string {
  if (kind === undefined && apiVersion === undefined) return 'apiVersion and kind'
  return kind === undefined ? 'kind' : 'apiVersion'
}

/** An API server leaves apiVersion and kind out of the items of a typed list. */
function openItems(
  items: readonly unknown[],
  of: { apiVersion?: string | undefined; kind?: string },
  place: string,
  found: Found[],
  bad: string[],
): void {
  list(items).forEach((item, index) => {
    const typed =
      isRecord(item) && of.kind && of.apiVersion !== 'v1' ? { apiVersion: of.apiVersion, kind: of.kind, ...item } : item
    open(typed, `${place}, item ${index + 1}`, found, bad)
  })
}

/** An ARM resource names its type and id itself. */
export function isArm(value: Wire): boolean {
  return value.kind === undefined || value.apiVersion === undefined
    ? text(value.id) !== undefined && text(value.type) !== undefined
    : false
}
