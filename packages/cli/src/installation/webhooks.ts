import { deepEqual, type Json, type JsonObject } from '@proa/kube'
import { isConflict, type KubeClient } from '@proa/kube-client'
import { DEFAULT_REVISION, entryName, entrySelectors, LABEL, NEVER_MATCH, WEBHOOK_NAME } from '@proa/manifests'
import { labelOf, listAt, textAt } from './objects.ts'

const MOST_ATTEMPTS = 5
const CONFIGURATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }

/** A MutatingWebhookConfiguration of an injector: Istio's or ours. */
export interface InjectorConfiguration {
  readonly object: JsonObject
  readonly name: string
  readonly revision: string
  /** Undefined for that of the revision itself. */
  readonly tag: string | undefined
  /** Whether it is of proa, and not of Istio. */
  readonly ours: boolean
  /** Whether it matches nothing because the tag `default` was given to another revision. */
  readonly deactivated: boolean
}

/** All injectors' configurations with a revision. */
export async function injectorConfigurations(client: KubeClient): Promise<InjectorConfiguration[]> {
  const { items } = await client.list({ ...CONFIGURATION, labelSelector: LABEL.revision })
  return items.map((item) => {
    // Items of a list come without their kind.
    const object = { ...CONFIGURATION, ...item }
    return {
      object,
      name: textAt(object, 'metadata', 'name'),
      revision: labelOf(object, LABEL.revision) ?? DEFAULT_REVISION,
      tag: labelOf(object, LABEL.tag),
      ours: labelOf(object, LABEL.partOf) === 'proa',
      deactivated: injectionEntries(object).some(isDeactivated),
    }
  })
}

/** The entries that inject; a configuration may have others. */
export function injectionEntries(object: JsonObject): Json[] {
  return listAt(object, 'webhooks').filter((entry) => textAt(entry, 'name').endsWith(WEBHOOK_NAME))
}

function isDeactivated(entry: Json): boolean {
  const { namespaceSelector } = entry as JsonObject
  return deepEqual(namespaceSelector, NEVER_MATCH)
}

/** The configuration of the revision that `istio-injection=enabled` asks for by itself, without the tag `default`. */
export function originalDefault(all: readonly InjectorConfiguration[]): InjectorConfiguration | undefined {
  return all.find(({ revision, tag }) => revision === DEFAULT_REVISION && tag === undefined)
}

/**
 * What makes the old default match nothing, or match again what it is there for.
 *
 * `istioctl` gives up the selectors when it deactivates; they are known by the names of the entries.
 */
export async function switchDefault(
  client: KubeClient,
  configuration: InjectorConfiguration,
  active: boolean,
  dryRun: boolean,
): Promise<boolean> {
  let { object } = configuration
  for (let attempt = 1; ; attempt++) {
    const webhooks = listAt(object, 'webhooks')
    const switched = webhooks.map((entry) => switchEntry(entry as JsonObject, active))
    if (deepEqual(switched, [...webhooks])) return false
    try {
      // The whole list at the version that was read: whoever writes meanwhile makes this fail instead of being undone.
      await client.replace({ ...object, webhooks: switched }, { dryRun, fieldManager: 'proa-tag' })
      return true
    } catch (error) {
      // An injector keeps its caBundle there.
      if (!isConflict(error) || attempt >= MOST_ATTEMPTS) throw error
      object = await client.get({ ...CONFIGURATION, name: configuration.name })
    }
  }
}

function switchEntry(entry: JsonObject, active: boolean): JsonObject {
  const name = textAt(entry, 'name')
  if (!name.endsWith(WEBHOOK_NAME)) return entry
  if (!active) return { ...entry, namespaceSelector: NEVER_MATCH, objectSelector: NEVER_MATCH }
  if (!isDeactivated(entry)) return entry
  const known = entrySelectors({ value: DEFAULT_REVISION, injectUnlabelledNamespaces: true })
  const original = known.find(({ prefix }) => entryName(prefix) === name)
  if (original === undefined) return entry
  return { ...entry, namespaceSelector: original.namespaceSelector, objectSelector: original.objectSelector }
}

/** The names of namespaces whose label asks for a revision or a tag. `default` is also asked for by `istio-injection`. */
export async function namespacesOf(client: KubeClient, value: string): Promise<string[]> {
  const list = { apiVersion: 'v1', kind: 'Namespace' }
  const byRevision = await client.list({ ...list, labelSelector: `${LABEL.revision}=${value},!${LABEL.injection}` })
  const byDefault =
    value === DEFAULT_REVISION ? await client.list({ ...list, labelSelector: `${LABEL.injection}=enabled` }) : undefined
  const names = [...byRevision.items, ...(byDefault?.items ?? [])].map((item) => textAt(item, 'metadata', 'name'))
  return [...new Set(names)].sort()
}

/** `a and b`, or so many of them that only the first are named. */
export function listNames(names: readonly string[], most = 5): string {
  if (names.length <= 1) return names.join('')
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
