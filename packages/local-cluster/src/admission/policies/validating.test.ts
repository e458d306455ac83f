import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { creation, namespace, objectsOf, resourceType } from '../../../testing/admission/cluster.ts'
import { createNetwork } from '../../network/network.ts'
import { createAdmission } from '../admission.ts'

const API = 'admissionregistration.k8s.io/v1'
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p', namespace: 'shop' }, data: { a: 'b' } }
const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }]

function ask(spec: JsonObject, bindingSpec: JsonObject = {}, more: readonly JsonObject[] = []) {
  const policy = {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'rule' },
    spec: { matchConstraints: { resourceRules: rules }, ...spec },
  }
  const binding = {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'everywhere' },
    spec: { policyName: 'rule', validationActions: ['Deny'], ...bindingSpec },
  }
  const admission = createAdmission({
    objects: objectsOf(namespace('shop', { tier: 'gold' }), policy, binding, ...more),
    network: createNetwork(),
  })
  return admission(creation(resourceType('ConfigMap'), object))
}

function denied(message: string, reason = 'Invalid', code = 422) {
  const words = `ValidatingAdmissionPolicy 'rule' with binding 'everywhere' denied request: ${message}`
  return {
    code,
    reason,
    message: `configmaps "p" is forbidden: ${words}`,
    details: { name: 'p', kind: 'configmaps', causes: [{ message: words }] },
  }
}

// The words were recorded from a real API server.
describe('a ValidatingAdmissionPolicy', () => {
  it('denies with the expression when it has no message', async () => {
    await expect(ask({ validations: [{ expression: "object.metadata.name == 'x'" }] })).rejects.toMatchObject(
      denied("failed expression: object.metadata.name == 'x'"),
    )
  })

  it('denies with its message and reason; the first denial is the answer', async () => {
    const validations = [
      { expression: 'true' },
      { expression: 'false', message: ' no ', reason: 'Forbidden' },
      { expression: 'false' },
    ]
    await expect(ask({ validations })).rejects.toMatchObject(denied('no', 'Forbidden', 403))
  })

  it('makes a message of variables and of the namespace', async () => {
    const validation = {
      expression: "variables.n != 'p'",
      messageExpression: "'name is ' + variables.n + ' in ' + namespaceObject.metadata.name",
    }
    const spec = { variables: [{ name: 'n', expression: 'object.metadata.name' }], validations: [validation] }
    await expect(ask(spec)).rejects.toMatchObject(denied('name is p in shop'))
  })

  it('reads the labels of the namespace', async () => {
    const expression = "namespaceObject.metadata.labels['tier'] == 'gold' && request.namespace == 'shop'"
    await expect(ask({ validations: [{ expression }] })).resolves.toBeDefined()
  })

  it('denies when an expression fails, and admits with failurePolicy Ignore', async () => {
    const validations = [{ expression: "object.metadata.labels.x == 'x'" }]
    const words = "expression 'object.metadata.labels.x == 'x'' resulted in error: no such key: labels"
    await expect(ask({ validations })).rejects.toMatchObject(denied(words))
    await expect(ask({ validations, failurePolicy: 'Ignore' })).resolves.toBeDefined()
  })

  it('names the variable that fails', async () => {
    const spec = {
      variables: [{ name: 'n', expression: 'object.metadata.labels.x' }],
      validations: [{ expression: "variables.n == 'x'" }],
    }
    const words = 'composited variable "n" fails to evaluate: no such key: labels'
    await expect(ask(spec)).rejects.toMatchObject(denied(`expression 'variables.n == 'x'' resulted in error: ${words}`))
  })

  it('is not asked when a condition is false, and denies when one fails', async () => {
    const validations = [{ expression: 'false' }]
    await expect(ask({ validations, matchConditions: [{ name: 'c', expression: 'false' }] })).resolves.toBeDefined()
    const failing = { name: 'c', expression: "object.metadata.labels.x == 'x'" }
    await expect(ask({ validations, matchConditions: [failing] })).rejects.toMatchObject(
      denied("expression 'object.metadata.labels.x == 'x'' resulted in error: no such key: labels"),
    )
  })

  it('only warns, or only leaves a note for the audit', async () => {
    const spec = { validations: [{ expression: 'false', message: 'careful' }] }
    const { warnings, auditAnnotations } = await ask(spec, { validationActions: ['Warn', 'Audit'] })
    expect(warnings).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'rule' with binding 'everywhere': careful",
    ])
    expect(auditAnnotations).toEqual({
      'validation.policy.admission.k8s.io/validation_failure':
        '[{"message":"careful","policy":"rule","binding":"everywhere","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
    })
  })

  it('counts only where its binding and its constraints say', async () => {
    const validations = [{ expression: 'false' }]
    const elsewhere = { namespaceSelector: { matchLabels: { tier: 'silver' } } }
    await expect(ask({ validations }, { matchResources: elsewhere })).resolves.toBeDefined()
    await expect(ask({ validations }, { policyName: 'other' })).resolves.toBeDefined()
    const pods = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }]
    await expect(ask({ validations, matchConstraints: { resourceRules: pods } })).resolves.toBeDefined()
    const excluded = { resourceRules: rules, excludeResourceRules: [{ ...rules[0], resourceNames: ['p'] }] }
    await expect(ask({ validations, matchConstraints: excluded })).resolves.toBeDefined()
  })

  it('takes its parameters from an object', async () => {
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'params.data.allowed == object.data.a' }],
    }
    const param = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'limits', namespace: 'shop' },
      data: { allowed: 'b' },
    }
    const paramRef = { name: 'limits', namespace: 'shop', parameterNotFoundAction: 'Deny' }
    await expect(ask(spec, { paramRef }, [param])).resolves.toBeDefined()
    await expect(ask(spec, { paramRef })).rejects.toMatchObject(
      denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    )
    await expect(ask(spec, { paramRef: { ...paramRef, parameterNotFoundAction: 'Allow' } })).resolves.toBeDefined()
  })
})
