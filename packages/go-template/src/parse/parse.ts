import { goQuote } from '../format/quote.ts'
import type { Limits } from '../limits.ts'
import {
  type Cursor,
  enter,
  expect,
  fail,
  forget,
  leave,
  newCursor,
  next,
  nextNonSpace,
  type ParseContext,
  peek,
  peekNonSpace,
  putBack,
  unexpected,
} from './cursor.ts'
import { newLexer } from './lex.ts'
import type { ConditionNode, RangeNode, StatementNode, TemplateNode, Tree } from './nodes.ts'
import { parsePipeline, parseString } from './parse-pipeline.ts'
import type { Token } from './tokens.ts'

export interface ParseOptions {
  readonly delimiters: readonly [string, string]
  readonly hasFunction: (name: string) => boolean
  readonly limits: Limits
}

/** Ends a list of statements; `branch` says that `if` or `with` follows in the same action. */
interface Terminator {
  readonly kind: 'end' | 'else'
}

/** Reads a text into its named templates; the text itself is the one called `name`. Throws a TemplateError. */
export function parse(name: string, text: string, options: ParseOptions): ReadonlyMap<string, Tree> {
  const { hasFunction } = options
  const context: ParseContext = {
    name,
    lexer: newLexer(text, {
      leftDelimiter: options.delimiters[0],
      rightDelimiter: options.delimiters[1],
      breakKeyword: !hasFunction('break'),
      continueKeyword: !hasFunction('continue'),
    }),
    trees: new Map(),
    hasFunction,
    maxNesting: options.limits.nesting,
    nesting: 0,
  }
  const cursor = newCursor(context)
  const body: StatementNode[] = []
  while (peek(cursor).type !== 'eof') {
    if (parseDefinition(cursor)) continue
    const statement = parseStatement(cursor)
    if (isTerminator(statement)) fail(cursor, `unexpected {{${statement.kind}}}`)
    body.push(statement)
  }
  addTree(cursor, { name, body })
  return context.trees
}

function isTerminator(node: StatementNode | Terminator): node is Terminator {
  return node.kind === 'end' || node.kind === 'else'
}

/** The first template of a name stays; another one is an error, unless one of them is empty. */
function addTree(cursor: Cursor, tree: Tree): void {
  const { trees } = cursor.context
  const known = trees.get(tree.name)
  if (known === undefined || isBlank(known)) trees.set(tree.name, tree)
  else if (!isBlank(tree)) fail(cursor, `template: multiple definition of template ${goQuote(tree.name)}`)
}

const blank = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/

function isBlank(tree: Tree): boolean {
  return tree.body.every((node) => node.kind === 'text' && blank.test(node.text))
}

/** Reads a `define` at the top of the text, if there is one. */
function parseDefinition(cursor: Cursor): boolean {
  if (peek(cursor).type !== 'leftDelim') return false
  const delimiter = next(cursor)
  const word = nextNonSpace(cursor)
  if (word.type !== 'define') {
    putBack(cursor, delimiter, word)
    return false
  }
  const inner = newCursor(cursor.context)
  const context = 'define clause'
  const name = parseString(inner, expect(inner, ['string', 'rawString'], context))
  expect(inner, ['rightDelim'], context)
  addTree(inner, { name, body: parseNamedBody(inner, inner, context) })
  return true
}

/** The body of a template of its own; Go reports a stray `else` from where the `block` stands. */
function parseNamedBody(cursor: Cursor, outer: Cursor, context: string): readonly StatementNode[] {
  enter(cursor)
  const { body, terminator } = parseList(cursor)
  leave(cursor)
  if (terminator.kind !== 'end') fail(outer, `unexpected {{else}} in ${context}`)
  return body
}

function parseList(cursor: Cursor): { body: StatementNode[]; terminator: Terminator } {
  const body: StatementNode[] = []
  while (peekNonSpace(cursor).type !== 'eof') {
    const node = parseStatement(cursor)
    if (isTerminator(node)) return { body, terminator: node }
    body.push(node)
  }
  return fail(cursor, 'unexpected EOF')
}

function parseStatement(cursor: Cursor): StatementNode | Terminator {
  const token = nextNonSpace(cursor)
  if (token.type === 'text') return { kind: 'text', at: token.at, line: token.line, text: token.text }
  if (token.type !== 'leftDelim') unexpected(cursor, token, 'input')
  cursor.actionLine = token.line
  const node = parseAction(cursor)
  cursor.actionLine = 0
  return node
}

function parseAction(cursor: Cursor): StatementNode | Terminator {
  const token = nextNonSpace(cursor)
  switch (token.type) {
    case 'block':
      return parseBlock(cursor)
    case 'break':
    case 'continue':
      return parseJump(cursor, token.type, token.at)
    case 'else':
      return parseElse(cursor)
    case 'end':
      expect(cursor, ['rightDelim'], 'end')
      return { kind: 'end' }
    case 'if':
    case 'with':
      return parseCondition(cursor, token.type)
    case 'range':
      return parseRange(cursor)
    case 'template':
      return parseTemplate(cursor)
    default: {
      putBack(cursor, token)
      return { kind: 'action', at: token.at, line: token.line, pipe: parsePipeline(cursor, 'command', 'rightDelim') }
    }
  }
}

function parseJump(cursor: Cursor, kind: 'break' | 'continue', at: number): StatementNode {
  const token = nextNonSpace(cursor)
  if (token.type !== 'rightDelim') unexpected(cursor, token, `{{${kind}}}`)
  if (cursor.rangeDepth === 0) fail(cursor, `{{${kind}}} outside {{range}}`)
  return { kind, at }
}

function parseElse(cursor: Cursor): Terminator {
  const { type } = peekNonSpace(cursor)
  if (type !== 'if' && type !== 'with') expect(cursor, ['rightDelim'], 'else')
  return { kind: 'else' }
}

/** `if` and `with`; a chain of `else if` is read in a loop, for it may be long. */
function parseCondition(cursor: Cursor, kind: 'if' | 'with'): ConditionNode {
  enter(cursor)
  const variables = cursor.variables.length
  const branches: { pipe: ConditionNode['branches'][number]['pipe']; body: readonly StatementNode[] }[] = []
  let otherwise: readonly StatementNode[] = []
  let at: number | undefined
  for (;;) {
    const pipe = parsePipeline(cursor, kind, 'rightDelim')
    at ??= pipe.at
    const { body, terminator } = parseList(cursor)
    branches.push({ pipe, body })
    if (terminator.kind === 'end') break
    if (peek(cursor).type === kind) {
      next(cursor)
      continue
    }
    otherwise = parseFinalElse(cursor)
    break
  }
  forget(cursor, variables)
  leave(cursor)
  return { kind, at, branches, otherwise }
}

function parseFinalElse(cursor: Cursor): readonly StatementNode[] {
  const { body, terminator } = parseList(cursor)
  if (terminator.kind !== 'end') fail(cursor, 'expected end; found {{else}}')
  return body
}

function parseRange(cursor: Cursor): RangeNode {
  enter(cursor)
  const variables = cursor.variables.length
  const pipe = parsePipeline(cursor, 'range', 'rightDelim')
  cursor.rangeDepth++
  const { body, terminator } = parseList(cursor)
  cursor.rangeDepth--
  const otherwise = terminator.kind === 'else' ? parseFinalElse(cursor) : []
  forget(cursor, variables)
  leave(cursor)
  return { kind: 'range', at: pipe.at, pipe, body, otherwise }
}

/** `block "x" pipe` is `define "x"` and `template "x" pipe` in one. */
function parseBlock(cursor: Cursor): TemplateNode {
  const context = 'block clause'
  const token = nextNonSpace(cursor)
  const name = parseTemplateName(cursor, token, context)
  const pipe = parsePipeline(cursor, context, 'rightDelim')
  const inner = newCursor(cursor.context)
  addTree(inner, { name, body: parseNamedBody(inner, cursor, context) })
  return { kind: 'template', at: token.at, line: token.line, name, pipe }
}

function parseTemplate(cursor: Cursor): TemplateNode {
  const context = 'template clause'
  const token = nextNonSpace(cursor)
  const name = parseTemplateName(cursor, token, context)
  const behind = nextNonSpace(cursor)
  if (behind.type === 'rightDelim') return { kind: 'template', at: token.at, line: token.line, name, pipe: undefined }
  putBack(cursor, behind)
  const pipe = parsePipeline(cursor, context, 'rightDelim')
  return { kind: 'template', at: token.at, line: token.line, name, pipe }
}

function parseTemplateName(cursor: Cursor, token: Token, context: string): string {
  if (token.type !== 'string' && token.type !== 'rawString') unexpected(cursor, token, context)
  return parseString(cursor, token)
}
