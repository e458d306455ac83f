import { goQuote } from '../format/quote.ts'
import {
  type Cursor,
  declare,
  enter,
  fail,
  leave,
  next,
  nextNonSpace,
  peek,
  peekNonSpace,
  putBack,
  unexpected,
} from './cursor.ts'
import { nodeText } from './node-text.ts'
import type { CommandNode, ExpressionNode, PipeNode, VariableNode } from './nodes.ts'
import { readNumber } from './number.ts'
import type { Token, TokenType } from './tokens.ts'
import { unquote } from './unquote.ts'

const operandTypes: ReadonlySet<TokenType> = new Set([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

/** Reads `$x := a | b` up to and including its end: the closing delimiter or parenthesis. */
export function parsePipeline(cursor: Cursor, context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
  const first = peekNonSpace(cursor)
  const declared = parseDeclarations(cursor, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = nextNonSpace(cursor)
    if (token.type === end) break
    if (!operandTypes.has(token.type)) unexpected(cursor, token, context)
    putBack(cursor, token)
    commands.push(parseCommand(cursor))
  }
  checkStages(cursor, commands, context)
  return { kind: 'pipe', at: first.at, line: first.line, ...declared, commands }
}

function parseDeclarations(cursor: Cursor, context: string): Pick<PipeNode, 'variables' | 'isAssignment'> {
  const variables: VariableNode[] = []
  for (;;) {
    const token = peekNonSpace(cursor)
    if (token.type !== 'variable') return { variables, isAssignment: false }
    next(cursor)
    // If this turns out to be an operand, the space behind it decides where the operand ends.
    const behind = peek(cursor)
    const operator = peekNonSpace(cursor)
    const isList = operator.type === 'char' && operator.text === ','
    if (operator.type !== 'assign' && operator.type !== 'declare' && !isList) {
      if (behind.type === 'space') putBack(cursor, token, behind)
      else putBack(cursor, token)
      return { variables, isAssignment: false }
    }
    nextNonSpace(cursor)
    variables.push({ kind: 'variable', at: token.at, names: token.text.split('.') })
    declare(cursor, token.text)
    if (!isList) return { variables, isAssignment: operator.type === 'assign' }
    checkSecondVariable(cursor, context, variables.length)
  }
}

/** Only `range` declares two variables. */
function checkSecondVariable(cursor: Cursor, context: string, count: number): void {
  if (context !== 'range' || count >= 2) fail(cursor, `too many declarations in ${context}`)
  const { type } = peekNonSpace(cursor)
  if (type !== 'variable' && type !== 'rightDelim' && type !== 'rightParen') {
    fail(cursor, 'range can only initialize variables')
  }
}

const constantKinds: ReadonlySet<ExpressionNode['kind']> = new Set(['bool', 'dot', 'nil', 'number', 'string'])

function checkStages(cursor: Cursor, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) fail(cursor, `missing value for ${context}`)
  commands.forEach((command, i) => {
    const kind = command.args[0]?.kind
    if (i > 0 && kind !== undefined && constantKinds.has(kind)) {
      fail(cursor, `non executable command in pipeline stage ${i + 1}`)
    }
  })
}

/** Space separated operands up to a pipe character, which is taken, or the end of the pipeline, which is not. */
function parseCommand(cursor: Cursor): CommandNode {
  const at = peekNonSpace(cursor).at
  const args: ExpressionNode[] = []
  for (;;) {
    peekNonSpace(cursor)
    const operand = parseOperand(cursor)
    if (operand !== undefined) args.push(operand)
    const token = next(cursor)
    if (token.type === 'space') continue
    if (token.type === 'rightDelim' || token.type === 'rightParen') putBack(cursor, token)
    else if (token.type !== 'pipe') unexpected(cursor, token, 'operand')
    break
  }
  if (args.length === 0) fail(cursor, 'empty command')
  return { kind: 'command', at, args }
}

/** A term with the fields that follow it directly. */
function parseOperand(cursor: Cursor): ExpressionNode | undefined {
  const node = parseTerm(cursor)
  if (node === undefined || peek(cursor).type !== 'field') return node
  const { at } = peek(cursor)
  const fields: string[] = []
  while (peek(cursor).type === 'field') fields.push(next(cursor).text.slice(1))
  switch (node.kind) {
    case 'field':
    case 'variable':
      return { kind: node.kind, at, names: [...node.names, ...fields] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return fail(cursor, `unexpected . after term ${goQuote(nodeText(node))}`)
    default:
      return { kind: 'chain', at, node, fields }
  }
}

function parseTerm(cursor: Cursor): ExpressionNode | undefined {
  const token = nextNonSpace(cursor)
  const { at, text } = token
  switch (token.type) {
    case 'identifier':
      if (!cursor.context.hasFunction(text)) fail(cursor, `function ${goQuote(text)} not defined`)
      return { kind: 'identifier', at, name: text }
    case 'dot':
    case 'nil':
      return { kind: token.type, at }
    case 'variable':
      if ((cursor.known.get(text) ?? 0) === 0) fail(cursor, `undefined variable ${goQuote(text)}`)
      return { kind: 'variable', at, names: [text] }
    case 'field':
      return { kind: 'field', at, names: [text.slice(1)] }
    case 'bool':
      return { kind: 'bool', at, value: text === 'true' }
    case 'charConstant':
    case 'complex':
    case 'number':
      return parseNumber(cursor, token)
    case 'leftParen':
      return parseParentheses(cursor)
    case 'string':
    case 'rawString':
      return { kind: 'string', at, quoted: text, text: parseString(cursor, token) }
    default:
      putBack(cursor, token)
      return undefined
  }
}

function parseNumber(cursor: Cursor, token: Token): ExpressionNode {
  const readings = readNumber(token.text, token.type)
  if (typeof readings === 'string') fail(cursor, readings)
  return { kind: 'number', at: token.at, text: token.text, ...readings }
}

function parseParentheses(cursor: Cursor): PipeNode {
  enter(cursor)
  const pipe = parsePipeline(cursor, 'parenthesized pipeline', 'rightParen')
  leave(cursor)
  return pipe
}

export function parseString(cursor: Cursor, token: Token): string {
  return unquote(token.text) ?? fail(cursor, 'invalid syntax')
}
