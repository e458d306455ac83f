import { getOwn, isArray, isObject, type JsonObject, type PolicyInputs } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import type { AdmissionDeps } from '../deps.ts'
import { forbiddenFor } from '../refusals.ts'
import { admissionRequest, namespaceOf } from '../request.ts'
import type { AdmissionAttributes } from '../types.ts'
import type { RequestScope } from '../webhooks/invoke.ts'
import { auditAnnotations, type Denial, evaluatePolicy, listAt, textAt } from './evaluate.ts'
import { resourcesMatch } from './match.ts'
import { ParamsError, paramsOf } from './params.ts'

const API = 'admissionregistration.k8s.io/v1'
const CODES = new Map([
  ['Unauthorized', 401],
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
])
const INVALID = 422

/**
 * Asks the ValidatingAdmissionPolicies, each through its bindings (apiserver, policy/validating dispatcher). All are asked;
 * the first denial is the answer.
 *
 * @throws ApiError
 */
export function checkPolicies(attributes: AdmissionAttributes, deps: AdmissionDeps, scope: RequestScope): void {
  // Policies and webhooks themselves are exempt, or a wrong one could not be repaired.
  if (attributes.resource.group === 'admissionregistration.k8s.io') return
  const denials = byName(deps.objects.list({ apiVersion: API, kind: 'ValidatingAdmissionPolicy' })).flatMap((policy) =>
    checkPolicy(policy, attributes, deps, scope),
  )
  const [first] = denials
  if (first !== undefined) throw refusal(attributes, first)
}

interface Denied {
  readonly denial: Denial
  /** `ValidatingAdmissionPolicy 'a' with binding 'b' denied request: …` */
  readonly words: string
}

function checkPolicy(
  policy: JsonObject,
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
): readonly Denied[] {
  const spec = objectAt(policy, 'spec')
  if (!resourcesMatch(objectAt(spec, 'matchConstraints'), attributes, deps)) return []
  const name = nameOf(policy)
  return byName(deps.objects.list({ apiVersion: API, kind: 'ValidatingAdmissionPolicyBinding' }))
    .filter((binding) => textAt(objectAt(binding, 'spec'), 'policyName') === name)
    .flatMap((binding) => {
      const bindingSpec = objectAt(binding, 'spec')
      const resources = getOwn(bindingSpec, 'matchResources')
      if (!resourcesMatch(isObject(resources) ? resources : undefined, attributes, deps)) return []
      return checkBinding({ name, spec }, { name: nameOf(binding), spec: bindingSpec }, attributes, deps, scope)
    })
}

interface Named {
  readonly name: string
  readonly spec: JsonObject
}

function checkBinding(
  policy: Named,
  binding: Named,
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
): readonly Denied[] {
  const denied = (denial: Denial): Denied => ({
    denial,
    words: `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}' denied request: ${denial.message}`,
  })
  let params: readonly (JsonObject | null)[]
  try {
    params = paramsOf(policy.spec, binding.spec, attributes.namespace, deps)
  } catch (error) {
    if (!(error instanceof ParamsError)) throw error
    if (getOwn(policy.spec, 'failurePolicy') === 'Ignore') return []
    return [denied({ index: 0, message: `failed to configure binding: ${error.message}`, reason: '' })]
  }
  const given = getOwn(binding.spec, 'validationActions')
  const actions = isArray(given) ? given : []
  const denials: Denied[] = []
  for (const param of params) {
    const inputs = inputsOf(policy.spec, param, attributes, deps)
    for (const denial of evaluatePolicy(policy.spec, inputs)) {
      if (actions.includes('Deny')) denials.push(denied(denial))
      if (actions.includes('Warn')) {
        scope.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${denial.message}`,
        )
      }
      if (actions.includes('Audit')) scope.annotate(FAILURE_ANNOTATION, failureAnnotation(policy, binding, denial))
    }
    for (const [key, value] of auditAnnotations(policy.spec, inputs)) scope.annotate(`${policy.name}/${key}`, value)
  }
  return denials
}

const FAILURE_ANNOTATION = 'validation.policy.admission.k8s.io/validation_failure'

function failureAnnotation(policy: Named, binding: Named, denial: Denial): string {
  const { message, index } = denial
  const validationActions = getOwn(binding.spec, 'validationActions') ?? []
  return JSON.stringify([
    { message, policy: policy.name, binding: binding.name, expressionIndex: index, validationActions },
  ])
}

function inputsOf(
  spec: JsonObject,
  params: JsonObject | null,
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
): PolicyInputs {
  const isNamespace = attributes.resource.group === '' && attributes.resource.kind === 'Namespace'
  const variables = listAt(spec, 'variables')
  return {
    request: admissionRequest(attributes, deps),
    namespaceObject: isNamespace ? null : (namespaceOf(attributes, deps) ?? null),
    params,
    variables: variables.map((one) => ({ name: textAt(one, 'name'), expression: textAt(one, 'expression') })),
  }
}

function refusal(attributes: AdmissionAttributes, { denial, words }: Denied): ApiError {
  const base = forbiddenFor(attributes, words, { causes: [{ message: words }] })
  const reason = denial.reason || 'Invalid'
  return new ApiError(CODES.get(reason) ?? INVALID, reason, base.message, base.details)
}

function byName(objects: readonly JsonObject[]): readonly JsonObject[] {
  return objects.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

function nameOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'name')
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : {}
}
