import { parseYaml } from '@proa/kube'
import { readJson } from './read-json.ts'
import { readYaml } from './read-yaml.ts'
import type { SourceDocument } from './source-node.ts'

/**
 * Lays out the text of one document, YAML or JSON.
 * @throws SourceError when that is not possible.
 */
export function readDocumentText(text: string): SourceDocument {
  return isJson(text) ? readJson(text) : readYaml(text, keyAsKubernetesReadsIt)
}

/** A text that begins like a JSON object or list and is one; `{a: b}` is YAML. */
export function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function keyAsKubernetesReadsIt(source: string): string {
  const read = parseYaml(`${source}: 0`)
  const [key] = typeof read === 'object' && read !== null ? Object.keys(read) : []
  return key ?? source
}
