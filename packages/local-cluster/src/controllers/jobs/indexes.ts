/** Numbers of the Pods of an indexed Job. */
import type { JsonObject } from '@proa/kube'
import { annotationsOf } from '../fields.ts'

export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index'

export function indexOf(pod: JsonObject): number | undefined {
  const text = annotationsOf(pod)[INDEX_ANNOTATION]
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined
}

/** `1,3-5,7`: as the status names the completed ones. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (end + 1 < sorted.length && (sorted[end + 1] ?? 0) === (sorted[end] ?? 0) + 1) end += 1
    // Two in a row are written one by one, as the real controller does.
    if (end - start >= 2) parts.push(`${sorted[start]}-${sorted[end]}`)
    else for (let at = start; at <= end; at += 1) parts.push(String(sorted[at]))
    start = end + 1
  }
  return parts.join(',')
}

/** The lowest numbers that are neither done nor under way. */
export function freeIndexes(
  completions: number,
  done: ReadonlySet<number>,
  active: readonly (number | undefined)[],
  count: number,
): readonly number[] {
  const taken = new Set(active)
  const free: number[] = []
  for (let index = 0; index < completions && free.length < count; index += 1) {
    if (!done.has(index) && !taken.has(index)) free.push(index)
  }
  return free
}
