/**
 * The text of one YAML or JSON document as a tree of places. It says where every value stands, never what it means:
 * meaning comes from the Kubernetes reader, so that both can never disagree about a scalar.
 * Offsets count UTF-16 units from the beginning of the document's text; columns count from the beginning of a line.
 */
export interface Place {
  /** Right after the `:` or `-` that announces the value; properties (`&anchor`, `!tag`) begin behind it. */
  readonly slot: number
  /** Right after the properties; equals `slot` when there are none. */
  readonly afterProps: number
  readonly start: number
  /** After the last character of the content; a trailing comment and the line break are not part of it. */
  readonly end: number
  readonly within: 'document' | 'map' | 'list'
  /** The value stands inside a flow collection (`{…}`, `[…]`), where line structure has no meaning. */
  readonly inFlow: boolean
  /** Column of the entries of the collection that holds the value; -1 for the root of a document. */
  readonly parentColumn: number
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block' | 'empty'

export interface ScalarNode extends Place {
  readonly kind: 'scalar'
  readonly style: ScalarStyle
}

export interface AliasNode extends Place {
  readonly kind: 'alias'
  /** The anchored node that was the latest of that name where the alias stands. */
  readonly target: SourceNode | undefined
}

export interface Pair {
  readonly key: string
  /** `<<` in plain style: the pair offers the keys of other maps. */
  readonly merge: boolean
  /** Where the entry begins: the key, its properties, or `?`. */
  readonly start: number
  /** False in `{a}`, where the value is left out together with its colon. */
  readonly hasColon: boolean
  readonly value: SourceNode
}

export interface MapNode extends Place {
  readonly kind: 'map'
  readonly flow: boolean
  readonly column: number
  readonly pairs: readonly Pair[]
}

export interface ListItem {
  /** The dash in block style, the beginning of the item in flow style. */
  readonly start: number
  readonly value: SourceNode
}

export interface ListNode extends Place {
  readonly kind: 'list'
  readonly flow: boolean
  readonly column: number
  readonly items: readonly ListItem[]
}

export type SourceNode = ScalarNode | AliasNode | MapNode | ListNode

export interface SourceDocument {
  readonly text: string
  readonly json: boolean
  readonly root: SourceNode
  /** All aliases in order of appearance; `anchored` holds the nodes that any alias may refer to. */
  readonly aliases: readonly AliasNode[]
}

/** The text cannot be laid out as a tree of places (it may still be readable in another way). */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

/** Calls `visit` for the node and everything below it; aliases are not followed. */
export function walk(node: SourceNode, visit: (node: SourceNode) => void): void {
  visit(node)
  if (node.kind === 'map') for (const pair of node.pairs) walk(pair.value, visit)
  if (node.kind === 'list') for (const item of node.items) walk(item.value, visit)
}
