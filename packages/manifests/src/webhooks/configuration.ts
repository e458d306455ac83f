import type { JsonObject } from '@proa/kube'
import { commonLabels } from '../labels.ts'
import { injectorName, LABEL, tagConfigurationName, webhookConfigurationName } from '../names.ts'
import type { Installation } from '../options.ts'
import { matchConditions } from './conditions.ts'
import { type EntrySelectors, entryName, entrySelectors, NEVER_MATCH } from './entries.ts'

/**
 * The webhooks of the revision. `caBundle` is left to the injector, which owns that field: so nothing ever differs from
 * what is in Git.
 */
export function revisionWebhooks(installation: Installation): JsonObject {
  const { revision, injectUnlabelledNamespaces, deactivated } = installation
  const selectors = entrySelectors({ value: revision, injectUnlabelledNamespaces })
  return mutatingWebhooks(
    webhookConfigurationName(installation),
    webhookLabels(installation),
    (deactivated ? selectors.map(neverMatching) : selectors).map((one) => entryOf(installation, one)),
  )
}

/** The webhooks of a tag: the same injector under another name. */
export function tagWebhooks(installation: Installation, tag: string): JsonObject {
  const { injectUnlabelledNamespaces } = installation
  return mutatingWebhooks(
    tagConfigurationName(tag, installation.namespace),
    { ...webhookLabels(installation), [LABEL.tag]: tag },
    entrySelectors({ value: tag, injectUnlabelledNamespaces }).map((one) => entryOf(installation, one)),
  )
}

function webhookLabels(installation: Installation): Record<string, string> {
  // `app` is what istioctl asks for when it looks for the default injector.
  return { ...commonLabels(installation), [LABEL.app]: 'sidecar-injector' }
}

function neverMatching(selectors: EntrySelectors): EntrySelectors {
  return { ...selectors, namespaceSelector: NEVER_MATCH, objectSelector: NEVER_MATCH }
}

function mutatingWebhooks(name: string, labels: Record<string, string>, webhooks: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, labels },
    webhooks,
  }
}

function entryOf(installation: Installation, selectors: EntrySelectors): JsonObject {
  const { namespace, revision, failurePolicy, timeoutSeconds, reinvocationPolicy } = installation
  return {
    name: entryName(selectors.prefix),
    clientConfig: { service: { name: injectorName(revision), namespace, path: '/inject', port: 443 } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' }],
    namespaceSelector: selectors.namespaceSelector,
    objectSelector: selectors.objectSelector,
    matchConditions: matchConditions(namespace).map(({ name, expression }) => ({ name, expression })),
    matchPolicy: 'Equivalent',
    failurePolicy,
    reinvocationPolicy,
    sideEffects: 'None',
    timeoutSeconds,
    admissionReviewVersions: ['v1'],
  }
}
