import type { NumberReadings } from './number.ts'

/*
 * The parse tree. `at` is the offset in the template text (UTF-16 units) that error texts point to.
 */

export interface BoolNode {
  readonly kind: 'bool'
  readonly at: number
  readonly value: boolean
}

export interface DotNode {
  readonly kind: 'dot'
  readonly at: number
}

export interface NilNode {
  readonly kind: 'nil'
  readonly at: number
}

export interface NumberNode extends NumberReadings {
  readonly kind: 'number'
  readonly at: number
  readonly text: string
}

export interface StringNode {
  readonly kind: 'string'
  readonly at: number
  /** As written, with its quotes. */
  readonly quoted: string
  readonly text: string
}

/** A function's name. */
export interface IdentifierNode {
  readonly kind: 'identifier'
  readonly at: number
  readonly name: string
}

/** `.a.b`; with two names or more, `at` is that of the second. */
export interface FieldNode {
  readonly kind: 'field'
  readonly at: number
  readonly names: readonly string[]
}

/** `$x.a.b`: the first name is the variable with its dollar sign. */
export interface VariableNode {
  readonly kind: 'variable'
  readonly at: number
  readonly names: readonly string[]
}

/** `(…).a.b` */
export interface ChainNode {
  readonly kind: 'chain'
  readonly at: number
  readonly node: ExpressionNode
  readonly fields: readonly string[]
}

/** One stage of a pipeline: an operand, or a function or method with its arguments. */
export interface CommandNode {
  readonly kind: 'command'
  readonly at: number
  readonly args: readonly ExpressionNode[]
}

export interface PipeNode {
  readonly kind: 'pipe'
  readonly at: number
  readonly line: number
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean
  readonly variables: readonly VariableNode[]
  readonly commands: readonly CommandNode[]
}

export type ExpressionNode =
  | BoolNode
  | DotNode
  | NilNode
  | NumberNode
  | StringNode
  | IdentifierNode
  | FieldNode
  | VariableNode
  | ChainNode
  | PipeNode

export interface TextNode {
  readonly kind: 'text'
  readonly at: number
  readonly line: number
  readonly text: string
}

export interface ActionNode {
  readonly kind: 'action'
  readonly at: number
  readonly line: number
  readonly pipe: PipeNode
}

/** `if` or `with`, each with its `else if` or `else with` branches in order, and the final `else`. */
export interface ConditionNode {
  readonly kind: 'if' | 'with'
  readonly at: number
  readonly branches: readonly { readonly pipe: PipeNode; readonly body: readonly StatementNode[] }[]
  readonly otherwise: readonly StatementNode[]
}

export interface RangeNode {
  readonly kind: 'range'
  readonly at: number
  readonly pipe: PipeNode
  readonly body: readonly StatementNode[]
  readonly otherwise: readonly StatementNode[]
}

export interface TemplateNode {
  readonly kind: 'template'
  readonly at: number
  readonly line: number
  readonly name: string
  readonly pipe: PipeNode | undefined
}

export interface JumpNode {
  readonly kind: 'break' | 'continue'
  readonly at: number
}

export type StatementNode = TextNode | ActionNode | ConditionNode | RangeNode | TemplateNode | JumpNode

/** What can be named in an execution error. */
export type ErrorNode = ExpressionNode | CommandNode | ActionNode | TemplateNode

/** One named template of a text. */
export interface Tree {
  readonly name: string
  readonly body: readonly StatementNode[]
}
