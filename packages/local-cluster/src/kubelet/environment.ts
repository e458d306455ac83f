import type { JsonObject } from '@proa/kube'
import { at, namespaceOf, objectAt, objectsAt, textAt } from '../controllers/fields.ts'
import {
  ContainerConfigError,
  entriesOf,
  type PodFieldFacts,
  podField,
  resourceField,
  type Sources,
} from './sources.ts'

const decoder = new TextDecoder()

/**
 * The container's environment: `envFrom` first, then `env` in order, `$(NAME)` expanded with what came before.
 *
 * @throws ContainerConfigError when a reference that is not optional leads nowhere
 */
export function resolveEnvironment(
  pod: JsonObject,
  container: JsonObject,
  sources: Sources,
  facts: PodFieldFacts,
): Readonly<Record<string, string>> {
  const env = new Map<string, string>()
  for (const from of objectsAt(container, 'envFrom')) {
    const prefix = textAt(from, 'prefix')
    for (const [key, value] of bulk(pod, from, sources)) env.set(`${prefix}${key}`, decoder.decode(value))
  }
  for (const entry of objectsAt(container, 'env')) {
    const value = entryValue(pod, container, entry, sources, facts)
    if (value !== undefined) env.set(textAt(entry, 'name'), 'value' in entry ? expand(value, env) : value)
  }
  return Object.fromEntries(env)
}

function bulk(pod: JsonObject, from: JsonObject, sources: Sources): ReadonlyMap<string, Uint8Array> {
  const isSecret = at(from, 'secretRef') !== undefined
  const reference = objectAt(from, isSecret ? 'secretRef' : 'configMapRef')
  return lookUp(pod, reference, isSecret, sources) ?? new Map()
}

function lookUp(
  pod: JsonObject,
  reference: JsonObject,
  isSecret: boolean,
  sources: Sources,
): ReadonlyMap<string, Uint8Array> | undefined {
  const name = textAt(reference, 'name')
  const found = isSecret ? sources.secret(name) : sources.configMap(name)
  if (found !== undefined) return entriesOf(found)
  if (reference.optional === true) return undefined
  throw new ContainerConfigError(`${isSecret ? 'secret' : 'configmap'} "${name}" not found`, {
    cause: namespaceOf(pod),
  })
}

function entryValue(
  pod: JsonObject,
  container: JsonObject,
  entry: JsonObject,
  sources: Sources,
  facts: PodFieldFacts,
): string | undefined {
  const from = objectAt(entry, 'valueFrom')
  if (at(from, 'fieldRef') !== undefined) return podField(pod, textAt(from, 'fieldRef', 'fieldPath'), facts)
  if (at(from, 'resourceFieldRef') !== undefined)
    return resourceField(pod, container, objectAt(from, 'resourceFieldRef'))
  for (const kind of ['secretKeyRef', 'configMapKeyRef']) {
    if (at(from, kind) === undefined) continue
    const isSecret = kind === 'secretKeyRef'
    const reference = objectAt(from, kind)
    const entries = lookUp(pod, reference, isSecret, sources)
    const value = entries?.get(textAt(reference, 'key'))
    if (value !== undefined) return decoder.decode(value)
    if (entries === undefined || reference.optional === true) return undefined
    const object = `${isSecret ? 'Secret' : 'ConfigMap'} ${namespaceOf(pod)}/${textAt(reference, 'name')}`
    throw new ContainerConfigError(`couldn't find key ${textAt(reference, 'key')} in ${object}`)
  }
  return textAt(entry, 'value')
}

/** `$(NAME)` becomes the value of a variable that is known by now; `$$` is a dollar; the rest stays as it is. */
export function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  )
}
