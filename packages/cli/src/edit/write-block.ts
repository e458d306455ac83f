import { isArray, isObject, type Json } from '@proa/kube'
import { commentBehind, commentsAbove } from './comments.ts'
import { type EditTree, type MapTree, open } from './edit-tree.ts'
import { type SourceDocument, type SourceNode, walk } from './source-node.ts'
import { styleIn, type WriteStyle } from './style.ts'
import { lineStart } from './text-lines.ts'
import { flowText } from './write-flow.ts'
import { literalLines, scalarText } from './write-scalar.ts'

export interface Writer {
  readonly document: SourceDocument
  readonly style: WriteStyle
  /** Nodes that are written in another place than that of their text: their comments go with them. */
  readonly moved: Set<SourceNode>
}

/** A value as block YAML: what stands on the line of its key or dash, and the whole lines below. No line ends. */
export interface BlockText {
  readonly head: string
  readonly body: readonly string[]
}

/** Longest implicit key that every YAML reader accepts is 1,024 characters; quoting may lengthen a key. */
const longestImplicitKey = 500

/** The lines of `key: value` with the key at `column`. */
export function pairLines(writer: Writer, key: string, tree: EditTree, column: number): string[] {
  const pad = ' '.repeat(column)
  const name = scalarText(key, false)
  const { head, body } = valueText(writer, tree, 'map', column)
  const rest = head === '' ? '' : ` ${head}`
  if (name.length > longestImplicitKey) return [`${pad}? ${name}`, `${pad}:${rest}`, ...body]
  return [`${pad}${name}:${rest}`, ...body]
}

/** The lines of a map that is written in another place; the comments of its pairs come along. */
function mapLines(writer: Writer, { node, entries }: MapTree, column: number): string[] {
  const pairs = node?.kind === 'map' && !node.flow ? node.pairs : []
  const places = new Map(pairs.map((pair) => [pair.key, pair]))
  return [...entries].flatMap(([key, entry]) => {
    const lines = pairLines(writer, key, entry, column)
    const pair = places.get(key)
    return pair === undefined ? lines : withComments(writer, lines, pair.start, pair.value, column)
  })
}

/** The lines with the comments that stand above an entry of the text and behind it. */
function withComments(writer: Writer, lines: string[], start: number, node: SourceNode, column: number): string[] {
  const { text, json } = writer.document
  if (json || node.inFlow) return lines
  const [first = '', ...rest] = lines
  const isBlock = (node.kind === 'map' || node.kind === 'list') && !node.flow
  // A list or map that begins behind its dash has no place for a comment of its own there.
  const end = isBlock
    ? text.slice(node.afterProps, node.start).includes('\n')
      ? node.afterProps
      : undefined
    : node.end
  const behind = end === undefined ? '' : commentBehind(text, end)
  return [...pulledComments(text, start, column), first + behind, ...rest]
}

/** The lines of `- value` with the dash at `column` and `gap` spaces behind it. */
export function itemLines(writer: Writer, tree: EditTree, column: number, gap: number): string[] {
  const { head, body } = valueText(writer, tree, 'list', column, gap)
  const lines = [`${' '.repeat(column)}-${head === '' ? '' : `${' '.repeat(gap)}${head}`}`, ...body]
  const { node } = tree
  if (node === undefined || node.within !== 'list') return lines
  writer.moved.add(node)
  return withComments(writer, lines, node.slot - 1, node, column)
}

/** The comments above an entry that begins its line; `- a: 1` shares the line of the dash. */
function pulledComments(text: string, offset: number, column: number): string[] {
  const before = text.slice(lineStart(text, offset), offset)
  if (/^\s*-\s/.test(before)) return []
  return commentsAbove(text, offset).map((line) => ' '.repeat(column) + line)
}

/**
 * The text of a value below a key or behind a dash.
 * @param column of the key or dash; -1 for the root of a document.
 */
export function valueText(
  writer: Writer,
  tree: EditTree,
  within: 'map' | 'list' | 'document',
  column: number,
  gap = 1,
): BlockText {
  const copied = copyText(writer, tree, within, column, gap)
  if (copied !== undefined) return copied
  const opened = open(tree)
  if (opened.kind === 'kept') return scalarBlock(opened.value, within, column, gap, writer.style)
  if (opened.kind === 'map' && opened.entries.size === 0) return { head: '{}', body: [] }
  if (opened.kind === 'list' && opened.items.length === 0) return { head: '[]', body: [] }
  const inner = childColumn(opened.kind, within, column, gap, writer.style)
  const inside: Writer = { ...writer, style: styleIn(opened.node, writer.style) }
  const lines =
    opened.kind === 'map'
      ? mapLines(inside, opened, inner)
      : opened.items.flatMap((item) => itemLines(inside, item, inner, 1))
  return hang(lines, within, inner)
}

function childColumn(kind: 'map' | 'list', within: string, column: number, gap: number, style: WriteStyle): number {
  if (within === 'document') return 0
  if (within === 'list') return column + 1 + gap
  return column + (kind === 'map' ? style.step : style.listStep)
}

/** Behind a dash (and at the root) the first line goes up to where the value begins. */
function hang(lines: string[], within: string, column: number): BlockText {
  if (within === 'map') return { head: '', body: lines }
  const [first = '', ...body] = lines
  return { head: first.slice(column), body }
}

function scalarBlock(value: Json, within: string, column: number, gap: number, style: WriteStyle): BlockText {
  if (isArray(value) || isObject(value)) return { head: flowText(value, style), body: [] }
  const literal = typeof value === 'string' && within !== 'document' ? literalLines(value) : undefined
  if (literal === undefined) return { head: scalarText(value, false), body: [] }
  const pad = ' '.repeat(childColumn('map', within, column, gap, style))
  return { head: literal.header, body: literal.lines.map((line) => (line === '' ? '' : pad + line)) }
}

/** What is kept keeps its own text (comments too) when it moves to another place. */
function copyText(writer: Writer, tree: EditTree, within: string, column: number, gap: number): BlockText | undefined {
  if (tree.kind !== 'kept' || tree.node === undefined || writer.document.json) return undefined
  const { node } = tree
  if (dependsOnItsPlace(node)) return undefined
  const inline = writer.document.text.slice(node.start, node.end)
  const isBlock = (node.kind === 'map' || node.kind === 'list') && !node.flow
  if (!isBlock) {
    const simple =
      node.end > node.start && !inline.includes('\n') && !(node.kind === 'scalar' && node.style === 'block')
    return simple ? { head: inline, body: [] } : undefined
  }
  const inner = childColumn(node.kind, within, column, gap, writer.style)
  const lines = dedentedLines(writer.document.text, node.start, node.end, node.column)
  return lines === undefined
    ? undefined
    : hang(
        lines.map((line) => indent(line, inner)),
        within,
        inner,
      )
}

function dependsOnItsPlace(node: SourceNode): boolean {
  let found = false
  walk(node, (inner) => {
    if (inner.kind === 'alias' || inner.afterProps !== inner.slot) found = true
  })
  return found
}

/** Whole lines from `start` to the end of the line of `end`, without the first `column` columns. */
function dedentedLines(text: string, start: number, end: number, column: number): string[] | undefined {
  const stop = text.indexOf('\n', Math.max(start, end - 1))
  const [first = '', ...rest] = text.slice(start, stop < 0 ? text.length : stop).split(/\r?\n/)
  const lines = [first.trimEnd()]
  for (const line of rest) {
    const spaces = line.length - line.trimStart().length
    if (spaces < column && line.trim() !== '' && !line.trimStart().startsWith('#')) return undefined
    lines.push(line.slice(Math.min(spaces, column)))
  }
  return lines
}

function indent(line: string, column: number): string {
  return line === '' ? '' : ' '.repeat(column) + line
}
