import { TemplateError } from '../errors.ts'
import { type Lexer, nextToken } from './lex.ts'
import type { Tree } from './nodes.ts'
import { describeToken, type Token, type TokenType } from './tokens.ts'

/** What all templates of one text share while it is parsed. */
export interface ParseContext {
  /** Name of the text, as error texts give it. */
  readonly name: string
  readonly lexer: Lexer
  readonly trees: Map<string, Tree>
  readonly hasFunction: (name: string) => boolean
  readonly maxNesting: number
  nesting: number
}

/** The reading state of one template: the main one, or one inside `define` or `block`. */
export interface Cursor {
  readonly context: ParseContext
  /** Tokens that were looked at and put back, the next one last. */
  readonly pushedBack: Token[]
  /** Line of the last token read from the text, which parse errors name. */
  line: number
  /** Variables that may be used here, innermost last, and how often each name occurs among them. */
  readonly variables: string[]
  readonly known: Map<string, number>
  /** Line of the action being read, 0 outside. */
  actionLine: number
  /** Number of `range` blocks around. */
  rangeDepth: number
}

export function newCursor(context: ParseContext): Cursor {
  return {
    context,
    pushedBack: [],
    line: 0,
    variables: ['$'],
    known: new Map([['$', 1]]),
    actionLine: 0,
    rangeDepth: 0,
  }
}

/** Makes a variable usable. */
export function declare(cursor: Cursor, name: string): void {
  cursor.variables.push(name)
  cursor.known.set(name, (cursor.known.get(name) ?? 0) + 1)
}

/** Takes the innermost variables out of use until so many are left. */
export function forget(cursor: Cursor, count: number): void {
  while (cursor.variables.length > count) {
    const name = cursor.variables.pop() ?? ''
    cursor.known.set(name, (cursor.known.get(name) ?? 1) - 1)
  }
}

export function next(cursor: Cursor): Token {
  const known = cursor.pushedBack.pop()
  if (known !== undefined) return known
  const token = nextToken(cursor.context.lexer)
  cursor.line = token.line
  return token
}

export function putBack(cursor: Cursor, ...tokens: readonly Token[]): void {
  for (let i = tokens.length - 1; i >= 0; i--) cursor.pushedBack.push(tokens[i] as Token)
}

export function peek(cursor: Cursor): Token {
  const token = next(cursor)
  cursor.pushedBack.push(token)
  return token
}

export function nextNonSpace(cursor: Cursor): Token {
  let token = next(cursor)
  while (token.type === 'space') token = next(cursor)
  return token
}

export function peekNonSpace(cursor: Cursor): Token {
  const token = nextNonSpace(cursor)
  cursor.pushedBack.push(token)
  return token
}

export function expect(cursor: Cursor, types: readonly TokenType[], context: string): Token {
  const token = nextNonSpace(cursor)
  return types.includes(token.type) ? token : unexpected(cursor, token, context)
}

export function fail(cursor: Cursor, message: string): never {
  const { name } = cursor.context
  throw new TemplateError(`template: ${name}:${cursor.line}: ${message}`, {
    phase: 'parse',
    templateName: name,
    line: cursor.line,
  })
}

export function unexpected(cursor: Cursor, token: Token, context: string): never {
  if (token.type !== 'error') fail(cursor, `unexpected ${describeToken(token)} in ${context}`)
  let extra = ''
  if (cursor.actionLine !== 0 && cursor.actionLine !== token.line) {
    // "unclosed action in action started" would say it twice.
    const words = token.text.endsWith(' action') ? ' started at' : ' in action started at'
    extra = `${words} ${cursor.context.name}:${cursor.actionLine}`
  }
  fail(cursor, token.text + extra)
}

/** Counts one more level of blocks or parentheses; refuses what would take too much stack. */
export function enter(cursor: Cursor): void {
  const { context } = cursor
  if (++context.nesting <= context.maxNesting) return
  throw new TemplateError(
    `template: ${context.name}:${cursor.line}: blocks or parentheses are nested more than ${context.maxNesting} levels deep`,
    { phase: 'limit', templateName: context.name, line: cursor.line },
  )
}

export function leave(cursor: Cursor): void {
  cursor.context.nesting--
}
