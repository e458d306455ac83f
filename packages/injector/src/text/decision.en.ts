import type { DecisionWording, StepFacts } from '../decision/describe.ts'
import type { Release } from '../release.ts'

export const decisionEnglish: DecisionWording = {
  questions: {
    'host-network': 'Does the Pod use the network of its node?',
    'ignored-namespace': 'Is the namespace one in which nothing is ever injected?',
    'inject-label': 'Does the Pod ask with the label sidecar.istio.io/inject?',
    'inject-annotation': 'Does the Pod ask with the annotation sidecar.istio.io/inject?',
    'never-inject-selector': 'Does a neverInjectSelector match the labels of the Pod?',
    'always-inject-selector': 'Does an alwaysInjectSelector match the labels of the Pod?',
    policy: 'What is the default policy?',
  },
  consequence,
  reasons: {
    HostNetwork: 'the Pod uses the network of its node, where capturing traffic would capture that of the node',
    IgnoredNamespace: 'nothing is ever injected in this namespace',
    InjectLabelTrue: 'the Pod asks for it with the label sidecar.istio.io/inject',
    InjectLabelFalse: 'the Pod refuses it with the label sidecar.istio.io/inject',
    InjectAnnotationTrue: 'the Pod asks for it with the annotation sidecar.istio.io/inject',
    InjectAnnotationFalse: 'the Pod refuses it with the annotation sidecar.istio.io/inject',
    NeverInjectSelector: 'a neverInjectSelector matches the labels of the Pod',
    AlwaysInjectSelector: 'an alwaysInjectSelector matches the labels of the Pod',
    PolicyEnabled: 'the Pod says nothing and the default policy is enabled',
    PolicyDisabled: 'the Pod says nothing and the default policy is disabled',
    PolicyUnknown: 'the policy of the configuration is neither enabled nor disabled, which turns injection off',
  },
}

function consequence(step: StepFacts, release: Release): string {
  const value = JSON.stringify(step.found[0]?.value)
  switch (step.id) {
    case 'host-network':
      return step.finding === 'true'
        ? 'not injected: its rules would change the traffic of the whole node'
        : 'no: go on'
    case 'ignored-namespace':
      return step.finding === 'matched' ? 'not injected, whatever else is asked for' : 'no: go on'
    case 'inject-label':
    case 'inject-annotation':
      return injectValue(step, value, release)
    case 'never-inject-selector':
      return selector(step, 'not injected')
    case 'always-inject-selector':
      return selector(step, 'injected')
    case 'policy':
      if (step.finding === 'enabled') return 'enabled: injected'
      if (step.finding === 'disabled') return 'disabled: not injected'
      return `${value} is no policy: nothing is injected until it is enabled or disabled`
  }
}

function injectValue(step: StepFacts, value: string, release: Release): string {
  switch (step.finding) {
    case 'absent':
      return 'not there: go on'
    case 'true':
      return `${value}: inject`
    case 'false':
      return `${value}: do not inject`
    case 'refused':
      return `${value} is neither yes nor no; Istio ${release.name} takes it for no`
    case 'overruled':
      return `${value} is not looked at, because the label is there`
    default:
      return `${value} is neither "true" nor "false": as if it were not there`
  }
}

function selector(step: StepFacts, verdict: string): string {
  if (step.finding === 'matched') return `one matches: ${verdict}`
  return step.finding === 'absent' ? 'none is configured: go on' : 'none matches: go on'
}
