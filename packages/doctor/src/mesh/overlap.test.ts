import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { askWebhooks } from '../subjects/verdict.ts'
import { type Injector, injectors } from './injectors.ts'
import { commonLabels } from './overlap.ts'

const healthy = loadFixture(HEALTHY)

interface Selectors {
  readonly namespaceSelector: JsonObject
  readonly objectSelector: JsonObject
}

function clusterWith(...all: readonly Selectors[]) {
  const webhooks = all.map((selectors, index) => ({
    name: `w${index}.sidecar-injector.istio.io`,
    clientConfig: { service: { namespace: 'istio-system', name: 'istiod' } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    ...selectors,
  }))
  const object = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'a' },
    webhooks,
  }
  return clusterOf({ ...healthy, objects: [object as unknown as JsonObject] })
}

const key = fc.constantFrom('a', 'b', 'kubernetes.io/metadata.name')
const values = fc.uniqueArray(fc.constantFrom('x', 'y'), { minLength: 1 })
const requirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
)
const selector = fc.array(requirement, { maxLength: 3 }).map((matchExpressions) => ({ matchExpressions }))
const selectors: fc.Arbitrary<Selectors> = fc.record({ namespaceSelector: selector, objectSelector: selector })

/** All that the generated selectors can tell apart. */
const LABELS = (['x', 'y', 'other', undefined] as const).flatMap((a) =>
  (['x', 'y', 'other', undefined] as const).map((b) => ({
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
  })),
)

describe('labels that two webhooks have in common', () => {
  it('meet both, and are there whenever any labels meet both', () => {
    fc.assert(
      fc.property(selectors, selectors, (left, right) => {
        const cluster = clusterWith(left, right)
        const [one, other] = injectors(cluster) as [Injector, Injector]
        const found = commonLabels(one, other)
        const both = (name: string, namespace: Record<string, string>, pod: JsonObject): boolean =>
          askWebhooks(cluster, name, { metadata: { labels: pod } }, namespace).outcome === 'several'
        if (found !== undefined) {
          const name = found.namespace['kubernetes.io/metadata.name'] ?? 'any-namespace'
          expect(both(name, { ...found.namespace }, { ...found.pod })).toBe(true)
          return
        }
        const metadataNames = ['x', 'y', 'any-namespace']
        // The Pod may carry the namespace's label as well; there it is a label like others.
        const pods = LABELS.flatMap((labels) =>
          [{}, ...metadataNames.map((name) => ({ 'kubernetes.io/metadata.name': name }))].map((more) => ({
            ...labels,
            ...more,
          })),
        )
        const any = metadataNames.some((name) =>
          LABELS.some((namespace) => pods.some((pod) => both(name, namespace, pod))),
        )
        expect(any).toBe(false)
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it('are none where a selector is broken: the API server refuses before anybody is called', () => {
    const broken = { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] }, objectSelector: {} }
    const [one, other] = injectors(clusterWith(broken, { namespaceSelector: {}, objectSelector: {} })) as [
      Injector,
      Injector,
    ]
    expect(commonLabels(one, other)).toBeUndefined()
  })
})
