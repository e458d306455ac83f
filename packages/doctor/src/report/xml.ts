/** What XML 1.0 cannot hold, not even escaped, and what would be normalized in attributes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

function readable(text: string): string {
  // Half of a surrogate pair is no character of any encoding.
  return text.toWellFormed().replace(unwritable, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`
  })
}

export function xmlText(text: string): string {
  return readable(text).replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character)
}

/** Attributes in their order, each with a blank before it; undefined ones are left out. */
export function xmlAttributes(attributes: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${xmlAttribute(String(value))}"`))
    .join('')
}

function xmlAttribute(text: string): string {
  return readable(text).replace(/[&<>"\n\r\t]/g, (character) => ESCAPES[character] ?? character)
}
