/** Reads a pattern once: `*` stands for any letters or none, and letter case does not matter. It takes time in proportion to the text. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text.toLowerCase() === first
  return (text) => {
    const letters = text.toLowerCase()
    if (letters.length < first.length + last.length || !letters.startsWith(first) || !letters.endsWith(last))
      return false
    let from = first.length
    for (const part of rest) {
      const at = letters.indexOf(part, from)
      if (at < 0) return false
      from = at + part.length
    }
    return from <= letters.length - last.length
  }
}
