import { readDocumentText } from './read-document.ts'
import { SourceError, type SourceNode } from './source-node.ts'

/**
 * The 1-based line, inside the text of one document, on which the value at a path stands; of its nearest ancestor
 * when the path ends before. Undefined when the text cannot be laid out.
 */
export function lineOfPath(text: string, path: readonly (string | number)[]): number | undefined {
  try {
    let node: SourceNode = readDocumentText(text).root
    let offset = node.start
    for (const step of path) {
      const next = child(node, step)
      if (next === undefined) break
      node = next.value
      offset = next.start
    }
    return text.slice(0, offset).split('\n').length
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

function child(node: SourceNode, step: string | number): { start: number; value: SourceNode } | undefined {
  if (node.kind === 'map') return node.pairs.findLast((pair) => pair.key === String(step))
  if (node.kind === 'list') return node.items[Number(step)]
  return undefined
}

/**
 * Reads a path as messages print it: `metadata.annotations["a.b/c"]`, `spec.containers[0].image`. What cannot be read
 * ends it.
 */
export function parsePathText(text: string): (string | number)[] {
  const step = /\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y
  const path: (string | number)[] = []
  for (let match = step.exec(text); match !== null; match = step.exec(text)) {
    const [, word, index, quoted] = match
    if (index !== undefined) path.push(Number(index))
    else path.push(word ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? '')
  }
  return path
}
