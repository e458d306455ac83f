import type { JsonPatchOperation } from '@proa/kube'
import { type DocumentSpan, documentSpans } from './documents.ts'
import { editDocument } from './edit-document.ts'
import { EditError } from './patch-tree.ts'

/**
 * Changes one document of a YAML stream (or a JSON text) by a JSON Patch. Comments, key order, quoting, anchors,
 * indentation, line ends, byte order mark and document markers stay as they are; only changed nodes are written, in
 * the style of their surroundings.
 *
 * @param documentIndex 0-based, counting documents that have content.
 * @throws EditError when there is no such document or the patch does not fit; YamlError when the text is not YAML.
 */
export function editYaml(text: string, documentIndex: number, patch: readonly JsonPatchOperation[]): string {
  const span = documentSpans(text)[documentIndex]
  if (span === undefined) throw new EditError(`there is no document ${documentIndex}`)
  return replaceSpans(text, new Map([[span, editDocument(text.slice(span.start, span.end), patch).text]]))
}

/** The stream with the text of some of its documents replaced. */
export function replaceSpans(text: string, replacements: ReadonlyMap<DocumentSpan, string>): string {
  const parts: string[] = []
  let at = 0
  const ordered = [...replacements].sort(([a], [b]) => a.start - b.start)
  for (const [span, replacement] of ordered) {
    parts.push(text.slice(at, span.start), replacement)
    at = span.end
  }
  parts.push(text.slice(at))
  return parts.join('')
}
