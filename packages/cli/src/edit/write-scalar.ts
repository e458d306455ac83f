import type { ScalarStyle } from './source-node.ts'

/** Words that some YAML reader in use around Kubernetes takes for a boolean, null, a merge or a default. */
const words = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', '~', '=', '<<', '.inf', '.nan'])

/** Numbers of YAML 1.1, YAML 1.2 and Go: `017`, `0o17`, `0x1F`, `0b11`, `1_000`, `08`, `1e3`, `.5`, `+.inf`, `12:30`. */
const numberLike = [
  /^[-+]?\.?e[-+]?[0-9_]+$/i,
  /^[-+]?0[xob][0-9a-f_]*$/i,
  /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]*)(?:e[-+]?[0-9_]*)?$/i,
  /^[-+]\.(?:inf|nan)$/i,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
]
const timestampLike = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/

/** Whether a string, written without quotes, would be read as something else by one of the readers. */
export function isAmbiguous(text: string): boolean {
  if (text === '' || words.has(text.toLowerCase())) return true
  return numberLike.some((pattern) => pattern.test(text)) || timestampLike.test(text)
}

// Everything that a YAML reader may refuse, or that would not survive, outside double quotes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that need an escape.
const needsEscape = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]/u
const escapable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function isPlain(text: string, inFlow: boolean): boolean {
  if (isAmbiguous(text) || needsEscape.test(text)) return false
  if (/^[\s,[\]{}#&*!|>'"%@`?:]/.test(text) || /^-(?:\s|$)/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false
  if (/\s$|:$|:\s|\s#/.test(text)) return false
  return !inFlow || !/[,[\]{}:]/.test(text)
}

/** Double-quoted, with the escapes that JSON and YAML share. Fits on one line. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(escapable, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function quoted(text: string, style: ScalarStyle): string {
  const single = !needsEscape.test(text) && (style === 'single' || (style !== 'double' && /["\\]/.test(text)))
  return single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

/**
 * One line of YAML for a scalar, read as exactly this value by every YAML 1.1, 1.2 and Go reader.
 * @param style the quoting of the value that stood here before; plain text is quoted only where it must be.
 */
export function scalarText(value: string | number | boolean | null, inFlow: boolean, style: ScalarStyle = 'plain') {
  if (typeof value !== 'string') return JSON.stringify(value)
  if (style !== 'single' && style !== 'double' && isPlain(value, inFlow)) return value
  return quoted(value, style)
}

/** The lines of a literal block scalar (`|`), or undefined when the text does not survive in one. */
export function literalLines(text: string): { header: string; lines: string[] } | undefined {
  if (!text.includes('\n') || needsEscape.test(text.replaceAll(/[\n\t]/g, ''))) return undefined
  // A first line that begins with a space would need an indentation indicator, a blank tail would be chomped.
  if (/^[\s]/.test(text) || /[ \t](?:\n|$)/.test(text)) return undefined
  const body = text.replace(/\n+$/, '')
  const tail = text.length - body.length
  const header = tail === 0 ? '|-' : tail === 1 ? '|' : '|+'
  const lines = body.split('\n')
  for (let i = 1; i < tail; i++) lines.push('')
  return { header, lines }
}
