import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { creation, namespace, objectsOf, resourceType } from '../../../testing/admission/cluster.ts'
import { createNetwork } from '../../network/network.ts'
import { createAdmission } from '../admission.ts'
import type { AdmissionAttributes } from '../types.ts'

const PODS = resourceType('Pod')
const account = (more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace: 'shop' },
  ...more,
})

function admit(spec: JsonObject = {}, objects: readonly JsonObject[] = [account()], metadata: JsonObject = {}) {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop', ...metadata },
    spec: { containers: [{ name: 'app', image: 'a' }], ...spec },
  }
  return run(creation(PODS, pod), objects)
}

function run(attributes: AdmissionAttributes, objects: readonly JsonObject[] = []) {
  return createAdmission({
    objects: objectsOf(namespace('shop'), ...objects),
    network: createNetwork(),
    random: () => 0,
  })(attributes)
}

const refusal = (because: string) => ({
  code: 403,
  reason: 'Forbidden',
  message: `pods "p" is forbidden: ${because}`,
  details: { name: 'p', kind: 'pods' },
})

// The words were recorded from a real API server.
function partOf(object: JsonObject | undefined, key: string): JsonObject {
  return (object?.[key] ?? {}) as JsonObject
}

describe('a new Pod', () => {
  it('gets its ServiceAccount, the token in every container, a priority and tolerations', async () => {
    const { object } = await admit({ initContainers: [{ name: 'init', image: 'i' }] })
    const name = 'kube-api-access-bbbbb'
    const volumeMounts = [{ name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }]
    const toleration = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }
    expect(object?.spec).toMatchObject({
      serviceAccountName: 'default',
      serviceAccount: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      containers: [{ name: 'app', volumeMounts }],
      initContainers: [{ name: 'init', volumeMounts }],
      volumes: [{ name, projected: { defaultMode: 420 } }],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', ...toleration },
        { key: 'node.kubernetes.io/unreachable', ...toleration },
      ],
    })
  })

  it('gets no token when it or its ServiceAccount says so; the Pod counts more', async () => {
    const volumes = async (spec: JsonObject, more: JsonObject) =>
      partOf((await admit(spec, [account(more)])).object, 'spec').volumes !== undefined
    const off = { automountServiceAccountToken: false }
    const on = { automountServiceAccountToken: true }
    expect([await volumes({}, off), await volumes(off, {}), await volumes(on, off)]).toEqual([false, false, true])
  })

  it('keeps a mount of its own at the place of the token', async () => {
    const mine = { name: 'mine', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
    const containers = [{ name: 'app', image: 'a', volumeMounts: [mine] }]
    const { object } = await admit({ containers, volumes: [{ name: 'mine', emptyDir: {} }] })
    expect(object?.spec).toMatchObject({ containers: [{ volumeMounts: [mine] }], volumes: [{ name: 'mine' }] })
  })

  it('takes the pull secrets of its ServiceAccount', async () => {
    const { object } = await admit({}, [account({ imagePullSecrets: [{ name: 'registry' }] })])
    expect(partOf(object, 'spec').imagePullSecrets).toEqual([{ name: 'registry' }])
  })

  it.each([
    [{ serviceAccountName: 'none' }, 'error looking up service account shop/none: serviceaccount "none" not found'],
    [{ priorityClassName: 'none' }, 'no PriorityClass with name none was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [
      { preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
    [
      { priorityClassName: 'system-node-critical', priority: 1 },
      'the integer value of priority (1) must not be provided in pod spec; priority admission controller computed 2000001000 from the given PriorityClass name',
    ],
  ])('with %j is refused', async (spec, because) => {
    await expect(admit(spec)).rejects.toMatchObject(refusal(because))
  })

  it('gets the priority of the default class', async () => {
    const standard = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'standard' },
      value: 7,
      globalDefault: true,
    }
    const { object } = await admit({}, [account(), standard])
    expect(object?.spec).toMatchObject({ priority: 7, priorityClassName: 'standard' })
  })
})

describe('a namespace', () => {
  const configMap = (namespaceName: string, metadata: JsonObject = { name: 'b' }) =>
    creation(resourceType('ConfigMap'), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, namespace: namespaceName },
    })

  it('must be there', async () => {
    await expect(run(configMap('nope'))).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'namespaces "nope" not found',
      details: { name: 'nope', kind: 'namespaces' },
    })
  })

  it.each([
    [{ name: 'b' }, 'b'],
    [{ generateName: 'b-' }, 'b-'],
  ])('that ends takes nothing new: %j', async (metadata, name) => {
    const ending = { ...namespace('end'), status: { phase: 'Terminating' } }
    await expect(run(configMap('end', metadata), [ending])).rejects.toMatchObject({
      code: 403,
      message: `configmaps "${name}" is forbidden: unable to create new content in namespace end because it is being terminated`,
      details: {
        name,
        kind: 'configmaps',
        causes: [
          { reason: 'NamespaceTerminating', message: 'namespace end is being terminated', field: 'metadata.namespace' },
        ],
      },
    })
  })

  it.each(['default', 'kube-system', 'kube-public'])('%s cannot be deleted', async (name) => {
    const type = resourceType('Namespace', '', false)
    const deletion = creation(type, namespace(name), {
      operation: 'DELETE',
      object: undefined,
      oldObject: namespace(name),
    })
    await expect(run({ ...deletion, namespace: name })).rejects.toMatchObject({
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    })
  })
})
