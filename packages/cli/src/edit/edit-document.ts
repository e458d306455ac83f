import { deepEqual, dumpYaml, type Json, type JsonPatchOperation, parseYaml, YamlError } from '@proa/kube'
import { kept, treeValue } from './edit-tree.ts'
import { expandAliases } from './expand-aliases.ts'
import { EditError, patchTree } from './patch-tree.ts'
import { isJson, readDocumentText } from './read-document.ts'
import { SourceError } from './source-node.ts'
import { startEditing } from './splice-node.ts'
import { applySplices } from './splices.ts'

export interface EditedDocument {
  readonly text: string
  readonly value: Json
  /**
   * False when the text was too unusual to be changed in place (a list as a key, say) and had to be printed anew
   * without its comments.
   */
  readonly inPlace: boolean
}

/**
 * Changes one YAML or JSON document by a JSON Patch and leaves every character alone that does not have to change.
 * The result is read back and compared, so the text that comes out always has the patched value.
 *
 * @param text the document without its `---` and `...` lines.
 * @param value what the text says, when the caller has read it already.
 * @throws EditError when the patch does not fit, YamlError when the text is not YAML.
 */
export function editDocument(
  text: string,
  patch: readonly JsonPatchOperation[],
  value: Json = parseYaml(text),
): EditedDocument {
  if (patch.length === 0) return { text, value, inPlace: true }
  const edited = tryInPlace(text, value, patch)
  if (edited !== undefined) return edited
  const patched = treeValue(patchTree(kept(value), patch))
  return { text: printAnew(text, patched), value: patched, inPlace: false }
}

function tryInPlace(text: string, value: Json, patch: readonly JsonPatchOperation[]): EditedDocument | undefined {
  try {
    const document = readDocumentText(text)
    const tree = patchTree(kept(value, document.root), patch)
    const editing = startEditing(document)
    editing.splice(document.root, tree)
    expandAliases(editing, value)
    const result = applySplices(editing.splices, editing.moved)
    const expected = treeValue(tree)
    return deepEqual(parseYaml(result), expected) ? { text: result, value: expected, inPlace: true } : undefined
  } catch (error) {
    if (error instanceof SourceError || error instanceof YamlError) return undefined
    throw error
  }
}

function printAnew(text: string, value: Json): string {
  if (isJson(text)) return `${JSON.stringify(value, null, 2)}\n`
  const printed = dumpYaml(value)
  return text.includes('\r\n') ? printed.replaceAll('\n', '\r\n') : printed
}

export { EditError }
