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
    expression: guardExpression(installation, value),
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
      matchConditions: matchConditions(installation.namespace).map((one) => ({ ...one })),
      variables: guardVariables(installation, value).map((one) => ({ ...one })),
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

/** Something with a name that expressions use as `variables.name`. */
interface Variable {
  readonly name: string
  readonly expression: string
}

const variable = (name: string, expression: string): Variable => ({ name, expression })
const quoted = (text: string): string => `'${text}'`
const has = (map: string, key: string): string => `${quoted(key)} in variables.${map}`
const equals = (map: string, key: string, value: string): string =>
  `${has(map, key)} && variables.${map}[${quoted(key)}] == ${quoted(value)}`
/** A map of strings that may be absent. */
const mapOf = (path: string): string => `has(${path}) ? ${path} : {}`

/** The entries of the webhook (see `entrySelectors`) in CEL, one variable for each pair of them. */
function entries({ injectUnlabelledNamespaces }: Installation, value: string): readonly Variable[] {
  const byNamespace = `(${equals('namespaceLabels', LABEL.revision, value)} && !(${has('namespaceLabels', LABEL.injection)}))`
  const byPod = `(variables.unlabelled && ${equals('podLabels', LABEL.revision, value)})`
  const revision = variable('byRevision', `${byNamespace} || ${byPod}`)
  if (value !== DEFAULT_REVISION) return [revision]
  const noRevision = `!(${has('podLabels', LABEL.revision)})`
  const enabled = `(${equals('namespaceLabels', LABEL.injection, 'enabled')})`
  const asked = `(variables.unlabelled && ${noRevision} && ${equals('podLabels', LABEL.inject, 'true')})`
  const system = SYSTEM_NAMESPACES.map(quoted).join(', ')
  const automatic = `variables.unlabelled && !(request.namespace in [${system}]) && ${noRevision} && !(${has('podLabels', LABEL.inject)})`
  return [
    revision,
    variable('byDefault', `${enabled} || ${asked}`),
    ...(injectUnlabelledNamespaces ? [variable('automatic', automatic)] : []),
  ]
}

/**
 * Whether the Pod does not refuse. The label wins over the annotation, as in the decision. Whatever is not `true` counts as
 * a refusal here: releases differ in how they read `no` or `off`, and the guard is there for an injector that is down,
 * not for spelling.
 */
function willing(): string {
  const key = LABEL.inject
  const byAnnotation = `(!(${has('podAnnotations', key)}) || variables.podAnnotations[${quoted(key)}] == 'true')`
  return `${has('podLabels', key)} ? variables.podLabels[${quoted(key)}] == 'true' : ${byAnnotation}`
}

/** The namespace's labels are known to variables and validations, not yet to match conditions. */
function guardVariables(installation: Installation, value: string): readonly Variable[] {
  const unlabelled = `!(${has('namespaceLabels', LABEL.injection)}) && !(${has('namespaceLabels', LABEL.revision)})`
  return [
    variable('namespaceLabels', mapOf('namespaceObject.metadata.labels')),
    variable('podLabels', mapOf('object.metadata.labels')),
    variable('podAnnotations', mapOf('object.metadata.annotations')),
    variable('unlabelled', unlabelled),
    ...entries(installation, value),
    variable('willing', willing()),
    variable('injected', has('podAnnotations', STATUS_ANNOTATION)),
  ]
}

function guardExpression(installation: Installation, value: string): string {
  const selected = entries(installation, value).map(({ name }) => `variables.${name}`)
  return `variables.injected || !variables.willing || !(${selected.join(' || ')})`
}
