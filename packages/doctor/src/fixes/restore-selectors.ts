import type { JsonPatchOperation } from '@proa/kube'
import { entryName, entrySelectors } from '@proa/manifests'
import { objectName } from '../cluster/cluster.ts'
import type { Injector } from '../mesh/injectors.ts'
import { jsonPatch, NO_STEP, type Step } from './patch-object.ts'

/** Gives entries of one configuration the selectors that every installation of Istio has. Entries under other names stay as they are. */
export function restoreSelectors(entries: readonly Injector[]): Step {
  const [first] = entries
  if (first === undefined) return NO_STEP
  const value = first.tag ?? first.revision
  const all = entrySelectors({ value, injectUnlabelledNamespaces: true })
  const known = new Map(all.map((one) => [entryName(one.prefix), one]))
  const operations = entries.flatMap(({ index, webhook }): JsonPatchOperation[] => {
    const selectors = known.get(webhook)
    if (selectors === undefined) return []
    return [
      ...onEntry(index, webhook),
      // `add` replaces what is there, and is no error where nothing is.
      { op: 'add', path: `/webhooks/${index}/namespaceSelector`, value: selectors.namespaceSelector },
      { op: 'add', path: `/webhooks/${index}/objectSelector`, value: selectors.objectSelector },
    ]
  })
  return operations.length === 0 ? NO_STEP : jsonPatch(objectName(first.object), operations)
}

/** The list may have changed since the snapshot: then the patch must fail, and not hit another webhook. */
export function onEntry(index: number, webhook: string): readonly JsonPatchOperation[] {
  return [{ op: 'test', path: `/webhooks/${index}/name`, value: webhook }]
}
