import { getOwn, isArray, isObject, type JsonObject, selectWebhooks } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import { admissionRequest } from '../request.ts'
import type { AdmissionAttributes } from '../types.ts'

/** Whether a policy's matchConstraints or a binding's matchResources cover the request. Nothing given: yes. */
export function resourcesMatch(
  resources: JsonObject | undefined,
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
): boolean {
  if (resources === undefined) return true
  const rules = getOwn(resources, 'resourceRules')
  // A binding without rules leaves that to the policy.
  const included = !isArray(rules) || rules.length === 0 ? [EVERYTHING] : rules.filter(isObject)
  return covers(included, resources, attributes, deps) && !excluded(resources, attributes, deps)
}

const EVERYTHING = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'], scope: '*' }

function excluded(resources: JsonObject, attributes: AdmissionAttributes, deps: AdmissionDeps): boolean {
  const rules = getOwn(resources, 'excludeResourceRules')
  return isArray(rules) && rules.length > 0 && covers(rules.filter(isObject), resources, attributes, deps)
}

/** A policy's rules are those of webhooks, with names of objects besides. */
function covers(
  rules: readonly JsonObject[],
  resources: JsonObject,
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
): boolean {
  const fitting = rules.filter((rule) => {
    const names = getOwn(rule, 'resourceNames')
    return !isArray(names) || names.length === 0 || names.includes(attributes.name)
  })
  const webhook = {
    rules: fitting,
    sideEffects: 'None',
    matchPolicy: getOwn(resources, 'matchPolicy') ?? 'Equivalent',
    namespaceSelector: getOwn(resources, 'namespaceSelector') ?? {},
    objectSelector: getOwn(resources, 'objectSelector') ?? {},
  }
  const configuration = { apiVersion: 'admissionregistration.k8s.io/v1', webhooks: [webhook] }
  return selectWebhooks([configuration], admissionRequest(attributes, deps))[0]?.called === true
}
