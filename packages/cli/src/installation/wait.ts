import type { JsonObject } from '@proa/kube'
import { ConnectionError, isExpired, type KubeClient, type ObjectRef, realTiming } from '@proa/kube-client'

/** Milliseconds before a watch that ended is begun again, so that a bad server is not asked without a pause. */
const PAUSE = 200

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
      // Too old a version, or a watch that broke off: the list says what was missed, or that the server is gone.
      if (!signal.aborted && !isExpired(error) && !(error instanceof ConnectionError)) throw error
    }
    await realTiming.sleep(PAUSE, signal)
  }
  return undefined
}
