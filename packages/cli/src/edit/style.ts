import { type MapNode, type SourceDocument, type SourceNode, walk } from './source-node.ts'

/** How a document is written, so that what is added looks as if its author had written it. */
export interface WriteStyle {
  readonly eol: '\n' | '\r\n'
  /** Columns from a key to the keys of the map below it. */
  readonly step: number
  /** Columns from a key to the dashes of the list below it; 0 is kubectl's own way. */
  readonly listStep: number
  /** JSON (or flow style over several lines): the text that indents one level; empty when everything is on one line. */
  readonly flowUnit: string
  /** What stands after a colon in flow style: nothing in compact JSON. */
  readonly flowGap: string
}

/** The style of the whole document, from the first place that shows it. */
export function documentStyle(document: SourceDocument): WriteStyle {
  const { text, root } = document
  const maps: MapNode[] = []
  walk(root, (node) => {
    if (node.kind === 'map' && !node.flow) maps.push(node)
  })
  const steps = maps.map((map) => localSteps(map))
  return {
    eol: /\r\n/.test(text) ? '\r\n' : '\n',
    step: steps.find((found) => found.step !== undefined)?.step ?? 2,
    listStep: steps.find((found) => found.listStep !== undefined)?.listStep ?? 0,
    flowUnit: document.json ? jsonUnit(text, root) : '',
    flowGap: document.json && /":\S/.test(text) ? '' : ' ',
  }
}

/** The style for something new in this map: its own entries first, then the document's. */
export function styleIn(map: SourceNode | undefined, style: WriteStyle): WriteStyle {
  if (map?.kind !== 'map' || map.flow) return style
  const local = localSteps(map)
  return { ...style, step: local.step ?? style.step, listStep: local.listStep ?? style.listStep }
}

function localSteps(map: MapNode): { step: number | undefined; listStep: number | undefined } {
  let step: number | undefined
  let listStep: number | undefined
  for (const { value } of map.pairs) {
    if (value.kind === 'map' && !value.flow && value.column > map.column) step ??= value.column - map.column
    if (value.kind === 'list' && !value.flow) listStep ??= Math.max(0, value.column - map.column)
  }
  return { step, listStep }
}

function jsonUnit(text: string, root: SourceNode): string {
  const first = root.kind === 'map' ? root.pairs[0]?.start : root.kind === 'list' ? root.items[0]?.start : undefined
  if (first === undefined) return text.includes('\n') ? '  ' : ''
  const between = text.slice(root.start + 1, first)
  const line = between.lastIndexOf('\n')
  return line < 0 ? '' : between.slice(line + 1)
}
