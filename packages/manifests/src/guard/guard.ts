import type { JsonObject } from '@proa/kube'
import { clusterWide } from '../metadata.ts'
import { clusterName, DEFAULT_REVISION, guardName, LABEL, tagGuardName } from '../names.ts'
import type { Installation } from '../options.ts'
import { matchConditions, SYSTEM_NAMESPACES } from '../webhooks/conditions.ts'

const STATUS_ANNOTATION = 'sidecar.istio.io/status'

/** The guard of a revision or of a tag: each has its own, as each has its own webhooks. */
interface Guarded {
  readonly name: string
  /** The value of `istio.io/rev` that asks for it. */
  readonly value: string
}

/** The guard of the revision. None when it has lost its Pods to the tag `default`. */
export function revisionGuard(installation: Installation): readonly JsonObject[] {
  if (installation.deactivated) return []
  return guardObjects(installation, { name: guardName(installation), value: installation.revision })
}

/** The guard of a tag. */
export function tagGuard(installation: Installation, tag: string): readonly JsonObject[] {
  return guardObjects(installation, { name: tagGuardName(tag, installation), value: tag })
}

/**
 * A ValidatingAdmissionPolicy that looks at the Pod after all webhooks have run: one that the selectors send to this
 * injector and that carries no trace of an injection is refused (or only reported). It runs inside the API server, so it
 * is there when no injector is. With it the webhook may fail open.
 */
function guardObjects(installation: Installation, { name, value }: Guarded): readonly JsonObject[] {
  const { guard } = installation
  if (guard === undefined) return []
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const validation = {
    expression: any(`!(${selected(installation, value)})`, has(ANNOTATIONS, STATUS_ANNOTATION)),
    message: guardMessage(installation),
    reason: 'Forbidden',
  }
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: clusterWide(installation, name),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
        ],
        matchPolicy: 'Equivalent',
      },
      matchConditions: guardConditions(installation),
      validations: [validation],
    },
  }
  const binding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: clusterWide(installation, name),
    spec: { policyName: name, validationActions: [...guard] },
  }
  return [policy, binding]
}

function guardMessage({ revision, namespace }: Installation): string {
  return (
    `this Pod should have been given a sidecar by the injector "${clusterName({ revision, namespace })}" and has none: ` +
    `the injector did not answer. Look at it with "kubectl -n ${namespace} get pods -l ${LABEL.name}=proa-injector", ` +
    `then create the Pod again, or label it ${LABEL.inject}=false to run it without a sidecar`
  )
}

const LABELS = 'object.metadata.labels'
const ANNOTATIONS = 'object.metadata.annotations'
const NAMESPACE_LABELS = 'namespaceObject.metadata.labels'

const quoted = (text: string): string => `'${text}'`
/** Whether a map of strings that may be absent has a key. */
const has = (map: string, key: string): string => `has(${map}) && ${quoted(key)} in ${map}`
const lacks = (map: string, key: string): string => `!(${has(map, key)})`
const equals = (map: string, key: string, value: string): string =>
  `${has(map, key)} && ${map}[${quoted(key)}] == ${quoted(value)}`
const all = (...parts: readonly string[]): string => parts.map((part) => `(${part})`).join(' && ')
const any = (...parts: readonly string[]): string => parts.map((part) => `(${part})`).join(' || ')

/**
 * Who is looked at at all: whoever the webhook's conditions leave, and who does not refuse. The namespace's labels come
 * later, in the validation: the API server does not know the namespace object in conditions yet.
 */
function guardConditions(installation: Installation): JsonObject[] {
  return [
    ...matchConditions(installation.namespace).map(({ name, expression }) => ({ name, expression })),
    { name: 'not-refused', expression: notRefused() },
  ]
}

/** The entries of the webhook (see `entrySelectors`) as one expression. */
function selected({ injectUnlabelledNamespaces }: Installation, value: string): string {
  const noInjectionLabel = lacks(NAMESPACE_LABELS, LABEL.injection)
  const unlabelled = all(noInjectionLabel, lacks(NAMESPACE_LABELS, LABEL.revision))
  const byRevision = [
    all(equals(NAMESPACE_LABELS, LABEL.revision, value), noInjectionLabel),
    all(unlabelled, equals(LABELS, LABEL.revision, value)),
  ]
  if (value !== DEFAULT_REVISION) return any(...byRevision)
  const noRevision = lacks(LABELS, LABEL.revision)
  const byDefault = [
    equals(NAMESPACE_LABELS, LABEL.injection, 'enabled'),
    all(unlabelled, noRevision, equals(LABELS, LABEL.inject, 'true')),
  ]
  const notSystem = `!(request.namespace in [${SYSTEM_NAMESPACES.map(quoted).join(', ')}])`
  const automatic = all(unlabelled, notSystem, noRevision, lacks(LABELS, LABEL.inject))
  return any(...byRevision, ...byDefault, ...(injectUnlabelledNamespaces ? [automatic] : []))
}

/**
 * The label wins over the annotation, as in the decision. Whatever is not `true` counts as a refusal here: releases differ
 * in how they read `no` or `off`, and the guard is there for an injector that is down, not for spelling.
 */
function notRefused(): string {
  const key = LABEL.inject
  const byAnnotation = any(lacks(ANNOTATIONS, key), equals(ANNOTATIONS, key, 'true'))
  return any(equals(LABELS, key, 'true'), all(lacks(LABELS, key), byAnnotation))
}
