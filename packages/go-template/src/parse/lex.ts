import { goQuote } from '../format/quote.ts'
import { goSprintf } from '../format/sprintf.ts'
import {
  endOfText,
  isAlphaNumeric,
  isDigit,
  isSpace,
  runeAt,
  runeWidth,
  skipSpaces,
  skipSpacesBack,
} from './characters.ts'
import { scanNumber } from './scan-number.ts'
import { keywords, type Token, type TokenType } from './tokens.ts'

export interface LexerOptions {
  readonly leftDelimiter: string
  readonly rightDelimiter: string
  /** False where a function of that name exists: then the word is an identifier. */
  readonly breakKeyword: boolean
  readonly continueKeyword: boolean
}

/** Reading state over one template text. */
export interface Lexer {
  readonly options: LexerOptions
  /** Emptied after an error, so that nothing follows it. */
  text: string
  /** Where the next token starts. */
  at: number
  insideAction: boolean
  parenDepth: number
  /** Line of the last token, and where the next one starts: each line is looked for once. */
  line: number
  nextLine: number
}

export function newLexer(text: string, options: LexerOptions): Lexer {
  return { options, text, at: 0, insideAction: false, parenDepth: 0, line: 1, nextLine: lineStart(text, 0) }
}

/** The next token; at the end `eof` again and again. */
export function nextToken(lexer: Lexer): Token {
  return lexer.insideAction ? lexAction(lexer) : lexText(lexer)
}

function lineAt(lexer: Lexer, at: number): number {
  while (at >= lexer.nextLine) {
    lexer.line++
    lexer.nextLine = lineStart(lexer.text, lexer.nextLine)
  }
  return lexer.line
}

/** Start of the line behind the one at an offset. */
function lineStart(text: string, at: number): number {
  const feed = text.indexOf('\n', at)
  return feed < 0 ? Number.POSITIVE_INFINITY : feed + 1
}

/** Makes the token from the reading position to `end` and moves on. */
function take(lexer: Lexer, type: TokenType, end: number): Token {
  const token = { type, at: lexer.at, text: lexer.text.slice(lexer.at, end), line: lineAt(lexer, lexer.at) }
  lexer.at = end
  return token
}

function fail(lexer: Lexer, message: string): Token {
  const token: Token = { type: 'error', at: lexer.at, text: message, line: lineAt(lexer, lexer.at) }
  lexer.text = ''
  lexer.at = 0
  return token
}

function lexText(lexer: Lexer): Token {
  const { leftDelimiter } = lexer.options
  for (;;) {
    const { text } = lexer
    const open = text.indexOf(leftDelimiter, lexer.at)
    if (open < 0) return take(lexer, lexer.at < text.length ? 'text' : 'eof', text.length)
    const behind = open + leftDelimiter.length
    const trims = text[behind] === '-' && isSpace(text.charCodeAt(behind + 1))
    if (open > lexer.at) {
      const end = trims ? skipSpacesBack(text, lexer.at, open) : open
      const isEmpty = end === lexer.at
      const token = take(lexer, 'text', end)
      lexer.at = open
      if (!isEmpty) return token
    }
    const content = trims ? behind + 2 : behind
    if (!text.startsWith('/*', content)) {
      const token = take(lexer, 'leftDelim', behind)
      lexer.at = content
      lexer.insideAction = true
      lexer.parenDepth = 0
      return token
    }
    lexer.at = content
    const problem = skipComment(lexer)
    if (problem !== undefined) return fail(lexer, problem)
  }
}

function skipComment(lexer: Lexer): string | undefined {
  const close = lexer.text.indexOf('*/', lexer.at + 2)
  if (close < 0) return 'unclosed comment'
  const end = rightDelimiterAt(lexer, close + 2)
  if (end === undefined) return 'comment ends before closing delimiter'
  lexer.at = end.next
  return undefined
}

/** The closing delimiter at an offset, with its trim marker if it has one, and where reading goes on behind it. */
function rightDelimiterAt(lexer: Lexer, at: number): { start: number; end: number; next: number } | undefined {
  const { text } = lexer
  const { rightDelimiter } = lexer.options
  if (text[at + 1] === '-' && isSpace(text.charCodeAt(at)) && text.startsWith(rightDelimiter, at + 2)) {
    const end = at + 2 + rightDelimiter.length
    return { start: at + 2, end, next: skipSpaces(text, end) }
  }
  if (!text.startsWith(rightDelimiter, at)) return undefined
  const end = at + rightDelimiter.length
  return { start: at, end, next: end }
}

function lexRightDelimiter(lexer: Lexer, delimiter: { start: number; end: number; next: number }): Token {
  lexer.at = delimiter.start
  const token = take(lexer, 'rightDelim', delimiter.end)
  lexer.at = delimiter.next
  lexer.insideAction = false
  return token
}

function lexAction(lexer: Lexer): Token {
  const { text, at } = lexer
  const delimiter = rightDelimiterAt(lexer, at)
  if (delimiter !== undefined) {
    return lexer.parenDepth === 0 ? lexRightDelimiter(lexer, delimiter) : fail(lexer, 'unclosed left paren')
  }
  const rune = runeAt(text, at)
  if (rune === endOfText) return fail(lexer, 'unclosed action')
  if (isSpace(rune)) return lexSpace(lexer)
  const next = runeAt(text, at + 1)
  // A point that ends the text is taken for a number, and refused as one.
  if (isDigit(rune) || (rune === 46 && (isDigit(next) || next === endOfText))) return lexNumber(lexer)
  if (isAlphaNumeric(rune)) return lexIdentifier(lexer)
  return lexPunctuation(lexer, rune)
}

function lexPunctuation(lexer: Lexer, rune: number): Token {
  const { text, at } = lexer
  switch (text[at]) {
    case '=':
      return take(lexer, 'assign', at + 1)
    case ':':
      return text[at + 1] === '=' ? take(lexer, 'declare', at + 2) : fail(lexer, 'expected :=')
    case '|':
      return take(lexer, 'pipe', at + 1)
    case '"':
      return lexQuoted(lexer, '"', 'string', 'unterminated quoted string')
    case "'":
      return lexQuoted(lexer, "'", 'charConstant', 'unterminated character constant')
    case '`':
      return lexRawString(lexer)
    case '$':
      return lexNamed(lexer, 'variable')
    case '.':
      return lexNamed(lexer, 'field')
    case '+':
    case '-':
      return lexNumber(lexer)
    case '(':
      lexer.parenDepth++
      return take(lexer, 'leftParen', at + 1)
    case ')':
      if (--lexer.parenDepth < 0) return fail(lexer, 'unexpected right paren')
      return take(lexer, 'rightParen', at + 1)
  }
  if (rune > 0x20 && rune < 0x7f) return take(lexer, 'char', at + 1)
  return fail(lexer, `unrecognized character in action: ${unicodeName(rune)}`)
}

function unicodeName(rune: number): string {
  return goSprintf('%#U', [BigInt(rune)])
}

function lexSpace(lexer: Lexer): Token {
  const { text, at } = lexer
  const end = skipSpaces(text, at)
  // The last space may belong to a trim marker.
  const delimiter = rightDelimiterAt(lexer, end - 1)
  if (delimiter === undefined || delimiter.start !== end + 1) return take(lexer, 'space', end)
  return end - at === 1 ? lexRightDelimiter(lexer, delimiter) : take(lexer, 'space', end - 1)
}

/** What may follow a word without a space. */
function isTerminator(lexer: Lexer, at: number): boolean {
  const rune = runeAt(lexer.text, at)
  if (rune === endOfText || isSpace(rune) || '.,|:)('.includes(String.fromCodePoint(rune))) return true
  return lexer.text.startsWith(lexer.options.rightDelimiter, at)
}

function endOfWord(text: string, from: number): number {
  let at = from
  for (let rune = runeAt(text, at); isAlphaNumeric(rune) && rune !== endOfText; rune = runeAt(text, at)) {
    at += runeWidth(rune)
  }
  return at
}

function lexIdentifier(lexer: Lexer): Token {
  const end = endOfWord(lexer.text, lexer.at)
  if (!isTerminator(lexer, end)) return badCharacter(lexer, end)
  const word = lexer.text.slice(lexer.at, end)
  const keyword = keywords.get(word)
  if (keyword === undefined) return take(lexer, word === 'true' || word === 'false' ? 'bool' : 'identifier', end)
  const isOff =
    (keyword === 'break' && !lexer.options.breakKeyword) || (keyword === 'continue' && !lexer.options.continueKeyword)
  return take(lexer, isOff ? 'identifier' : keyword, end)
}

function badCharacter(lexer: Lexer, at: number): Token {
  return fail(lexer, `bad character ${unicodeName(runeAt(lexer.text, at))}`)
}

/** `.name` or `$name`; alone the dot and the root variable. */
function lexNamed(lexer: Lexer, type: 'field' | 'variable'): Token {
  const start = lexer.at + 1
  if (isTerminator(lexer, start)) return take(lexer, type === 'field' ? 'dot' : 'variable', start)
  const end = endOfWord(lexer.text, start)
  return isTerminator(lexer, end) ? take(lexer, type, end) : badCharacter(lexer, end)
}

function lexQuoted(lexer: Lexer, quote: string, type: TokenType, problem: string): Token {
  const { text } = lexer
  for (let i = lexer.at + 1; i < text.length; i++) {
    if (text[i] === quote) return take(lexer, type, i + 1)
    if (text[i] === '\\') i++
    if (text[i] === '\n') break
  }
  return fail(lexer, problem)
}

function lexRawString(lexer: Lexer): Token {
  const close = lexer.text.indexOf('`', lexer.at + 1)
  return close < 0 ? fail(lexer, 'unterminated raw quoted string') : take(lexer, 'rawString', close + 1)
}

function lexNumber(lexer: Lexer): Token {
  const { text, at } = lexer
  let scan = scanNumber(text, at)
  const sign = text[scan.end]
  const isComplex = scan.ok && (sign === '+' || sign === '-')
  if (isComplex) {
    scan = scanNumber(text, scan.end)
    if (text[scan.end - 1] !== 'i') scan = { ok: false, end: scan.end }
  }
  if (!scan.ok) return fail(lexer, `bad number syntax: ${goQuote(text.slice(at, scan.end))}`)
  return take(lexer, isComplex ? 'complex' : 'number', scan.end)
}
