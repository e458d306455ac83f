import type { JsonObject } from '@proa/kube'
import type { KubeClient, ListRef, ObjectRef } from '@proa/kube-client'
import { watchObjects } from '@proa/kube-client'
import { waitFor } from '../../../packages/cli/src/installation/wait.ts'
import type { Injector } from './cluster.ts'

/** Milliseconds. Whatever is waited for comes much sooner; this only ends a test that fails. */
const PATIENCE = 30_000

/** Waits, by a watch, until an object is so. */
export async function until(
  client: KubeClient,
  ref: ObjectRef,
  what: string,
  isSo: (object: JsonObject | undefined) => boolean,
): Promise<void> {
  const settled = (object: JsonObject | undefined) => (isSo(object) ? true : undefined)
  if ((await waitFor(client, ref, settled, AbortSignal.timeout(PATIENCE))) === true) return
  const last = await client.find(ref)
  throw new Error(`${ref.kind} ${ref.name}: waited for ${what} in vain; it is ${JSON.stringify(last)}`)
}

/** Waits, by a watch, until the objects of a kind are so, and gives them. */
export async function untilAll(
  client: KubeClient,
  ref: ListRef,
  what: string,
  areSo: (objects: readonly JsonObject[]) => boolean,
): Promise<readonly JsonObject[]> {
  const settled = Promise.withResolvers<readonly JsonObject[]>()
  const look = () => areSo(watched.items) && settled.resolve(watched.items)
  const watched = watchObjects(client, ref, { changed: () => look() })
  const late = setTimeout(
    () => settled.reject(new Error(`waited for ${what} in vain; there are ${JSON.stringify(watched.items)}`)),
    PATIENCE,
  )
  try {
    void watched.synced.then(look)
    return await settled.promise
  } finally {
    clearTimeout(late)
    watched.stop()
  }
}

export interface ReadyReport {
  readonly ready: boolean
  readonly parts: Readonly<Record<string, { readonly ready: boolean; readonly problem?: string; generation?: number }>>
}

export async function readiness({ statusUrl }: Injector): Promise<ReadyReport> {
  const response = await fetch(`${statusUrl}/readyz`)
  return (await response.json()) as ReadyReport
}

/** The value of a metric, all its label sets that have this text together. */
export async function metric({ statusUrl }: Injector, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${statusUrl}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
