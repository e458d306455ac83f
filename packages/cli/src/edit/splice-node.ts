import type { EditTree } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import { replaceNode } from './replace-node.ts'
import type { SourceDocument, SourceNode } from './source-node.ts'
import { spliceBlockList } from './splice-block-list.ts'
import { spliceBlockMap } from './splice-block-map.ts'
import { spliceFlow } from './splice-flow.ts'
import { startSplices } from './splices.ts'
import { documentStyle } from './style.ts'

/** Begins the changes to one document. */
export function startEditing(document: SourceDocument): Editing {
  const style = documentStyle(document)
  const editing: Editing = {
    document,
    style,
    moved: new Set(),
    splices: startSplices(document.text, style.eol),
    splice: (place, tree) => {
      const changed = tree.node === place ? spliceInside(editing, place, tree) : replaceNode(editing, place, tree)
      if (changed) editing.splices.changed.add(place)
      return changed
    },
  }
  return editing
}

function spliceInside(editing: Editing, place: SourceNode, tree: EditTree): boolean {
  if (tree.kind === 'kept') return false
  if (tree.kind === 'map' && place.kind === 'map' && !place.flow) return spliceBlockMap(editing, place, tree)
  if (tree.kind === 'list' && place.kind === 'list' && !place.flow) return spliceBlockList(editing, place, tree)
  if (place.kind === 'map' || place.kind === 'list') return spliceFlow(editing, place, tree)
  return replaceNode(editing, place, tree)
}
