import type { JsonObject } from '@proa/kube'
import { type KubeClient, type ObjectRef, StatusError } from '@proa/kube-client'

/**
 * Waits until an object is as it should be, by watching it.
 * @param settled what is waited for, of the object as it is now (undefined: not there). `undefined` means "not yet".
 * @param signal ends the waiting.
 * @returns undefined when the time was up.
 */
export async function waitFor<T>(
  client: KubeClient,
  ref: ObjectRef,
  settled: (object: JsonObject | undefined) => T | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  const list = {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    fieldSelector: `metadata.name=${ref.name}`,
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
  }
  while (!signal.aborted) {
    const { items, resourceVersion } = await client.list(list)
    const now = settled(items[0])
    if (now !== undefined) return now
    try {
      for await (const event of client.watch({ ...list, resourceVersion }, signal)) {
        if (event.type === 'BOOKMARK') continue
        const found = settled(event.type === 'DELETED' ? undefined : event.object)
        if (found !== undefined) return found
      }
    } catch (error) {
      // Too old a version: list again. An aborted watch ends the loop.
      if (!signal.aborted && !(error instanceof StatusError && error.code === 410)) throw error
    }
  }
  return undefined
}
