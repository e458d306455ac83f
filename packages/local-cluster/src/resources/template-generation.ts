/**
 * The annotation that every DaemonSet of a real API server has: its internal form counts the changes of the template, apps/v1 has
 * no field for that any more, and so the number travels in an annotation.
 */
import { deepEqual, type Json, type JsonObject } from '@proa/kube'
import { metadataOf, part, withMetadata } from '../api/metadata.ts'

export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** From 1 on, or from where the client says. */
export function firstTemplateGeneration(daemonSet: JsonObject): JsonObject {
  return withGeneration(daemonSet, Math.max(1, templateGenerationOf(daemonSet)))
}

/** One more with each change of the template, whatever the client says. */
export function nextTemplateGeneration(wanted: JsonObject, current: JsonObject): JsonObject {
  const before = templateGenerationOf(current)
  return withGeneration(wanted, deepEqual(templateOf(wanted), templateOf(current)) ? before : before + 1)
}

/** 0 where it is not said, or not as a number. */
export function templateGenerationOf(daemonSet: JsonObject): number {
  const text = part(metadataOf(daemonSet), 'annotations')[TEMPLATE_GENERATION]
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

function templateOf(daemonSet: JsonObject): Json {
  return part(part(daemonSet, 'spec'), 'template')
}

function withGeneration(daemonSet: JsonObject, generation: number): JsonObject {
  const annotations = { ...part(metadataOf(daemonSet), 'annotations'), [TEMPLATE_GENERATION]: String(generation) }
  return withMetadata(daemonSet, { annotations })
}
