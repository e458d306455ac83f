/** What holds for every Pod, with the built-in configuration and with Istio 1.21's where the shared vectors are at hand. */
import { applyPatch, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lawConfigurations } from '../testing/configurations.ts'
import { arbitraryPod } from '../testing/pods.ts'
import { unknownFields, withUnknownFields } from '../testing/unknown-fields.ts'
import type { Configuration } from './config/types.ts'
import { explainWorkload } from './explain/explain-workload.ts'
import { injectPod } from './inject.ts'
import { uninjectWorkload } from './uninject/uninject-workload.ts'
import { injectWorkload } from './workload/inject-workload.ts'

const RUNS = { seed: 2024, numRuns: 100 }

function injected(pod: JsonObject, configuration: Configuration): JsonObject {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome !== 'injected') throw new Error(`the Pod was ${result.outcome}`, { cause: result })
  return result.pod
}

function asPod(pod: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', ...pod }
}

describe.each(lawConfigurations())('laws of injection ($name)', ({ configuration }) => {
  it('injecting twice equals injecting once', () => {
    fc.assert(
      fc.property(arbitraryPod({ ownProxy: true }), (pod) => {
        const once = injected(pod, configuration)
        expect(injected(once, configuration)).toEqual(once)
      }),
      RUNS,
    )
  })

  it('the patch applied to the Pod is the injected Pod', () => {
    fc.assert(
      fc.property(withUnknownFields(arbitraryPod({ ownProxy: true })), (pod) => {
        const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
        expect(result.outcome).toBe('injected')
        if (result.outcome === 'injected') expect(applyPatch(pod, result.patch)).toEqual(result.pod)
      }),
      RUNS,
    )
  })

  it('unknown fields stay where they are, and with their container where it moves', () => {
    fc.assert(
      fc.property(withUnknownFields(arbitraryPod({ ownProxy: true })), (pod) => {
        expect(byPath(unknownFields(injected(pod, configuration)))).toEqual(byPath(unknownFields(pod)))
      }),
      RUNS,
    )
  })

  it('explain’s verdict is that of the webhook', () => {
    fc.assert(
      fc.property(arbitraryPod(), arbitraryWishes(), (pod, wishes) => {
        const object = withWishes(asPod(pod), wishes)
        const explained = explainWorkload(object, configuration, { namespace: wishes.namespace })
        const result = injectWorkload(object, configuration, { mode: 'webhook', namespace: wishes.namespace })
        expect(explained.kind).toBe('explained')
        if (explained.kind !== 'explained') return
        expect(explained.explanation.injected).toBe(result.kind === 'injected')
        expect(explained.explanation.reason).toBe('decision' in result ? result.decision?.reason : undefined)
      }),
      RUNS,
    )
  })

  it('uninjecting gives the Pod back', () => {
    fc.assert(
      fc.property(withUnknownFields(arbitraryPod({ ownProxy: true, ambiguous: false })), (pod) => {
        const result = uninjectWorkload(asPod(injected(pod, configuration)))
        expect(result.kind).toBe('restored')
        if (result.kind === 'restored') expect(result.object).toEqual(asPod(pod))
      }),
      RUNS,
    )
  })
})

function byPath(fields: ReturnType<typeof unknownFields>): Record<string, Json> {
  return Object.fromEntries(fields.map(({ path, value }) => [path, value]))
}

/** What decides whether a Pod is injected. */
interface Wishes {
  readonly label: string | undefined
  readonly annotation: string | undefined
  readonly hostNetwork: boolean | undefined
  readonly namespace: string
}

function arbitraryWishes(): fc.Arbitrary<Wishes> {
  const wish = fc.constantFrom(undefined, undefined, 'true', 'false', 'True', 'yes', '')
  return fc.record({
    label: wish,
    annotation: wish,
    hostNetwork: fc.constantFrom(undefined, false, true),
    namespace: fc.constantFrom('shop', 'shop', 'kube-system', ''),
  })
}

function withWishes(pod: JsonObject, { label, annotation, hostNetwork }: Wishes): JsonObject {
  const metadata = pod.metadata as JsonObject
  const entry = (map: string, value: string | undefined): JsonObject =>
    value === undefined ? {} : { [map]: { ...(metadata[map] as JsonObject), 'sidecar.istio.io/inject': value } }
  return {
    ...pod,
    metadata: { ...metadata, ...entry('labels', label), ...entry('annotations', annotation) },
    spec: { ...(pod.spec as JsonObject), ...(hostNetwork === undefined ? {} : { hostNetwork }) },
  }
}
