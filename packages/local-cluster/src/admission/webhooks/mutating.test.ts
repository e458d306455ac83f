import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority, serverCertificate } from '../../../testing/admission/certificates.ts'
import {
  creation,
  namespace,
  objectsOf,
  resourceType,
  webhookConfiguration,
} from '../../../testing/admission/cluster.ts'
import {
  jsonPatch,
  type TestServer,
  type WebhookCall,
  webhookServer,
} from '../../../testing/admission/webhook-server.ts'
import { applyDefaults } from '../../defaults/index.ts'
import { createNetwork } from '../../network/network.ts'
import { AdmissionError, createAdmission } from '../admission.ts'
import type { AdmissionAttributes, Admitted } from '../types.ts'

const HOST = '127.0.0.1'
const NAMESPACE = 'shop'
const PODS = resourceType('Pod')
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } }

let ca: Authority
let server: TestServer
const calls: WebhookCall[] = []
const stop = new AbortController()

/** What each path of the server answers. */
function answer({ request, review, answer }: WebhookCall): void {
  const object = review.request.object
  const path = (request.url ?? '').split('?')[0]
  if (path === '/inject') {
    const sidecar = { op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'p' } }
    const init = {
      op: 'add',
      path: '/spec/initContainers',
      value: [{ name: 'init', image: 'i', restartPolicy: 'Always' }],
    }
    answer({ ...jsonPatch(sidecar, init), warnings: ['one', 'one', 'two'], auditAnnotations: { reason: 'policy' } })
  } else if (path === '/label') {
    const labels = isObject(object) ? (object.metadata as JsonObject).labels : undefined
    const count = Number(isObject(labels) ? getOwn(labels, 'count') : 0) + 1
    answer(jsonPatch({ op: 'add', path: '/metadata/labels', value: { count: String(count) } }))
  } else answer({ allowed: true })
}

beforeAll(async () => {
  ca = await authority('proa test authority')
  server = await webhookServer(await serverCertificate(ca, { addresses: [HOST] }), (call) => {
    calls.push(call)
    answer(call)
  })
})
afterAll(async () => {
  stop.abort()
  await server.close()
})

function hook(path: string, more: JsonObject = {}): JsonObject {
  return {
    name: `${path.slice(1)}.proa.test`,
    clientConfig: { url: `https://${HOST}:${server.port}${path}`, caBundle: Buffer.from(ca.pem).toString('base64') },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
    ...more,
  }
}

function admission(...objects: readonly JsonObject[]) {
  calls.length = 0
  return createAdmission({
    objects: objectsOf(namespace(NAMESPACE), account, ...objects),
    network: createNetwork(),
    signal: stop.signal,
    random: () => 0,
  })
}

const pod = (metadata: JsonObject = { name: 'p' }): JsonObject =>
  applyDefaults({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace: NAMESPACE },
    spec: { containers: [{ name: 'app', image: 'a' }] },
  })

async function admit(hooks: readonly JsonObject[], more: Partial<AdmissionAttributes> = {}): Promise<Admitted> {
  return admission(webhookConfiguration('hooks', hooks))(creation(PODS, pod(), more))
}

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** `app:1`: a container and how many mounts of the token it has. */
function containers(object: Json | undefined, kind = 'containers'): readonly string[] {
  const spec = isObject(object) ? (object.spec as JsonObject) : {}
  return ((spec[kind] ?? []) as readonly JsonObject[]).map((one) => {
    const mounts = (one.volumeMounts ?? []) as readonly JsonObject[]
    return `${String(one.name)}:${mounts.filter(({ mountPath }) => mountPath === MOUNT).length}`
  })
}

const seen = () => calls.map(({ request, review }) => `${request.url} ${containers(review.request.object).join(',')}`)
const again = { reinvocationPolicy: 'IfNeeded' }

// The expectations of this file were seen on a real API server.
function partOf(object: JsonObject | undefined, key: string): JsonObject {
  return (object?.[key] ?? {}) as JsonObject
}

describe('mutating webhooks', () => {
  it('see the Pod with its ServiceAccount; what they add gets the token in the second round, without another call', async () => {
    const { object } = await admit([hook('/inject')])
    expect(seen()).toEqual(['/inject?timeout=10s app:1'])
    expect(containers(object)).toEqual(['app:1', 'proxy:1'])
    expect(containers(object, 'initContainers')).toEqual(['init:1'])
    expect((partOf(object, 'spec').volumes as readonly JsonObject[]).length).toBe(1)
  })

  it('get their answers decoded: defaults are applied to what they add', async () => {
    const { object } = await admit([hook('/inject')])
    const added = (partOf(object, 'spec').containers as readonly JsonObject[])[1]
    expect(added).toMatchObject({ imagePullPolicy: 'Always', terminationMessagePolicy: 'File', resources: {} })
  })

  it.each([
    {
      what: 'a webhook with IfNeeded before one that changes the Pod is asked again',
      hooks: () => [hook('/label', again), hook('/inject')],
      calls: ['/label?timeout=10s app:1', '/inject?timeout=10s app:1', '/label?timeout=10s app:1,proxy:1'],
      count: '2',
    },
    {
      what: 'built-in changes after the last webhook are a reason too',
      hooks: () => [hook('/inject'), hook('/label', again)],
      calls: ['/inject?timeout=10s app:1', '/label?timeout=10s app:1,proxy:0', '/label?timeout=10s app:1,proxy:1'],
      count: '2',
    },
    {
      what: 'there are two rounds and no more',
      hooks: () => [hook('/label', again), hook('/label', { ...again, name: 'second.proa.test' })],
      calls: Array.from({ length: 4 }, () => '/label?timeout=10s app:1'),
      count: '4',
    },
    {
      what: 'a webhook that changed nothing is asked again when others did',
      hooks: () => [hook('/allow', again), hook('/label')],
      calls: ['/allow?timeout=10s app:1', '/label?timeout=10s app:1', '/allow?timeout=10s app:1'],
      count: '1',
    },
    {
      what: 'nothing is asked again when nothing changed',
      hooks: () => [hook('/allow', again)],
      calls: ['/allow?timeout=10s app:1'],
      count: undefined,
    },
  ])('$what', async ({ hooks, calls: expected, count }) => {
    const { object } = await admit(hooks())
    expect(seen()).toEqual(expected)
    const labels = partOf(object, 'metadata').labels as JsonObject | undefined
    expect(labels?.count).toBe(count)
  })

  it('are chosen by what the ones before them made of the object', async () => {
    const alone = { matchConditions: [{ name: 'alone', expression: 'object.spec.containers.size() == 1' }] }
    await admit([hook('/inject'), hook('/label', alone)])
    expect(seen()).toEqual(['/inject?timeout=10s app:1'])
  })

  it('are called in the order of their configurations’ names', async () => {
    const configurations = ['b', 'a'].map((name) =>
      webhookConfiguration(name, [hook('/allow', { name: `${name}.proa.test` })]),
    )
    const { auditAnnotations } = await admission(...configurations)(creation(PODS, pod()))
    expect(auditAnnotations).toEqual({
      'mutation.webhook.admission.k8s.io/round_0_index_0':
        '{"configuration":"a","webhook":"a.proa.test","mutated":false}',
      'mutation.webhook.admission.k8s.io/round_0_index_1':
        '{"configuration":"b","webhook":"b.proa.test","mutated":false}',
    })
  })

  it('leave warnings, once each, and audit annotations with what they changed', async () => {
    const { warnings, auditAnnotations } = await admit([hook('/label', again), hook('/inject')])
    expect(warnings).toEqual(['one', 'two'])
    const mutated = (webhook: string) => `{"configuration":"hooks","webhook":"${webhook}.proa.test","mutated":true}`
    const label = (count: string) =>
      `{"configuration":"hooks","webhook":"label.proa.test","patch":[{"op":"add","path":"/metadata/labels","value":{"count":"${count}"}}],"patchType":"JSONPatch"}`
    expect(auditAnnotations).toMatchObject({
      'inject.proa.test/reason': 'policy',
      'mutation.webhook.admission.k8s.io/round_0_index_0': mutated('label'),
      'mutation.webhook.admission.k8s.io/round_0_index_1': mutated('inject'),
      'mutation.webhook.admission.k8s.io/round_1_index_0': mutated('label'),
      'patch.webhook.admission.k8s.io/round_0_index_0': label('1'),
      'patch.webhook.admission.k8s.io/round_1_index_0': label('2'),
    })
  })

  it('are told who asks for what', async () => {
    const user = { username: 'ann', uid: '7', groups: ['a'], extra: { scopes: ['x'] } }
    const options = { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] }
    await admit([hook('/allow')], { user, options, dryRun: true, name: '' })
    const review = calls[0]?.review
    const { uid, object, ...request } = review?.request ?? {}
    expect({ kind: review?.kind, apiVersion: review?.apiVersion }).toEqual({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
    })
    expect(uid).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
    expect(object).toMatchObject({ kind: 'Pod', apiVersion: 'v1' })
    const kind = { group: '', version: 'v1', kind: 'Pod' }
    const resource = { group: '', version: 'v1', resource: 'pods' }
    expect(request).toEqual({
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      namespace: NAMESPACE,
      operation: 'CREATE',
      userInfo: user,
      oldObject: null,
      dryRun: true,
      options,
    })
    expect(calls[0]?.request.headers).toMatchObject({
      'user-agent': 'kube-apiserver-admission',
      accept: 'application/json, */*',
      'content-type': 'application/json',
    })
  })

  it('are spoken to in the first of their versions that is known', async () => {
    await admit([hook('/inject', { admissionReviewVersions: ['v2', 'v1beta1', 'v1'] })])
    expect(calls[0]?.review.apiVersion).toBe('admission.k8s.io/v1beta1')
  })

  it('keep their connection from call to call', async () => {
    const ports = new Set<number | undefined>()
    const ask = admission(webhookConfiguration('hooks', [hook('/allow')]))
    for (let i = 0; i < 5; i += 1) {
      await ask(creation(PODS, pod()))
      ports.add(calls.at(-1)?.request.socket.remotePort)
    }
    expect(ports.size).toBe(1)
  })

  it('that fail are passed over with failurePolicy Ignore, which is noted', async () => {
    const nobody = { clientConfig: { service: { name: 'nobody', namespace: NAMESPACE } }, failurePolicy: 'Ignore' }
    const { object, auditAnnotations } = await admit([hook('/first', nobody), hook('/label')])
    expect(partOf(object, 'metadata').labels).toEqual({ count: '1' })
    expect(auditAnnotations['failed-open.mutation.webhook.admission.k8s.io/round_0_index_0']).toBe('first.proa.test')
  })

  it('may not change what is deleted; warnings come all the same', async () => {
    const deletion = { operation: 'DELETE', object: undefined, oldObject: pod() } as const
    const refused = await admit([hook('/inject')], deletion).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(AdmissionError)
    expect(refused).toMatchObject({
      code: 500,
      message:
        'Internal error occurred: admission webhook "inject.proa.test" attempted to modify the object, which is not supported for this operation',
      warnings: ['one', 'two'],
    })
  })

  it('are not called in a dry run that they do not understand', async () => {
    await expect(admit([hook('/allow', { sideEffects: 'Some' })], { dryRun: true })).rejects.toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: 'admission webhook "allow.proa.test" does not support dry run',
    })
  })

  it('never hear of webhook configurations', async () => {
    const type = resourceType('MutatingWebhookConfiguration', 'admissionregistration.k8s.io', false)
    const everything = { rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] }] }
    const configuration = webhookConfiguration('hooks', [hook('/inject', everything)])
    await admission(configuration)(creation(type, webhookConfiguration('other', [])))
    expect(calls).toEqual([])
  })

  it('name all conditions that failed', async () => {
    const matchConditions = ['x', 'y'].map((key) => ({ name: key, expression: `object.metadata.${key} == 1` }))
    await expect(admit([hook('/allow', { matchConditions })])).rejects.toMatchObject({
      code: 403,
      message:
        "pods \"p\" is forbidden: [expression 'object.metadata.x == 1' resulted in error: no such key: x, expression 'object.metadata.y == 1' resulted in error: no such key: y]",
    })
  })

  it('are reached at the address where a Pod of the local network really listens', async () => {
    const network = createNetwork()
    network.listen('10.244.0.9', 15_017, { host: HOST, port: server.port })
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hook', namespace: NAMESPACE },
      spec: { ports: [{ port: 443, targetPort: 'https', name: 'webhook' }] },
    }
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'hook', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'hook' } },
      endpoints: [{ addresses: ['10.244.0.9'] }],
      ports: [{ name: 'webhook', port: 15_017 }],
    }
    const certificate = await serverCertificate(ca, { dns: [`hook.${NAMESPACE}.svc`] })
    const named = await webhookServer(certificate, ({ answer }) =>
      answer(jsonPatch({ op: 'add', path: '/metadata/labels', value: { count: '9' } })),
    )
    network.listen('10.244.0.9', 15_017, { host: HOST, port: named.port })
    const clientConfig = {
      service: { name: 'hook', namespace: NAMESPACE },
      caBundle: Buffer.from(ca.pem).toString('base64'),
    }
    const objects = objectsOf(
      namespace(NAMESPACE),
      account,
      service,
      slice,
      webhookConfiguration('hooks', [hook('/x', { clientConfig })]),
    )
    const ask = createAdmission({ objects, network, signal: stop.signal })
    const { object } = await ask(creation(PODS, pod()))
    expect(partOf(object, 'metadata').labels).toEqual({ count: '9' })
    await named.close()
    network.release('10.244.0.9')
    await expect(
      createAdmission({ objects, network, signal: stop.signal })(creation(PODS, pod())),
    ).rejects.toMatchObject({
      message: `Internal error occurred: failed calling webhook "x.proa.test": failed to call webhook: Post "https://hook.${NAMESPACE}.svc:443/?timeout=10s": dial tcp 10.244.0.9:15017: connect: connection refused`,
    })
  })
})

describe('validating webhooks', () => {
  const validating = (...hooks: readonly JsonObject[]) => webhookConfiguration('guards', hooks, 'Validating')

  it('see what is left after mutation and preparation', async () => {
    const ask = admission(webhookConfiguration('hooks', [hook('/label')]), validating(hook('/allow')))
    const named = (object: JsonObject) => ({
      ...object,
      metadata: { ...(object.metadata as JsonObject), name: 'web-1' },
    })
    const { object } = await ask(creation(PODS, pod({ generateName: 'web-' })), named)
    const request = calls[1]?.review.request
    expect(request?.name).toBe('web-1')
    expect(partOf(request, 'object').metadata).toMatchObject({ name: 'web-1', labels: { count: '1' } })
    expect(partOf(object, 'metadata').name).toBe('web-1')
  })

  it('may not change anything', async () => {
    await expect(admission(validating(hook('/inject')))(creation(PODS, pod()))).rejects.toMatchObject({
      message:
        'Internal error occurred: failed calling webhook "inject.proa.test": received invalid webhook response: validating webhook may not return response.patch',
    })
  })

  it('are all asked at once', async () => {
    const paths = ['/a', '/b', '/c']
    await admission(validating(...paths.map((path) => hook(path))))(creation(PODS, pod()))
    expect(calls.map(({ request }) => request.url?.split('?')[0]).toSorted()).toEqual(paths)
  })
})
