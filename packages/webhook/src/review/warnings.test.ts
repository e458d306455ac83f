import { type InjectionWarning, injectPod, loadConfiguration } from '@proa/injector'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { examplePod } from '../../testing/reviews.ts'
import { answerWarnings, LONGEST_WARNING, shortWarning } from './warnings.ts'

const configuration = loadConfiguration()

function warningsFor(pod: ReturnType<typeof examplePod>, namespace = 'shop'): readonly string[] {
  const { warnings, decision } = injectPod({ pod, mode: 'webhook', namespace }, configuration)
  return answerWarnings(warnings, decision, pod)
}

describe('warnings of an answer', () => {
  it('are absent where there is nothing to do', () => {
    expect(warningsFor(examplePod())).toEqual([])
    expect(warningsFor(examplePod('web', { labels: { 'sidecar.istio.io/inject': 'false' } }))).toEqual([])
  })

  it('name a mistyped annotation and the one that was meant', () => {
    expect(warningsFor(examplePod('web', { annotations: { 'sidecar.istio.io/proxyCPUs': '1' } }))).toEqual([
      'annotation sidecar.istio.io/proxyCPUs is unknown: did you mean sidecar.istio.io/proxyCPU?',
    ])
  })

  it('tell who asks for a sidecar and gets none', () => {
    const asking = { labels: { 'sidecar.istio.io/inject': 'true' } }
    const pod = examplePod('web', asking)
    const onHost = { ...pod, spec: { ...(pod.spec as object), hostNetwork: true } }
    expect(warningsFor(onHost)).toEqual([
      'sidecar.istio.io/inject is "true", but the Pod gets no sidecar: it uses the host network',
    ])
    expect(warningsFor(pod, 'kube-system')).toHaveLength(1)
  })

  it('leave out what only the operator of the injector can mend', () => {
    const { decision } = injectPod({ pod: examplePod(), mode: 'webhook' }, configuration)
    const warning: InjectionWarning = { code: 'UnknownTemplateKey', message: 'the template writes x' }
    expect(answerWarnings([warning], decision, examplePod())).toEqual([])
  })

  it('are not more than a screen has room for, and say so', () => {
    const annotations = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`sidecar.istio.io/unknown${i}`, 'x']))
    const warnings = warningsFor(examplePod('web', { annotations }))
    expect(warnings).toHaveLength(8)
    expect(warnings.at(-1)).toBe('and 33 more warnings; "proa explain" shows all')
  })
})

describe('a long warning', () => {
  it('is cut inside a long name first, so that the reason stays', () => {
    const name = `sidecar.istio.io/${'x'.repeat(120)}`
    const warning = shortWarning(`annotation ${name} is unknown: did you mean sidecar.istio.io/inject?`)
    expect(warning).toMatch(
      /^annotation sidecar\.istio\.io\/x+…x+ is unknown: did you mean sidecar\.istio\.io\/inject\?$/,
    )
  })

  it('ends with a whole word', () => {
    const warning = shortWarning('word '.repeat(60))
    expect(warning).toMatch(/^(?:word )+word…$/)
  })

  it('is never longer than Kubernetes asks for, and always one line', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xd7ff }), { maxLength: 400 }), (points) => {
        const short = shortWarning(String.fromCodePoint(...points))
        expect([...short].length).toBeLessThanOrEqual(LONGEST_WARNING)
        expect(short).not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
