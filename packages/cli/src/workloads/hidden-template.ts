import { formatPath, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/** Deeper than any Pod template of a workload that is known. */
const deepest = 8

/**
 * The path of something that looks like a Pod template inside an object of an unknown kind: an object whose
 * `spec.containers` lists objects with names. Such an object is most likely a workload that needs `--workload`.
 */
export function hiddenTemplate(object: JsonObject): readonly string[] | undefined {
  return search(object, [])
}

/**
 * What to say of an object with a hidden template.
 * @param wanted what is not done to it.
 */
export function unknownWorkload(
  { kind, apiVersion }: JsonObject,
  path: readonly string[],
  wanted: 'inject' | 'explain',
): string {
  const group = typeof apiVersion === 'string' && apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  return (
    `kind ${String(kind)} is not known, so it is not ${wanted}ed, although it holds a Pod at ${formatPath(path) || 'its root'}\n` +
    `  To ${wanted} it, add --workload ${String(kind)}${group}=${path.join('.')}`
  )
}

function search(value: Json, path: readonly string[]): readonly string[] | undefined {
  if (!isObject(value) || path.length > deepest) return undefined
  if (looksLikePod(value)) return path
  for (const key of Object.keys(value)) {
    const inner = value[key]
    const found = inner === undefined ? undefined : search(inner, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

function looksLikePod(value: JsonObject): boolean {
  const spec = value.spec
  const containers = isObject(spec) ? spec.containers : undefined
  if (!isArray(containers) || containers.length === 0) return false
  return containers.every((container) => isObject(container) && typeof container.name === 'string')
}
