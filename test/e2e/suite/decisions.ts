import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { untilAll } from '../harness/until.ts'
import { itNeeds } from './needs.ts'
import { containersOf, INJECT, isInjected, outcomeOf, type PodShape, podOf, tryCreate, viewOf } from './objects.ts'
import { POLL } from './start.ts'

type Labels = Readonly<Record<string, string>>

export function describeDecisions(cluster: Cluster): void {
  const { client, revision } = cluster
  const injected = `injected by ${revision}`
  const outcome = async (namespace: Labels, shape: PodShape) =>
    outcomeOf(client, podOf('web', await cluster.createNamespace(namespace), shape))

  describe('who gets a sidecar', () => {
    it.each<[string, Labels, PodShape]>([
      ['a Pod in a namespace that asks for it', cluster.injected, {}],
      ['a Pod in a namespace with the revision', { 'istio.io/rev': revision }, {}],
      ['a Pod with the revision, in a namespace without any label', {}, { labels: { 'istio.io/rev': revision } }],
      ['a Pod with a label of its own in a namespace that asks', cluster.injected, { labels: { [INJECT]: 'true' } }],
    ])('%s', async (_, namespace, shape) => {
      expect(await outcome(namespace, shape)).toBe(injected)
    })

    itNeeds(cluster, 'alone')('a Pod that asks for it, in a namespace without any label', async () => {
      expect(await outcome({}, { labels: { [INJECT]: 'true' } })).toBe(injected)
    })

    itNeeds(cluster, 'alone')('every Pod, with --inject-unlabelled; and no longer without', async () => {
      const pod = podOf('web', await cluster.createNamespace())
      const install = ['install', '--no-wait', '--failure-policy', 'Fail', ...cluster.flags]
      const on = await cluster.proa(...install, '--inject-unlabelled')
      expect(on).toMatchObject({ code: 0, stderr: '' })
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe(injected)
      const off = await cluster.proa(...install)
      expect(off).toMatchObject({ code: 0, stderr: '' })
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe('untouched')
    })
  })

  describe('who gets none', () => {
    it.each<[string, Labels, PodShape]>([
      ['a Pod in a namespace without any label', {}, {}],
      ['a Pod whose label says no', cluster.injected, { labels: { [INJECT]: 'false' } }],
      ['a Pod whose annotation says no', cluster.injected, { annotations: { [INJECT]: 'false' } }],
      [
        'a Pod that asks, where the namespace says no',
        { 'istio-injection': 'disabled' },
        { labels: { [INJECT]: 'true' } },
      ],
      ['a Pod of a revision that is not there', { 'istio.io/rev': 'nobody' }, {}],
      ['a Pod in the network of its Node', cluster.injected, { spec: { hostNetwork: true } }],
    ])('%s', async (_, namespace, shape) => {
      expect(await outcome(namespace, shape)).toBe('untouched')
    })
  })

  describe('an admission', () => {
    it('of a dry run stores nothing and answers the same', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      const pod = podOf('web', namespace)
      const dry = await client.create(pod, { dryRun: true })
      expect(await client.find({ apiVersion: 'v1', kind: 'Pod', namespace, name: 'web' })).toBeUndefined()
      const real = await client.create(pod)
      const [a, b] = [viewOf(dry), viewOf(real)]
      expect(withoutChance(a.spec)).toEqual(withoutChance(b.spec))
      expect(a.metadata.annotations).toEqual(b.metadata.annotations)
    })

    it('of an update leaves the Pod as it is', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      const before = await client.create(podOf('web', namespace, { labels: { [INJECT]: 'false' } }))
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web' }
      const body = { metadata: { labels: { [INJECT]: 'true', color: 'blue' } } }
      const after = await client.patch(ref, { type: 'merge', body })
      expect(viewOf(after).metadata.labels).toEqual({ [INJECT]: 'true', color: 'blue' })
      expect(containersOf(after)).toEqual(containersOf(before))
    })

    it('warns where a user should act, in a line that fits', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      client.takeWarnings()
      const annotations = { 'sidecar.istio.io/proxyCPUs': '1' }
      await client.create(podOf('web', namespace, { annotations }), { dryRun: true })
      const told = 'annotation sidecar.istio.io/proxyCPUs is unknown: did you mean sidecar.istio.io/proxyCPU?'
      expect(client.takeWarnings()).toEqual([told])
      await client.create(podOf('web', namespace), { dryRun: true })
      expect(client.takeWarnings()).toEqual([])
    })

    it('refuses what cannot work, says why, and tells it as an Event beside the owner', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      const owner = {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web-1',
        uid: crypto.randomUUID(),
        controller: true,
      }
      const pod = podOf('web-1-a', namespace, { annotations: BAD, owner })
      const dry = await tryCreate(client, pod)
      const real = await tryCreate(client, pod, false)
      expect(real).toEqual(dry)
      expect(real).toEqual({ refusal: expect.stringMatching(REFUSED) })
      const events = { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=InjectionFailed' }
      const [event] = await untilAll(client, events, 'the Event', ({ length }) => length === 1)
      expect(event).toMatchObject({ type: 'Warning', count: 1, involvedObject: { kind: 'ReplicaSet', name: 'web-1' } })
    })

    if (cluster.lacks.audit === undefined) {
      it('is in the audit log with its reason', async () => {
        const namespace = await cluster.createNamespace(cluster.injected)
        const name = cluster.name('audited')
        const pod = await client.create(podOf(name, namespace))
        expect(isInjected(pod)).toBe(true)
        const found = Object.entries(await cluster.auditAnnotations(name)).map(([key, value]) => [
          key.replace(/^.*\//, ''),
          value,
        ])
        expect(Object.fromEntries(found)).toMatchObject({
          outcome: 'injected',
          reason: expect.any(String),
          revision,
          'template-hash': expect.stringMatching(/^[0-9a-f]{8,}$/),
        })
      })
    }
  })

  describe('workloads', () => {
    itNeeds(cluster, 'controllers')('of every kind have injected Pods', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      for (const object of workloads(namespace)) await client.create(object)
      const pods = { apiVersion: 'v1', kind: 'Pod', namespace }
      const { items: nodes } = await client.list({ apiVersion: 'v1', kind: 'Node' })
      const kinds = ['ReplicaSet', 'StatefulSet', 'Job', 'ReplicationController']
      if (nodes.length > 0) kinds.push('DaemonSet')
      const owners = (all: readonly JsonObject[]) => new Set(all.map(ownerKind))
      const all = await untilAll(client, pods, 'Pods of every kind', (now) =>
        kinds.every((kind) => owners(now).has(kind)),
      )
      expect(all.map(isInjected)).toEqual(all.map(() => true))
    })

    itNeeds(cluster, 'controllers')('whose Pods are refused say so in a FailedCreate event', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      const template = { metadata: { labels: { app: 'web' }, annotations: BAD }, spec: SPEC }
      await client.create(workload('apps/v1', 'Deployment', 'web', namespace, template))
      const events = { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=FailedCreate' }
      const [event] = await untilAll(client, events, 'the Event', ({ length }) => length > 0)
      expect(event).toMatchObject({
        type: 'Warning',
        involvedObject: { kind: 'ReplicaSet' },
        message: expect.stringMatching(new RegExp(`^Error creating: ${REFUSED.source.slice(1)}`, 's')),
      })
    })
  })
}

const BAD = { 'traffic.sidecar.istio.io/includeOutboundIPRanges': 'not-a-range' }
const REFUSED = /^admission webhook "[a-z.]*sidecar-injector\.istio\.io" denied the request: .*includeOutboundIPRanges/s
const SPEC = { containers: [{ name: 'app', image: 'registry.example/app:1' }] }

function workload(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  template: object,
  spec: object = {},
) {
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template, ...spec } as never,
  }
}

function workloads(namespace: string) {
  const template = (app: string, spec: object = {}) => ({ metadata: { labels: { app } }, spec: { ...SPEC, ...spec } })
  const once = { template: template('e', { restartPolicy: 'Never' }), selector: undefined }
  return [
    workload('apps/v1', 'Deployment', 'a', namespace, template('a')),
    workload('apps/v1', 'ReplicaSet', 'b', namespace, template('b')),
    workload('apps/v1', 'StatefulSet', 'c', namespace, template('c'), { serviceName: 'c' }),
    workload('apps/v1', 'DaemonSet', 'd', namespace, template('d')),
    workload('batch/v1', 'Job', 'e', namespace, once.template, { selector: undefined }),
    workload('v1', 'ReplicationController', 'f', namespace, template('f'), { replicas: 1, selector: { app: 'f' } }),
  ]
}

function ownerKind(pod: JsonObject): string {
  const [owner] = viewOf(pod).metadata.ownerReferences as readonly { readonly kind: string }[]
  return owner?.kind ?? ''
}

/** The name of the volume with the token is drawn by lot. */
function withoutChance(spec: unknown): unknown {
  return JSON.parse(JSON.stringify(spec).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access'))
}
