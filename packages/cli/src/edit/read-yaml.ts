import type { CST } from 'yaml'
import { CST as cst, Parser } from 'yaml'
import {
  type AliasNode,
  type ListNode,
  type MapNode,
  type Pair,
  type Place,
  type SourceDocument,
  SourceError,
  type SourceNode,
} from './source-node.ts'

type Tokens = readonly CST.SourceToken[]
type Frame = Pick<Place, 'within' | 'inFlow' | 'parentColumn'>

interface Reader {
  readonly text: string
  readonly keyOf: (source: string) => string
  readonly anchors: Map<string, SourceNode>
  readonly aliases: AliasNode[]
}

/**
 * Lays out the text of one YAML document (without its `---` and `...` lines).
 * @param keyOf reads the text of a plain key that may be something else than a string (`8080`, `yes`) as Kubernetes does.
 * @throws SourceError when the text holds no document or a syntax error.
 */
export function readYaml(text: string, keyOf: (source: string) => string): SourceDocument {
  const reader: Reader = { text, keyOf, anchors: new Map(), aliases: [] }
  for (const token of new Parser().parse(text)) {
    if (token.type === 'error') throw new SourceError(token.message)
    if (token.type !== 'document') continue
    const props = properties(token.start, 0)
    const frame: Frame = { within: 'document', inFlow: false, parentColumn: -1 }
    const root = readNode(reader, token.value, props, frame)
    return { text, json: false, root, aliases: reader.aliases }
  }
  throw new SourceError('the text holds no document')
}

interface Properties {
  readonly slot: number
  readonly afterProps: number
  readonly anchor: string | undefined
}

/** Reads what stands between an indicator (`:`, `-`, `,`) and the value; `from` is used when there is no indicator. */
function properties(tokens: Tokens, from: number): Properties {
  let slot = from
  let afterProps = from
  let anchor: string | undefined
  for (const token of tokens) {
    const end = token.offset + token.source.length
    if (token.type === 'map-value-ind' || token.type === 'seq-item-ind' || token.type === 'comma') {
      slot = end
      afterProps = end
      anchor = undefined
    } else if (token.type === 'anchor' || token.type === 'tag') {
      afterProps = end
      if (token.type === 'anchor') anchor = token.source.slice(1)
    }
  }
  return { slot, afterProps, anchor }
}

function readNode(reader: Reader, token: CST.Token | null | undefined, props: Properties, frame: Frame): SourceNode {
  const place = { slot: props.slot, afterProps: props.afterProps, ...frame }
  if (token === null || token === undefined) {
    const at = props.afterProps
    return register(reader, props, { kind: 'scalar', style: 'empty', start: at, end: at, ...place })
  }
  switch (token.type) {
    case 'alias':
      return readAlias(reader, token, place)
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar': {
      const style = token.type === 'scalar' ? 'plain' : token.type === 'single-quoted-scalar' ? 'single' : 'double'
      const end = token.offset + token.source.length
      // A plain scalar of no characters is how the parser says "nothing here".
      const empty = style === 'plain' && token.source === ''
      return register(reader, props, {
        kind: 'scalar',
        style: empty ? 'empty' : style,
        ...place,
        start: empty ? props.afterProps : token.offset,
        end: empty ? props.afterProps : end,
      })
    }
    case 'block-scalar':
      return register(reader, props, { kind: 'scalar', style: 'block', ...place, ...blockScalarRange(token) })
    case 'block-map':
      return readBlockMap(reader, token, props, place)
    case 'block-seq':
      return readBlockList(reader, token, props, place)
    case 'flow-collection':
      return readFlow(reader, token, props, place)
    default:
      throw new SourceError(`unexpected ${token.type} in a document`)
  }
}

function register<T extends SourceNode>(reader: Reader, props: Properties, node: T): T {
  if (props.anchor !== undefined) reader.anchors.set(props.anchor, node)
  return node
}

function readAlias(reader: Reader, token: CST.FlowScalar, place: Omit<Place, 'start' | 'end'>): AliasNode {
  const target = reader.anchors.get(token.source.slice(1))
  const end = token.offset + token.source.length
  const alias: AliasNode = { kind: 'alias', target, ...place, start: token.offset, end }
  reader.aliases.push(alias)
  return alias
}

function blockScalarRange(token: CST.BlockScalar): { start: number; end: number } {
  const header = token.props.find((prop) => prop.type === 'block-scalar-header')
  const last = token.props.at(-1)
  if (header === undefined || last === undefined || !('source' in header) || !('source' in last)) {
    throw new SourceError('a block scalar without its header')
  }
  const body = last.offset + last.source.length
  // With `+` the blank lines at the end belong to the value; otherwise they are only space before what follows.
  if (header.source.includes('+')) return { start: header.offset, end: body + token.source.length }
  return { start: header.offset, end: body + token.source.trimEnd().length }
}

function readBlockMap(
  reader: Reader,
  token: CST.BlockMap,
  props: Properties,
  place: Omit<Place, 'start' | 'end'>,
): MapNode {
  const pairs: Pair[] = []
  const column = columnOf(reader.text, firstStart(token.items) ?? token.offset)
  const frame: Frame = { within: 'map', inFlow: false, parentColumn: column }
  const node = { kind: 'map' as const, flow: false, column, pairs, ...place, start: token.offset, end: token.offset }
  register(reader, props, node)
  for (const item of token.items) {
    const pair = readPair(reader, item, frame)
    if (pair !== undefined) pairs.push(pair)
  }
  node.start = pairs[0]?.start ?? token.offset
  node.end = pairs.at(-1)?.value.end ?? token.offset
  return node
}

function readBlockList(
  reader: Reader,
  token: CST.BlockSequence,
  props: Properties,
  place: Omit<Place, 'start' | 'end'>,
): ListNode {
  const items: { start: number; value: SourceNode }[] = []
  const first = token.items[0]?.start.find((part) => part.type === 'seq-item-ind')
  const column = columnOf(reader.text, first?.offset ?? token.offset)
  const frame: Frame = { within: 'list', inFlow: false, parentColumn: column }
  const node = { kind: 'list' as const, flow: false, column, items, ...place, start: token.offset, end: token.offset }
  register(reader, props, node)
  for (const item of token.items) {
    const dash = item.start.find((part) => part.type === 'seq-item-ind')
    if (dash === undefined) continue
    const value = readNode(reader, item.value, properties(item.start, dash.offset + 1), frame)
    items.push({ start: dash.offset, value })
  }
  node.start = items[0]?.start ?? token.offset
  node.end = items.at(-1)?.value.end ?? token.offset
  return node
}

function readFlow(
  reader: Reader,
  token: CST.FlowCollection,
  props: Properties,
  place: Omit<Place, 'start' | 'end'>,
): MapNode | ListNode {
  const close = token.end.find((part) => part.type === 'flow-map-end' || part.type === 'flow-seq-end')
  if (close === undefined) throw new SourceError('a flow collection that is not closed')
  const range = { start: token.start.offset, end: close.offset + close.source.length }
  const column = columnOf(reader.text, range.start)
  const isMap = token.start.type === 'flow-map-start'
  const frame: Frame = { within: isMap ? 'map' : 'list', inFlow: true, parentColumn: column }
  if (isMap) {
    const pairs: Pair[] = []
    const node: MapNode = { kind: 'map', flow: true, column, pairs, ...place, ...range }
    register(reader, props, node)
    for (const item of token.items) {
      const pair = readPair(reader, item, frame)
      if (pair !== undefined) pairs.push(pair)
    }
    return node
  }
  const items: { start: number; value: SourceNode }[] = []
  const node: ListNode = { kind: 'list', flow: true, column, items, ...place, ...range }
  register(reader, props, node)
  for (const item of token.items) {
    if (item.key !== undefined || item.sep !== undefined) throw new SourceError('a pair inside a flow list')
    if (item.value === undefined) continue
    const value = readNode(reader, item.value, properties(item.start, item.value.offset), frame)
    items.push({ start: propertyStart(item.start) ?? value.start, value })
  }
  return node
}

function readPair(reader: Reader, item: CST.CollectionItem, frame: Frame): Pair | undefined {
  const { key, sep, value } = item
  const question = item.start.find((part) => part.type === 'explicit-key-ind')
  if (key === undefined && sep === undefined && value === undefined && question === undefined) return undefined
  if (key !== undefined && key !== null && !cst.isScalar(key)) throw new SourceError('a key that is not a scalar')
  const keyProps = properties(item.start, 0)
  const merge = key?.type === 'scalar' && key.source === '<<'
  const name = merge ? '<<' : key === undefined || key === null ? '' : keyText(reader, key)
  const start = question?.offset ?? propertyStart(item.start) ?? key?.offset ?? sep?.[0]?.offset ?? 0
  const keyEnd = key === undefined || key === null ? start : key.offset + key.source.length
  if (keyProps.anchor !== undefined && key !== undefined && key !== null) {
    register(reader, keyProps, readNode(reader, key, { ...keyProps, anchor: undefined }, frame))
  }
  const hasColon = sep?.some((part) => part.type === 'map-value-ind') ?? false
  const node = readNode(reader, value, properties(sep ?? [], keyEnd), frame)
  return { key: name, merge, start, hasColon, value: node }
}

/** What every reader takes for a string: no need to ask one. */
const surelyString = /^[A-Za-z_][A-Za-z0-9_./-]{5,}$/

function keyText(reader: Reader, key: CST.FlowScalar | CST.BlockScalar): string {
  if (key.type === 'scalar') return surelyString.test(key.source) ? key.source : reader.keyOf(key.source)
  if (key.type === 'alias') throw new SourceError('an alias as a key')
  const refuse = (_offset: number, _code: string, message: string): never => {
    throw new SourceError(message)
  }
  return cst.resolveAsScalar(key, true, refuse)?.value ?? ''
}

function propertyStart(tokens: Tokens): number | undefined {
  return tokens.find((part) => part.type === 'anchor' || part.type === 'tag')?.offset
}

function firstStart(items: readonly CST.CollectionItem[]): number | undefined {
  const item = items.find((candidate) => candidate.key !== undefined || candidate.sep !== undefined)
  if (item === undefined) return undefined
  const question = item.start.find((part) => part.type === 'explicit-key-ind')
  return question?.offset ?? propertyStart(item.start) ?? item.key?.offset ?? item.sep?.[0]?.offset
}

export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}
