import type { JsonObject, MutableJsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { differencesOf } from './difference.ts'
import { findSubject, type Subject } from './subjects.ts'
import { workloadTrace } from './trace.ts'

const healthy = loadFixture(HEALTHY)
const CREATED = '2026-11-10T08:00:10Z'

/** The healthy cluster with objects changed in place: `Pod cart-5f6d-x1`. */
function changed(edits: Readonly<Record<string, (object: MutableJsonObject) => void>>, rest: Partial<Snapshot> = {}) {
  const objects = healthy.objects.map((object) => {
    const edit = edits[`${object.kind} ${(object.metadata as JsonObject).name}`]
    if (edit === undefined) return object
    const copy = structuredClone(object) as MutableJsonObject
    edit(copy)
    return copy
  })
  const cluster = clusterOf({ ...healthy, objects, ...rest })
  return { cluster, cart: findSubject(cluster, 'Deployment', 'shop', 'cart') as Subject }
}

const metadata = (object: MutableJsonObject): MutableJsonObject => object.metadata as MutableJsonObject
/** The Pod as it was created without a webhook. */
const naked = (pod: MutableJsonObject): void => {
  metadata(pod).annotations = {}
  pod.spec = { containers: [{ name: 'cart', image: 'shop/cart:1.0' }] }
}
const written = (time: string, fieldsV1: JsonObject) => (object: MutableJsonObject) => {
  metadata(object).managedFields = [{ manager: 'kubectl-label', operation: 'Update', time, fieldsV1 }]
}
const LABEL = { 'f:metadata': { 'f:labels': { 'f:istio-injection': {} } } }
const ignore = (configuration: MutableJsonObject): void => {
  for (const entry of configuration.webhooks as MutableJsonObject[]) entry.failurePolicy = 'Ignore'
}

const causes = ({ cluster, cart }: ReturnType<typeof changed>): readonly string[] =>
  differencesOf(cluster, cart).map((one) =>
    [one.kind, one.kind === 'older' ? one.than : '', one.confidence].filter((part) => part !== '').join(' '),
  )

it('speaks of a Pod that was made by hand as of itself', () => {
  const { cluster } = changed({
    'Pod cart-5f6d-x1': (pod) => {
      delete metadata(pod).ownerReferences
    },
  })
  const pod = findSubject(cluster, 'Pod', 'shop', 'cart-5f6d-x1') as Subject
  expect(workloadTrace(cluster, pod).summary.en).toMatch(
    /^Pod shop\/cart-5f6d-x1, made anew, would be injected by .*; it has a sidecar\.$/,
  )
})

describe('why a Pod has no sidecar although a new one would get it', () => {
  it('does not differ in a healthy cluster', () => {
    expect(causes(changed({}))).toEqual([])
  })

  it('is older than the label of its namespace, when a manager of nothing but the label wrote it later', () => {
    const later = changed({ 'Pod cart-5f6d-x1': naked, 'Namespace shop': written('2026-11-15T08:00:00Z', LABEL) })
    expect(causes(later)).toEqual(['older namespace-label certain'])
    const more = { 'f:metadata': { 'f:labels': { 'f:istio-injection': {}, 'f:team': {} } } }
    expect(
      causes(changed({ 'Pod cart-5f6d-x1': naked, 'Namespace shop': written('2026-11-15T08:00:00Z', more) })),
    ).toEqual(['older namespace-label likely'])
  })

  it('cannot be older than a label that was written before it', () => {
    const before = written('2026-10-01T08:00:00Z', LABEL)
    expect(causes(changed({ 'Pod cart-5f6d-x1': naked, 'Namespace shop': before }))).toEqual([
      'unexplained cannot-tell',
    ])
  })

  it('is probably older than the label, when nothing says when that was set', () => {
    expect(causes(changed({ 'Pod cart-5f6d-x1': naked }))).toEqual(['older namespace-label likely'])
    expect(
      causes(changed({ 'Pod cart-5f6d-x1': naked, 'MutatingWebhookConfiguration istio-sidecar-injector': ignore })),
    ).toEqual(['unexplained cannot-tell'])
  })

  it('is older than the webhook', () => {
    const younger = (object: MutableJsonObject): void => {
      metadata(object).creationTimestamp = '2026-11-12T08:00:00Z'
    }
    expect(
      causes(changed({ 'Pod cart-5f6d-x1': naked, 'MutatingWebhookConfiguration istio-sidecar-injector': younger })),
    ).toEqual(['older webhook certain'])
  })

  it('was made from an older template', () => {
    const refusing = (pod: MutableJsonObject): void => {
      naked(pod)
      metadata(pod).labels = { app: 'cart', 'sidecar.istio.io/inject': 'false' }
    }
    expect(causes(changed({ 'Pod cart-5f6d-x1': refusing }))).toEqual(['older template certain'])
  })

  it('was let through while the webhook could not be called', () => {
    const before = written('2026-10-01T08:00:00Z', LABEL)
    const edits = {
      'Pod cart-5f6d-x1': naked,
      'Namespace shop': before,
      'MutatingWebhookConfiguration istio-sidecar-injector': ignore,
    }
    expect(causes(changed(edits))).toEqual(['failed-open likely'])
    const tail =
      'W1110 08:00:10.1 1 dispatcher.go:217] Failed calling webhook, failing open namespace.sidecar-injector.istio.io: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": dial tcp 10.96.0.20:443: connect: connection refused'
    const logs = [
      { namespace: 'kube-system', pod: 'kube-apiserver-a', container: 'kube-apiserver', previous: false, tail },
    ]
    expect(causes(changed(edits, { logs }))).toEqual(['failed-open certain'])
  })

  it('was created within seconds of its label', () => {
    const near = written('2026-11-10T08:00:07Z', LABEL)
    expect(causes(changed({ 'Pod cart-5f6d-x1': naked, 'Namespace shop': near }))).toEqual(['raced likely'])
  })

  it('lost its sidecar after the injection', () => {
    const stripped = (pod: MutableJsonObject): void => {
      pod.spec = { containers: [{ name: 'cart', image: 'shop/cart:1.0' }] }
    }
    expect(causes(changed({ 'Pod cart-5f6d-x1': stripped }))).toEqual(['removed certain'])
  })

  it('is a picture of a static Pod', () => {
    const mirrored = (pod: MutableJsonObject): void => {
      naked(pod)
      metadata(pod).annotations = { 'kubernetes.io/config.mirror': 'abc' }
    }
    expect(causes(changed({ 'Pod cart-5f6d-x1': mirrored }))).toEqual(['static certain'])
  })
})

describe('why a Pod has a sidecar although a new one would get none', () => {
  it('was injected before the namespace was labelled otherwise', () => {
    const disabled = (namespace: MutableJsonObject): void => {
      metadata(namespace).labels = { 'istio-injection': 'disabled' }
      written('2026-11-15T08:00:00Z', LABEL)(namespace)
    }
    expect(causes(changed({ 'Namespace shop': disabled }))).toEqual(['older namespace-label certain'])
  })

  it('has the sidecar of another revision until it is restarted', () => {
    const old = (pod: MutableJsonObject): void => {
      metadata(pod).annotations = { 'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"1-23"}' }
    }
    expect(causes(changed({ 'Pod cart-5f6d-x1': old }))).toEqual(['other-revision certain'])
  })
})

describe('the trace of a workload', () => {
  it('agrees with what happened in a healthy cluster', () => {
    const { cluster, cart } = changed({})
    const trace = workloadTrace(cluster, cart)
    expect(trace.explanation).toMatchObject({ kind: 'Deployment', injected: true, reason: 'PolicyEnabled' })
    expect(trace).toMatchObject({
      expected: 'injected',
      actual: [{ name: 'cart-5f6d-x1', sidecar: 'injected', revision: 'default', created: CREATED }],
    })
    expect(trace.summary).toEqual({
      en: 'A new Pod of Deployment shop/cart would be injected by istio-sidecar-injector/namespace.sidecar-injector.istio.io; its Pod has a sidecar.',
      zh: 'Deployment shop/cart 的新 Pod 会被 istio-sidecar-injector/namespace.sidecar-injector.istio.io 注入；现有 1 个 Pod 均有 sidecar。',
    })
  })

  it('says why the two differ', () => {
    const { cluster, cart } = changed({
      'Pod cart-5f6d-x1': naked,
      'Namespace shop': written('2026-11-15T08:00:00Z', LABEL),
    })
    expect(workloadTrace(cluster, cart).summary.en).toBe(
      'A new Pod of Deployment shop/cart would be injected by istio-sidecar-injector/namespace.sidecar-injector.istio.io; its Pod has no sidecar. They differ because it was created at 2026-11-10T08:00:10Z, before namespace shop got the label istio-injection=enabled (2026-11-15T08:00:00Z).',
    )
  })

  it('explains what would be decided also where no webhook is called', () => {
    const { cluster, cart } = changed({ 'Namespace shop': (one) => (metadata(one).labels = {}) })
    const { explanation, expected, summary } = workloadTrace(cluster, cart)
    expect([explanation?.reason, explanation?.injected, expected]).toEqual(['NoWebhookCalled', false, 'not-injected'])
    expect(summary.en).toContain(
      'no injection webhook is called; its Pod has a sidecar. They differ because it was injected before',
    )
  })

  it('says why Pods cannot be created', () => {
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'shop' },
      involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'cart-5f6d' },
      reason: 'FailedCreate',
      lastTimestamp: '2026-11-19T08:00:00Z',
      message:
        'Error creating: Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": no endpoints available for service "istiod"',
    }
    const cluster = clusterOf({ ...healthy, objects: [...healthy.objects, event] })
    const cart = findSubject(cluster, 'Deployment', 'shop', 'cart') as Subject
    expect(workloadTrace(cluster, cart).summary.en).toContain('Its Pods cannot be created: ')
  })

  it('takes a Pod for a workload of a kind that nobody knows', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'w-1',
        namespace: 'shop',
        ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name: 'w', controller: true }],
      },
      spec: { containers: [{ name: 'main' }] },
    }
    const cluster = clusterOf({ ...healthy, objects: [...healthy.objects, pod] })
    const workflow = findSubject(cluster, 'Workflow', 'shop', 'w') as Subject
    expect(workloadTrace(cluster, workflow).explanation?.injected).toBe(true)
  })
})
