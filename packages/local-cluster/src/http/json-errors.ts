/** What Go's JSON decoder says of a text that JavaScript's refuses. */
export function goSyntaxError(text: string, error: SyntaxError): string {
  const { message } = error
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
  const character = text[position]
  if (character === undefined || /end of JSON input|Unterminated/.test(message)) {
    // JavaScript does not always say where a text is wrong that is not at its end.
    const wrong = /Unexpected token '?(.)/.exec(message)?.[1]
    if (wrong === undefined) return 'unexpected end of JSON input'
    return `invalid character ${quoteRune(wrong)} looking for beginning of value`
  }
  return `invalid character ${quoteRune(character)} ${place(message)}`
}

function place(message: string): string {
  if (/property name/.test(message) && !/after property name/.test(message))
    return 'looking for beginning of object key string'
  if (/':' after property name/.test(message)) return 'after object key'
  if (/after property value/.test(message)) return 'after object key:value pair'
  if (/after array element/.test(message)) return 'after array element'
  if (/after JSON/.test(message)) return 'after top-level value'
  if (/control character/.test(message)) return 'in string literal'
  if (/escape/.test(message)) return 'in string escape code'
  return 'looking for beginning of value'
}

function quoteRune(character: string): string {
  if (character === "'") return String.raw`'\''`
  if (character === '"') return `'"'`
  const code = character.codePointAt(0) ?? 0
  if (code === 10) return String.raw`'\n'`
  return code < 32 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${character}'`
}
