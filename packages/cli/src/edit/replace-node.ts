import { isArray, isObject } from '@proa/kube'
import { type EditTree, treeValue } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import type { SourceNode } from './source-node.ts'
import { insertLinesBelow, markGone, replaceRange } from './splices.ts'
import { inlineEnd, lineStart } from './text-lines.ts'
import { type BlockText, valueText } from './write-block.ts'
import { flowText, jsonText } from './write-flow.ts'
import { scalarText } from './write-scalar.ts'

/** Writes the value anew in the place of whatever stands there. Always true: the value is another one. */
export function replaceNode(editing: Editing, place: SourceNode, tree: EditTree): true {
  const { splices } = editing
  markGone(splices, place)
  if (place.inFlow || editing.document.json) {
    replaceInline(editing, place, flowValue(editing, place, tree))
    return true
  }
  const { head, body } =
    sameQuotes(place, tree) ?? valueText(editing, tree, place.within, columnFor(place), gapFor(editing, place))
  replaceInline(editing, place, head)
  insertLinesBelow(splices, place.end, body)
  return true
}

function replaceInline({ splices }: Editing, place: SourceNode, head: string): void {
  const end = inlineEnd(splices.text, place.end)
  const bare = place.afterProps === place.slot && place.end > place.start
  const inline = bare && onOneLine(splices.text, place.slot, place.start)
  if (place.within === 'document' || place.inFlow || (inline && head !== '')) {
    // In flow style a value that was left out begins right behind its colon.
    const space = place.end === place.start && place.within === 'map' && head !== '' ? ' ' : ''
    replaceRange(splices, bare || place.within === 'document' ? place.start : place.slot, end, space + head)
  } else {
    replaceRange(splices, place.slot, end, head === '' ? '' : ` ${head}`)
  }
}

function onOneLine(text: string, from: number, to: number): boolean {
  return !text.slice(from, to).includes('\n')
}

function columnFor(place: SourceNode): number {
  return place.within === 'document' ? 0 : place.parentColumn
}

/** Spaces between a dash and what follows it now. */
function gapFor({ splices: { text } }: Editing, place: SourceNode): number {
  const between = text.slice(place.slot, place.start)
  return place.within === 'list' && /^ +$/.test(between) ? between.length : 1
}

function sameQuotes(place: SourceNode, tree: EditTree): BlockText | undefined {
  if (place.kind !== 'scalar' || tree.kind !== 'kept') return undefined
  const { value } = tree
  if (typeof value !== 'string' || (value.includes('\n') && place.style !== 'double')) return undefined
  return { head: scalarText(value, false, place.style), body: [] }
}

function flowValue({ document, style }: Editing, place: SourceNode, tree: EditTree): string {
  const value = treeValue(tree)
  if (document.json) {
    const begin = lineStart(document.text, place.start)
    const pad = /^[ \t]*/.exec(document.text.slice(begin, place.start))?.[0] ?? ''
    return jsonText(value, pad, style)
  }
  if (isArray(value) || isObject(value)) return flowText(value, style)
  return scalarText(value, true, place.kind === 'scalar' ? place.style : 'plain')
}
