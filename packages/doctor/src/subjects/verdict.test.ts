import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { injectorTitle } from '../mesh/injectors.ts'
import { revisions } from '../mesh/revisions.ts'
import { effectivePod, renderedOf } from './rendered.ts'
import { sidecarOf } from './sidecar.ts'
import { findSubject } from './subjects.ts'
import { judge, verdictOf } from './verdict.ts'
import { isWanted, wishesOf } from './wishes.ts'

const healthy = loadFixture(HEALTHY)
const cluster = clusterOf(healthy)
const cart = findSubject(cluster, 'Deployment', 'shop', 'cart')
if (cart === undefined) throw new Error('healthy.yaml has no Deployment shop/cart')
const pod = (labels: Record<string, string> = {}) => ({ metadata: { labels }, spec: { containers: [{ name: 'a' }] } })

describe('what would happen to a workload', () => {
  it('names the webhook that is called, the control plane behind it and its decision', () => {
    const verdict = verdictOf(cluster, cart)
    expect(verdict.expected).toBe('injected')
    expect(verdict.injector && injectorTitle(verdict.injector)).toBe(
      'istio-sidecar-injector/namespace.sidecar-injector.istio.io',
    )
    expect(verdict.revision?.name).toBe('default')
    expect(verdict.decision?.reason).toBe('PolicyEnabled')
    expect(verdictOf(cluster, cart)).toBe(verdict)
  })

  it.each([
    ['shop', {}, 'injected'],
    ['shop', { 'sidecar.istio.io/inject': 'false' }, 'not-injected'],
    ['default', {}, 'not-injected'],
    ['default', { 'sidecar.istio.io/inject': 'true' }, 'injected'],
    ['kube-system', { 'sidecar.istio.io/inject': 'true' }, 'not-injected'],
  ])('in %s with the labels %o: %s', (namespace, labels, expected) => {
    expect(judge(cluster, namespace, pod(labels)).expected).toBe(expected)
  })

  it('is unknown where the webhooks, the namespace or the configuration could not be read', () => {
    const without = (kind: string, apiVersion = 'v1') =>
      judge(
        clusterOf({
          ...healthy,
          objects: healthy.objects.filter((object) => object.kind !== kind),
          unread: [{ apiVersion, kind, reason: 'forbidden', message: 'no' }],
        }),
        'shop',
        pod(),
      ).expected
    expect(without('MutatingWebhookConfiguration', 'admissionregistration.k8s.io/v1')).toBe('unknown')
    expect(without('Namespace')).toBe('unknown')
    expect(without('ConfigMap')).toBe('unknown')
  })
})

it('reads who asks for the sidecar, those nearest to the Pod first', () => {
  expect(wishesOf(cluster, cart).map(({ by, wants }) => [by, wants])).toEqual([['namespace-label', true]])
  expect(isWanted(cluster, cart)).toBe(true)
})

it('renders the Pod of a workload as the injector would, under the owner that it has', () => {
  const result = renderedOf(cluster, cart)
  expect(result?.outcome).toBe('injected')
  expect(effectivePod(cluster, cart)?.from).toBe('live')
  const noPods = clusterOf({ ...healthy, objects: healthy.objects.filter((object) => object.kind !== 'Pod') })
  const subject = findSubject(noPods, 'Deployment', 'shop', 'cart')
  const effective = subject && effectivePod(noPods, subject)
  expect(effective?.from).toBe('rendered')
  expect(effective && sidecarOf(effective.pod).kind).toBe('injected')
})

describe('a configuration that the injector cannot use', () => {
  it('is broken, with the line, and not a crash', () => {
    const objects = healthy.objects.map((object) =>
      object.kind === 'ConfigMap' && (object.metadata as { name?: string }).name === 'istio-sidecar-injector'
        ? { ...object, data: { config: 'policy: [', values: '{}' } }
        : object,
    )
    const [revision] = revisions(clusterOf({ ...healthy, objects }))
    expect(revision?.configuration).toMatchObject({ kind: 'broken', error: { name: 'InjectionConfigurationError' } })
  })

  it('is missing where ConfigMaps could be read, and not known where they could not', () => {
    const objects = healthy.objects.filter((object) => object.kind !== 'ConfigMap')
    expect(revisions(clusterOf({ ...healthy, objects }))[0]?.configuration.kind).toBe('missing')
    const unread = [{ apiVersion: 'v1', kind: 'ConfigMap', reason: 'forbidden' as const, message: 'no' }]
    expect(revisions(clusterOf({ ...healthy, objects, unread }))[0]?.configuration.kind).toBe('unread')
  })
})
