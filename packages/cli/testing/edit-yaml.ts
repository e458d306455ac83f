import type { JsonPatchOperation } from '@proa/kube'
import { documentSpans, replaceSpans } from '../src/edit/documents.ts'
import { EditError, editDocument } from '../src/edit/edit-document.ts'

/** Changes one document of a stream, counted from 0, as the commands change those of a file. */
export function editYaml(text: string, documentIndex: number, patch: readonly JsonPatchOperation[]): string {
  const span = documentSpans(text)[documentIndex]
  if (span === undefined) throw new EditError(`there is no document ${documentIndex}`)
  return replaceSpans(text, new Map([[span, editDocument(text.slice(span.start, span.end), patch).text]]))
}
