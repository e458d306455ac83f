import type { Json, JsonObject } from '@proa/kube'
import type { Subject } from '../subjects/subjects.ts'
import { mergePatch, NO_STEP, type Step } from './patch-object.ts'

type Entries = Readonly<Record<string, string | null>>

/**
 * Sets labels or annotations of the Pods that a workload makes; null takes one away. The workload then makes its Pods anew. No
 * step for a Pod that exists (it is not injected any more) and for a template that is not in the snapshot.
 */
export function editTemplate(
  subject: Subject,
  metadata: { readonly labels?: Entries; readonly annotations?: Entries },
): Step {
  const { object, owner, templatePath } = subject
  if (owner === undefined || templatePath.length === 0) return NO_STEP
  const inTemplate: JsonObject = {
    ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
    ...(metadata.annotations === undefined ? {} : { annotations: { ...metadata.annotations } }),
  }
  return mergePatch(object, within([...templatePath, 'metadata'], inTemplate))
}

export function labelTemplate(subject: Subject, labels: Entries): Step {
  return editTemplate(subject, { labels })
}

/** The value at a path of nested maps: `{spec: {template: {metadata: value}}}`. */
export function within(path: readonly string[], value: JsonObject): JsonObject {
  return path.reduceRight<JsonObject>((inner, key): JsonObject => ({ [key]: inner as Json }), value)
}
