import { isObject, type JsonObject } from '@proa/kube'
import { FIELD_MANAGER } from '@proa/manifests'
import { at, listAt, textAt } from './objects.ts'

/**
 * The webhooks with the `caBundle` that this program has given them itself: "proa tag set" copies the one of the revision, so that
 * no Pod is refused until the injector writes it. Applied without, it would be taken away again until then. Where the injector
 * has written since, the field is its own and is left out as always.
 */
export function withOwnBundles(object: JsonObject, live: JsonObject | undefined): JsonObject {
  if (live === undefined || object.kind !== 'MutatingWebhookConfiguration') return object
  const webhooks = listAt(object, 'webhooks')
    .filter(isObject)
    .map((entry) => {
      const name = textAt(entry, 'name')
      const bundle = ownsBundle(live, name) ? bundleOf(live, name) : ''
      const clientConfig = at(entry, 'clientConfig')
      if (bundle === '' || !isObject(clientConfig)) return entry
      return { ...entry, clientConfig: { caBundle: bundle, ...clientConfig } }
    })
  return { ...object, webhooks }
}

function bundleOf(configuration: JsonObject, name: string): string {
  const entry = listAt(configuration, 'webhooks').find((one) => textAt(one, 'name') === name)
  return textAt(entry, 'clientConfig', 'caBundle')
}

function ownsBundle(configuration: JsonObject, name: string): boolean {
  const key = `k:${JSON.stringify({ name })}`
  return listAt(configuration, 'metadata', 'managedFields')
    .filter((entry) => textAt(entry, 'manager') === FIELD_MANAGER && textAt(entry, 'operation') === 'Apply')
    .some((entry) => at(entry, 'fieldsV1', 'f:webhooks', key, 'f:clientConfig', 'f:caBundle') !== undefined)
}
