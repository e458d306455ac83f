import { isObject, type Json } from '@proa/kube'
import { containersOf } from '../data/fields.ts'
import { ANNOTATION, CONTAINER } from '../names.ts'
import type { PodIndex, PodNode } from './pod-index.ts'
import type { InjectionTrace } from './trace.ts'
import type { Origin, TemplateLine } from './types.ts'

const LISTS = ['containers', 'initContainers'] as const

/** The names of the injector's containers that the user customised, in the Pod or, as its annotation tells, before. */
export function ownContainers(templates: readonly PodIndex[], { base, overrides }: InjectionTrace): readonly string[] {
  const own = new Set<Json | undefined>(
    LISTS.flatMap((list) => [...containersOf(base, list), ...overrides[list]]).map(({ name }) => name),
  )
  const injected = templates.flatMap((index) =>
    LISTS.flatMap((list) => {
      const value = index.get(`spec.${list}`)?.value
      return Array.isArray(value) ? value.filter(isObject).map(({ name }) => name) : []
    }),
  )
  return [...new Set(injected)].filter((name): name is string => typeof name === 'string' && own.has(name))
}

/** A field that the user set for one of the injector's containers, or that follows from what the user set. */
export function overrideOrigin(
  node: PodNode,
  trace: InjectionTrace,
  own: readonly string[],
  over: TemplateLine | undefined,
): Origin {
  const container = containerOf(node)
  const remembered = LISTS.some((list) => trace.overrides[list].some(({ name }) => name === container))
  // The init container takes over the user id of the proxy; the annotation remembers all of them.
  const names = container === undefined ? own : own.includes(container) ? [container] : [CONTAINER.proxy]
  const what = `${names.length > 1 ? 'containers' : 'container'} ${names.join(', ')} of the Pod`
  return {
    kind: 'override',
    source: remembered ? `annotation ${ANNOTATION.overrides}` : what,
    ...(over === undefined ? {} : { over }),
  }
}

function containerOf(node: PodNode): string | undefined {
  for (let at: PodNode | undefined = node; at !== undefined; at = at.parent) {
    const list = at.parent?.path
    if ((list === 'spec.containers' || list === 'spec.initContainers') && isObject(at.value)) {
      return typeof at.value.name === 'string' ? at.value.name : undefined
    }
  }
  return undefined
}
