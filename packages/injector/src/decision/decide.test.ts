import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { decide } from './decide.ts'
import { describeStep } from './describe.ts'
import type { Decision } from './types.ts'

const INJECT = 'sidecar.istio.io/inject'

interface Case {
  readonly compat?: string
  readonly namespace?: string
  readonly config?: JsonObject
  readonly label?: string
  readonly annotation?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly hostNetwork?: boolean
}

function configurationOf({ config = { policy: 'enabled' }, compat = 'current' }: Case) {
  const text = JSON.stringify({ template: '', ...config })
  return loadConfiguration({ config: { source: 'config', text } }, { compat }).decision
}

function podOf({ label, annotation, labels, hostNetwork }: Case): JsonObject {
  return {
    metadata: {
      labels: { ...labels, ...(label === undefined ? {} : { [INJECT]: label }) },
      ...(annotation === undefined ? {} : { annotations: { [INJECT]: annotation } }),
    },
    spec: hostNetwork === undefined ? {} : { hostNetwork },
  }
}

function decided(given: Case): Decision {
  return decide(podOf(given), given.namespace ?? 'shop', configurationOf(given))
}

const never = { policy: 'enabled', neverInjectSelector: [{ matchLabels: { team: 'ops' } }] }
const always = {
  policy: 'disabled',
  alwaysInjectSelector: [{ matchExpressions: [{ key: 'team', operator: 'Exists' }] }],
}

describe('the decision', () => {
  it.each<[string, Case, boolean, string]>([
    ['a Pod that says nothing follows the policy', {}, true, 'PolicyEnabled'],
    ['… also when it is disabled', { config: { policy: 'disabled' } }, false, 'PolicyDisabled'],
    ['host network comes before everything', { hostNetwork: true, label: 'true' }, false, 'HostNetwork'],
    ['then the system namespaces', { namespace: 'kube-system', label: 'true' }, false, 'IgnoredNamespace'],
    ['local-path-storage is one of them', { namespace: 'local-path-storage' }, false, 'IgnoredNamespace'],
    ['the label asks', { config: { policy: 'disabled' }, label: 'true' }, true, 'InjectLabelTrue'],
    ['the label refuses', { label: 'false' }, false, 'InjectLabelFalse'],
    ['the annotation asks', { config: { policy: 'disabled' }, annotation: 'true' }, true, 'InjectAnnotationTrue'],
    ['the label beats the annotation', { label: 'false', annotation: 'true' }, false, 'InjectLabelFalse'],
    ['an empty label hides the annotation too', { label: '', annotation: 'false' }, true, 'PolicyEnabled'],
    ['a selector refuses', { config: never, labels: { team: 'ops' } }, false, 'NeverInjectSelector'],
    ['a label beats the selector', { config: never, labels: { team: 'ops' }, label: 'true' }, true, 'InjectLabelTrue'],
    ['a selector asks', { config: always, labels: { team: 'any' } }, true, 'AlwaysInjectSelector'],
    [
      'never comes before always',
      { config: { ...always, ...never }, labels: { team: 'ops' } },
      false,
      'NeverInjectSelector',
    ],
    ['an unknown policy turns everything off', { config: { policy: 'on' }, label: 'true' }, false, 'PolicyUnknown'],
    ['… but host network is still named first', { config: { policy: 'on' }, hostNetwork: true }, false, 'HostNetwork'],
    [
      'an empty selector matches nothing',
      { config: { policy: 'disabled', alwaysInjectSelector: [{}] } },
      false,
      'PolicyDisabled',
    ],
  ])('%s', (_title, given, injected, reason) => {
    const decision = decided(given)
    expect([decision.injected, decision.reason]).toEqual([injected, reason])
  })

  it.each(['True', 'yes', '1', '', 'on', 'FALSE', 'no'])(
    'the current release takes the value %j for none, and says so',
    (value) => {
      const decision = decided({ label: value })
      expect(decision.reason).toBe('PolicyEnabled')
      expect(decision.warnings.map(({ code }) => code)).toEqual(['InvalidInjectValue'])
    },
  )

  describe('of older releases', () => {
    it.each(['y', 'Yes', 'TRUE', 'on'])('1.12 to 1.26 inject for %j', (value) => {
      for (const compat of ['1.12', '1.21', '1.26']) {
        expect(decided({ compat, config: { policy: 'disabled' }, label: value }).injected).toBe(true)
      }
    })

    it.each(['1', 'enabled', 'no', 'off'])('… and refuse for %j', (value) => {
      expect(decided({ compat: '1.21', label: value }).reason).toBe('InjectLabelFalse')
    })

    it('1.11 does not look at the label, and warns of it', () => {
      const decision = decided({ compat: '1.11', label: 'false' })
      expect(decision.reason).toBe('PolicyEnabled')
      expect(decision.warnings.map(({ code }) => code)).toEqual(['IgnoredInjectLabel'])
    })

    it('four namespaces are ignored since 1.13, two before', () => {
      expect(decided({ compat: '1.13', namespace: 'kube-node-lease' }).reason).toBe('IgnoredNamespace')
      expect(decided({ compat: '1.12', namespace: 'kube-node-lease' }).reason).toBe('PolicyEnabled')
      expect(decided({ compat: '1.12', namespace: 'kube-public' }).reason).toBe('IgnoredNamespace')
    })
  })

  it('skips and reports a selector that does not parse', () => {
    const config = { policy: 'enabled', neverInjectSelector: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }] }
    const decision = decided({ config, labels: { a: 'b' } })
    expect(decision.reason).toBe('PolicyEnabled')
    expect(decision.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['InvalidSelector', 'config.neverInjectSelector[0]'],
    ])
  })
})

describe('the trace', () => {
  it('asks in order, names where it looked, and marks the deciding step', () => {
    const { steps } = decided({ annotation: 'false' })
    expect(steps.map(({ id, finding, outcome, deciding }) => [id, finding, outcome, deciding])).toEqual([
      ['host-network', 'passed', 'continue', false],
      ['ignored-namespace', 'passed', 'continue', false],
      ['inject-label', 'absent', 'continue', false],
      ['inject-annotation', 'false', 'skip', true],
    ])
    expect(steps.at(-1)?.found).toEqual([{ path: `pod.metadata.annotations["${INJECT}"]`, value: 'false' }])
  })

  it('says that the annotation is not looked at where the label left the question open', () => {
    const { steps } = decided({ label: 'maybe', annotation: 'false' })
    expect(steps.map(({ id, finding }) => [id, finding])).toContainEqual(['inject-annotation', 'overruled'])
  })

  const values = fc.constantFrom(undefined, 'true', 'false', '', 'yes', 'True', 'nonsense')
  const cases: fc.Arbitrary<Case> = fc.record(
    {
      compat: fc.constantFrom('1.8', '1.12', '1.21', '1.27', 'current'),
      namespace: fc.constantFrom('shop', 'kube-system', 'local-path-storage', ''),
      config: fc.constantFrom<JsonObject>(
        { policy: 'enabled' },
        { policy: 'disabled' },
        { policy: 'off' },
        never,
        always,
      ),
      label: values,
      annotation: values,
      labels: fc.constantFrom({}, { team: 'ops' }, { app: 'a' }),
      hostNetwork: fc.constantFrom(undefined, true, false),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Case>

  it('ends with the step that made the verdict, and only that one decides', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { injected, steps } = decided(given)
        expect(steps.filter(({ deciding }) => deciding)).toEqual([steps.at(-1)])
        expect(steps.at(-1)?.outcome).toBe(injected ? 'inject' : 'skip')
        expect(steps.slice(0, -1).every(({ outcome }) => outcome === 'continue')).toBe(true)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('has words for every step in every language', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('en' as const, 'zh' as const), (given, language) => {
        const decision = decided(given)
        for (const step of decision.steps) {
          const words = describeStep(step, decision.release, language)
          expect(words.question).not.toBe('')
          expect(words.consequence).not.toBe('')
        }
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})
