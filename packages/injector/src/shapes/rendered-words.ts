import { isArray, isObject, type Json, type JsonPath, podListKey } from '@proa/kube'
import type { Rendered } from '../render/render.ts'
import { MARK, OPAQUE_MARK, PLAIN_MARK } from './pattern.ts'

/** A word behind what makes an anchor, an alias or a tag of YAML of it. */
const SIGIL = new RegExp(`(?:^|[\\s[{,])[&*!]\\S*${MARK}`, 'm')

/**
 * Whether the words that templates wrote are values only, which merging a Pod hands on. Keys are looked at: a word may be one
 * that Kubernetes has, and keys are sorted; so are the names by which items of lists are found, where a word with
 * something beside it may equal another. What may be anything may not be written at all, as it need not be a value to YAML.
 *
 * @param knows whether a text stands in what words never stand in
 */
export function wordsStayValues(rendered: readonly Rendered[], knows: (text: string) => boolean): boolean {
  return rendered.every(
    ({ text, overlay }) => !OPAQUE_MARK.test(text) && !SIGIL.test(text) && isCarried(overlay, [], knows),
  )
}

function isCarried(value: Json, path: JsonPath, knows: (text: string) => boolean): boolean {
  if (isArray(value)) {
    const key = podListKey(path)
    return value.every(
      (item, index) =>
        isCarried(item, [...path, index], knows) && (key === undefined || isApart(item, key, path, knows)),
    )
  }
  if (!isObject(value)) return true
  return Object.entries(value).every(([key, item]) => !key.includes(MARK) && isCarried(item, [...path, key], knows))
}

/** Whether an item of a list can be taken for no other. The name of the Pod's container may be a word. */
function isApart(item: Json, key: string, path: JsonPath, knows: (text: string) => boolean): boolean {
  const name = isObject(item) ? item[key] : item
  if (typeof name !== 'string') return true
  const [, list, ...rest] = path
  const ofContainers = (list === 'containers' || list === 'initContainers') && rest.length === 0
  return ofContainers ? PLAIN_MARK.test(name) || (!name.includes(MARK) && knows(name)) : !name.includes(MARK)
}
