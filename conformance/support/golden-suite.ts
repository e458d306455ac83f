import { describe, expect, it } from 'vitest'
import { injectPod } from '../../packages/injector/src/index.ts'
import { applyPatch } from '../../packages/kube/src/index.ts'
import { comparable, comparableWebhookPod, withoutTemplateVersion } from './compare.ts'
import { controllerPods } from './controller-pods.ts'
import { documentsOf, type GoldenOptions, goldenConfiguration, injectManifest } from './golden.ts'
import type { GoldenCase, Vectors } from './vectors.ts'

export interface SuiteOptions extends GoldenOptions {
  readonly minor: number
  /** The revision of the webhook half; the manual half has none. */
  readonly webhookRevision: string
}

/** Registers every golden case twice, as Istio's own test does: through kube-inject and through the webhook. */
export function goldenSuite(vectors: Vectors, options: SuiteOptions): void {
  for (const golden of vectors.json('cases.json') as readonly GoldenCase[]) {
    describe(golden.name, () => {
      const input = vectors.text(golden.input)
      const want = golden.want === null ? '' : vectors.text(golden.want)

      if (golden.expectedError !== null) {
        it(`fails: ${golden.expectedError}`, () => {
          const configuration = goldenConfiguration(vectors, golden, options)
          expect(() => injectManifest(input, configuration)).toThrow(
            new RegExp(escaped(golden.expectedError ?? ''), 'i'),
          )
        })
        return
      }
      // What Istio's own test leaves out is not registered: a skipped test would look forgotten.
      if (!golden.skipInjection)
        it('kube-inject', () => {
          const manual = injectManifest(input, goldenConfiguration(vectors, golden, options))
          const got = manual.objects.map(comparable)
          expect(withoutTemplateVersion(got)).toEqual(documentsOf(want).map(comparable))
          if (golden.expectedLog !== null) expect(manual.notices.join('\n')).toContain(golden.expectedLog)
        })
      if (!golden.skipWebhook)
        it('webhook', () => {
          const configuration = goldenConfiguration(vectors, golden, { ...options, revision: options.webhookRevision })
          const wanted = controllerPods(want, options.minor)
          const pods = controllerPods(input, options.minor)
          expect(pods.length).toBe(wanted.length)
          for (const [index, { pod, namespace }] of pods.entries()) {
            const result = injectPod({ pod, namespace, mode: 'webhook' }, configuration)
            if (result.outcome === 'failed') throw result.error
            const got = result.outcome === 'injected' ? applyPatch(pod, result.patch) : pod
            expect(comparableWebhookPod(got)).toEqual(comparableWebhookPod(wanted[index]?.pod ?? {}))
          }
        })
    })
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
