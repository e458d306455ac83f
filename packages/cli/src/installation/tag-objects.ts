import type { Json, JsonObject } from '@proa/kube'
import {
  DEFAULT_NAMESPACE,
  entryName,
  entrySelectors,
  type GuardAction,
  LABEL,
  tagConfigurationName,
  tagManifests,
} from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import { at, labelOf, textAt } from './objects.ts'
import { type InjectorConfiguration, injectionEntries } from './webhooks.ts'

export interface TagRequest {
  readonly tag: string
  readonly injectUnlabelledNamespaces: boolean
  /** What the guard of the revision does; empty when it has none. */
  readonly guard: readonly GuardAction[]
}

/**
 * The objects of a tag, made after the webhooks of its revision, as istioctl does: same injector, same policies, other
 * selectors. So a tag fits to Istio's revisions as well as to ours.
 *
 * `caBundle` is copied: without it, Pods would be refused until somebody writes it. Whoever keeps it for the revision
 * keeps it for the tag from then on.
 */
export function tagObjects(canonical: InjectorConfiguration, request: TagRequest): JsonObject[] {
  const { tag, injectUnlabelledNamespaces } = request
  const [entry] = injectionEntries(canonical.object)
  if (entry === undefined) {
    throw new CliError(`MutatingWebhookConfiguration ${canonical.name} has no webhook that injects`)
  }
  const namespace = textAt(entry, 'clientConfig', 'service', 'namespace') || DEFAULT_NAMESPACE
  const configuration: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name: tagConfigurationName(tag, namespace),
      labels: { ...ownLabels(canonical), [LABEL.app]: 'sidecar-injector', [LABEL.tag]: tag },
    },
    webhooks: entrySelectors({ value: tag, injectUnlabelledNamespaces }).map(
      ({ prefix, namespaceSelector, objectSelector }) => ({
        ...(entry as JsonObject),
        name: entryName(prefix),
        namespaceSelector,
        objectSelector,
      }),
    ),
  }
  const others = canonical.ours ? companions(canonical, namespace, request) : []
  const isGuard = ({ kind }: JsonObject): boolean => textAt(kind).startsWith('ValidatingAdmissionPolicy')
  return [...others.filter((one) => !isGuard(one)), configuration, ...others.filter(isGuard)]
}

/** The operator of Istio deletes what has its labels and is not of its own making. */
function ownLabels({ object }: InjectorConfiguration): JsonObject {
  const labels = at(object, 'metadata', 'labels')
  const all = Object.entries((labels ?? {}) as Record<string, Json>)
  return Object.fromEntries(all.filter(([key]) => !key.includes('operator.istio.io')))
}

/** What goes with a tag of ours: access to its caBundle, and the guard when the revision has one. */
function companions({ revision, object }: InjectorConfiguration, namespace: string, request: TagRequest): JsonObject[] {
  const { tag, guard, injectUnlabelledNamespaces } = request
  const managedBy = labelOf(object, LABEL.managedBy)
  const objects = tagManifests(tag, {
    revision,
    namespace,
    injectUnlabelledNamespaces,
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(guard.length === 0 ? {} : { guard: { actions: guard } }),
  })
  return objects.filter(({ kind }) => kind !== 'MutatingWebhookConfiguration')
}
