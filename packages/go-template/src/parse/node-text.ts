import { goQuote } from '../format/quote.ts'
import type { CommandNode, ErrorNode, ExpressionNode, PipeNode } from './nodes.ts'

/** A node as Go prints its parse tree: what stands between the angle brackets of an execution error. */
export function nodeText(node: ErrorNode): string {
  switch (node.kind) {
    case 'bool':
      return String(node.value)
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'number':
      return node.text
    case 'string':
      return node.quoted
    case 'identifier':
      return node.name
    case 'field':
      return `.${node.names.join('.')}`
    case 'variable':
      return node.names.join('.')
    case 'chain':
      return `${operandText(node.node)}.${node.fields.join('.')}`
    case 'command':
      return commandText(node)
    case 'pipe':
      return pipeText(node)
    case 'action':
      return `{{${pipeText(node.pipe)}}}`
    case 'template':
      return `{{template ${goQuote(node.name)}${node.pipe === undefined ? '' : ` ${pipeText(node.pipe)}`}}}`
  }
}

function operandText(node: ExpressionNode): string {
  return node.kind === 'pipe' ? `(${pipeText(node)})` : nodeText(node)
}

function commandText(command: CommandNode): string {
  return command.args.map(operandText).join(' ')
}

function pipeText(pipe: PipeNode): string {
  const stages = pipe.commands.map(commandText).join(' | ')
  if (pipe.variables.length === 0) return stages
  return `${pipe.variables.map(nodeText).join(', ')} ${pipe.isAssignment ? '=' : ':='} ${stages}`
}
