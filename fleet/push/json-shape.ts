/**
 * Looks at the shape of a JSON text before it is parsed, so that a small text cannot become a large or a bottomless value. It need not
 * be JSON: what comes of it then is the parser's business.
 * @returns the number of values, about; null when it is nested deeper than `depthMax`.
 */
export function valuesIn(text: string, depthMax: number): number | null {
  let values = 1
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // "
        at = endOfString(text, at)
        break
      case 91: // [
      case 123: // {
        if (++depth > depthMax) return null
        values++
        break
      case 93: // ]
      case 125: // }
        depth--
        break
      case 44: // ,
        values++
        break
    }
  }
  return values
}

/** Where the string that begins at `at` ends; the text's end, where it does not. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
