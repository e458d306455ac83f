import type { EditTree } from './edit-tree.ts'
import type { SourceNode } from './source-node.ts'
import type { Splices } from './splices.ts'
import type { Writer } from './write-block.ts'

/** What every step of writing back needs. */
export interface Editing extends Writer {
  readonly splices: Splices
  /**
   * Brings the text at `place` to what `tree` says; true when the value there is another one now. Collections call it
   * for what is inside them (it is handed down because they and it need each other).
   */
  readonly splice: (place: SourceNode, tree: EditTree) => boolean
}
