import { formatPointer, type Json, type JsonPatchOperation } from '@proa/kube'
import { type DocumentSpan, replaceSpans } from '../edit/documents.ts'
import { editDocument } from '../edit/edit-document.ts'
import type { InputObject } from '../inputs/objects.ts'
import type { InputDocument, InputFile } from '../inputs/read-documents.ts'
import type { TextFile } from '../inputs/read-files.ts'

/** A JSON Patch against one object of the input; never empty. */
export interface ObjectChange {
  readonly object: InputObject
  readonly patch: readonly JsonPatchOperation[]
}

/** A file before and after. */
export interface FileResult {
  readonly file: TextFile
  readonly after: string
  /** The values of all its documents, after the change. */
  readonly values: readonly Json[]
  /** 1-based numbers of documents that had to be printed anew, without their comments. */
  readonly printedAnew: readonly number[]
}

/** Makes the changes in the texts of the files. Files without changes come back as they are. */
export function applyChanges(files: readonly InputFile[], changes: readonly ObjectChange[]): FileResult[] {
  const byDocument = Map.groupBy(changes, (change) => change.object.document)
  return files.map(({ file, documents }) => {
    const replacements = new Map<DocumentSpan, string>()
    const printedAnew: number[] = []
    const values = documents.map((document) => {
      const patch = (byDocument.get(document) ?? []).flatMap(patchOfDocument)
      if (patch.length === 0) return document.value
      const edited = editDocument(textOf(document), patch, document.value)
      replacements.set(document.span, edited.text)
      if (!edited.inPlace) printedAnew.push(document.span.index + 1)
      return edited.value
    })
    return { file, after: replaceSpans(file.text, replacements), values, printedAnew }
  })
}

/** Paths of a patch begin at the object; those of an item of a `List` go on at the document. */
function patchOfDocument({ object, patch }: ObjectChange): JsonPatchOperation[] {
  const prefix = formatPointer(object.path)
  return patch.map((operation) => {
    const moved = { ...operation, path: prefix + operation.path }
    return 'from' in moved ? { ...moved, from: prefix + moved.from } : moved
  })
}

export function textOf({ file, span }: InputDocument): string {
  return file.text.slice(span.start, span.end)
}
