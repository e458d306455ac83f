import { namespaceName } from '../subjects/wishes.ts'
import { shellWord } from './kubectl.ts'
import { patchObject, type Step } from './patch-object.ts'

/** Sets labels of a namespace; null takes one away. */
export function labelNamespace(name: string, labels: Readonly<Record<string, string | null>>): Step {
  const words = Object.entries(labels).map(([key, value]) => shellWord(value === null ? `${key}-` : `${key}=${value}`))
  return patchObject(
    namespaceName(name),
    { type: 'merge', body: { metadata: { labels: { ...labels } } } },
    `kubectl label namespace ${shellWord(name)} ${words.join(' ')} --overwrite`,
  )
}
