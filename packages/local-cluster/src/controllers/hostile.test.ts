import { isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authority, serverCertificate } from '../../testing/admission/certificates.ts'
import { webhookConfiguration } from '../../testing/admission/cluster.ts'
import { jsonPatch, webhookServer } from '../../testing/admission/webhook-server.ts'
import { container, deployment, read, startTestCluster, type TestCluster, withSpec } from '../../testing/cluster.ts'
import { ApiError } from '../api/status.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await startTestCluster()
})
afterEach(() => cluster.stop())

const HOST = '127.0.0.1'
const LABELS = [{ app: 'a' }, { app: 'b' }, { app: 'a', tier: 'x' }, {}] as const
const OWNERS = ['apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet', 'apps/v1/DaemonSet', 'batch/v1/Job']
const labels = fc.constantFrom<JsonObject>(...LABELS)
const selector = fc.oneof(
  labels.map((matchLabels): JsonObject => ({ matchLabels })),
  fc.constantFrom<JsonObject>(
    { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] },
    {},
  ),
)
const name = fc.constantFrom('one', 'two')

/** Another object's own reference, a made-up one, or one in a circle. */
const owners = fc.option(
  fc.record({
    apiVersion: fc.constantFrom('apps/v1', 'v1', 'nothing/v1'),
    kind: fc.constantFrom('ReplicaSet', 'Deployment', 'Pod', 'Nothing'),
    name,
    uid: fc.constantFrom('1', 'live'),
    controller: fc.boolean(),
    blockOwnerDeletion: fc.boolean(),
  }),
  { nil: undefined, freq: 2 },
)

const workload = fc
  .record({
    kind: fc.constantFrom(...OWNERS),
    name,
    selector,
    labels,
    owners,
    replicas: fc.constantFrom(0, 1, 3),
    paused: fc.boolean(),
    annotations: fc.constantFrom<JsonObject>({}, { 'deployment.kubernetes.io/revision': 'many' }),
    finalizers: fc.constantFrom<readonly string[]>([], ['x.y/z'], ['foregroundDeletion'], ['orphan']),
  })
  .map((given): JsonObject => {
    const [apiVersion, kind] = [given.kind.slice(0, given.kind.lastIndexOf('/')), given.kind.split('/').at(-1) ?? '']
    const { annotations, finalizers } = given
    const ownerReferences = given.owners === undefined ? {} : { ownerReferences: [given.owners] }
    const job = kind === 'Job' ? { parallelism: given.replicas, manualSelector: true } : { replicas: given.replicas }
    const restartPolicy = kind === 'Job' ? { restartPolicy: 'Never' } : {}
    const template = { metadata: { labels: given.labels }, spec: { containers: [container('c')], ...restartPolicy } }
    return {
      apiVersion,
      kind,
      metadata: {
        name: given.name,
        namespace: 'default',
        annotations,
        finalizers: [...finalizers],
        ...ownerReferences,
      },
      spec: { ...job, paused: given.paused, selector: given.selector, template },
    }
  })

interface Step {
  readonly do: 'create' | 'replace' | 'relabel' | 'delete' | 'status'
  readonly object: JsonObject
  readonly policy: 'Orphan' | 'Background' | 'Foreground'
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom('create', 'create', 'create', 'replace', 'relabel', 'delete', 'status'),
    object: workload,
    policy: fc.constantFrom('Orphan', 'Background', 'Foreground'),
  }),
  { minLength: 1, maxLength: 6 },
)

/** Somebody else's uid as an owner: the newest object that is there. */
function withLiveOwner(object: JsonObject): JsonObject {
  const metadata = object.metadata as JsonObject
  const [reference] = (metadata.ownerReferences ?? []) as readonly JsonObject[]
  if (reference?.uid !== 'live') return object
  const kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
  const owner = cluster.api.list(kind, 'default').at(-1)
  const uid = String(read(owner, 'metadata.uid') ?? 'none')
  const ownerReferences = [{ ...reference, ...kind, name: String(read(owner, 'metadata.name') ?? 'none'), uid }]
  return { ...object, metadata: { ...metadata, ownerReferences } }
}

async function take({ do: what, object, policy }: Step): Promise<void> {
  const { api } = cluster
  const key = { apiVersion: String(object.apiVersion), kind: String(object.kind), ...KEY, name: nameOf(object) }
  const current = api.find(key)
  if (what === 'create') await api.create(withLiveOwner(object))
  else if (current === undefined) return
  else if (what === 'delete') await api.delete(key, { propagationPolicy: policy })
  else if (what === 'replace') await api.update(withSpec(current, object.spec as JsonObject))
  else if (what === 'status') {
    const status = { replicas: -1, observedGeneration: 99, conditions: [{ type: 'Progressing', status: 'Odd' }] }
    await api.update({ ...current, status }, { subresource: 'status' })
  } else {
    // Pods lose their owners, and become somebody else's.
    for (const pod of cluster.pods()) {
      const metadata = { ...(pod.metadata as JsonObject), labels: labelsIn(object) }
      await api.update({ ...pod, metadata }).catch(refused)
    }
  }
}

const KEY = { namespace: 'default' }
const nameOf = (object: JsonObject) => String(read(object, 'metadata.name'))

function labelsIn(object: JsonObject): JsonObject {
  const found: Json | undefined = read(object, 'spec.template.metadata.labels')
  return isObject(found) ? found : {}
}

/** What validation refuses is no state of objects. */
function refused(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
}

/** Far more than any of these needs. */
const MOST_WRITES = 600

describe('controllers come to rest', () => {
  it('whatever objects there are', async () => {
    const writes = { count: 0 }
    cluster.api.onChange(() => {
      writes.count += 1
      if (writes.count > MOST_WRITES * 3) throw new Error('the controllers do not come to rest')
    })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        writes.count = 0
        for (const step of all) await take(step).catch(refused)
        await cluster.quiet()
        // Time passes, and nothing is done that was not done.
        await cluster.pass(3600)
        expect(writes.count).toBeLessThan(MOST_WRITES)
        await clear()
        await cluster.quiet()
      }),
      { numRuns: 40, seed: 3 },
    )
  })

  it('when a webhook takes the labels of Pods away, by which their owners know them', async () => {
    const ca = await authority('proa test authority')
    const labels = { op: 'replace', path: '/metadata/labels', value: {} }
    const server = await webhookServer(await serverCertificate(ca, { addresses: [HOST] }), ({ answer }) =>
      answer(jsonPatch(labels)),
    )
    try {
      const hook = {
        name: 'hook.proa.test',
        clientConfig: { url: `https://${HOST}:${server.port}/`, caBundle: Buffer.from(ca.pem).toString('base64') },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      }
      await cluster.put(webhookConfiguration('hooks', [hook]), deployment('d'))
      // Tried again after a while, as what fails, and not at once and forever.
      await cluster.pass(60)
      expect(cluster.pods().length).toBeGreaterThan(1)
      expect(cluster.pods().length).toBeLessThan(60)
    } finally {
      await server.close()
    }
  })

  it('when the selector of a Deployment is written over its validation', async () => {
    await cluster.put(deployment('d'))
    const changed = cluster.change('apps/v1/Deployment/d', (one) =>
      withSpec(one, { selector: { matchLabels: { app: 'e' } } }),
    )
    await expect(changed).rejects.toThrow(/field is immutable/)
    await cluster.quiet()
    expect(cluster.pods().length).toBe(3)
  })
})

/** Takes everything away, and what holds it. */
async function clear(): Promise<void> {
  for (const kind of [...OWNERS, 'v1/Pod']) {
    const type = { apiVersion: kind.slice(0, kind.lastIndexOf('/')), kind: kind.split('/').at(-1) ?? '' }
    for (const object of cluster.api.list(type, 'default')) {
      const metadata = { ...(object.metadata as JsonObject), finalizers: [] }
      const key = { ...type, ...KEY, name: nameOf(object) }
      await cluster.api.update({ ...object, metadata }).catch(refused)
      await cluster.api.delete(key, { gracePeriodSeconds: 0, propagationPolicy: 'Background' }).catch(refused)
    }
  }
}
