import { goQuote } from '../format/quote.ts'

export type TokenType =
  | 'error'
  | 'bool'
  /** Any other printable ASCII character, such as a comma. */
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'dot'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with'

export interface Token {
  readonly type: TokenType
  /** Offset in the template text, in UTF-16 units. */
  readonly at: number
  /** The source text; for an error its message. */
  readonly text: string
  /** 1-based line of the first character. */
  readonly line: number
}

export const keywords: ReadonlyMap<string, Keyword> = new Map([
  ['.', 'dot'],
  ['block', 'block'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['define', 'define'],
  ['else', 'else'],
  ['end', 'end'],
  ['if', 'if'],
  ['nil', 'nil'],
  ['range', 'range'],
  ['template', 'template'],
  ['with', 'with'],
])

const keywordTypes: ReadonlySet<TokenType> = new Set(keywords.values())

/** A token as error texts show it: keywords in angle brackets, long texts cut to ten characters. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'EOF'
  if (token.type === 'error') return token.text
  if (keywordTypes.has(token.type)) return `<${token.text}>`
  const shown = Array.from(token.text.slice(0, 20)).slice(0, 10).join('')
  return utf8Longer(token.text, 10) ? `${goQuote(shown)}...` : goQuote(token.text)
}

/** Whether a text takes more than so many bytes of UTF-8. */
function utf8Longer(text: string, bytes: number): boolean {
  let total = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    total += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (total > bytes) return true
  }
  return false
}
