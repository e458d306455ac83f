import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { ANNOTATION, LABEL } from '../names.ts'
import { describeStep } from './describe.ts'
import { type InjectValue, ignoredNamespaces, readInjectValue } from './rules.ts'
import type {
  ConfiguredSelector,
  Decision,
  DecisionConfiguration,
  DecisionReason,
  DecisionStep,
  DecisionWarning,
  Evidence,
  Labels,
  StepFinding,
  StepId,
} from './types.ts'

const NONE: Labels = Object.freeze({})

interface RecordedStep {
  readonly id: StepId
  readonly finding: StepFinding
  readonly found: readonly Evidence[]
  readonly outcome: DecisionStep['outcome']
}

/** Receives each step as it is taken; absent when only the verdict is wanted. */
type Recorder = ((step: RecordedStep) => void) | undefined

/**
 * Decides whether a Pod gets the sidecar, in Istio's order: host network, ignored namespaces, the label
 * and the annotation `sidecar.istio.io/inject`, neverInjectSelector, alwaysInjectSelector, policy.
 *
 * @param pod       A Pod, or a Pod template with its metadata.
 * @param namespace The namespace of the request. A Pod's own `metadata.namespace` comes first.
 */
export function decide(pod: JsonObject, namespace: string, configuration: DecisionConfiguration): Decision {
  const facts = readFacts(pod, namespace)
  return new LazyDecision(facts, configuration, evaluate(facts, configuration, undefined))
}

/**
 * Works out the trace when it is asked for. A class, because V8 makes a hidden class of its own for each object with getters of its
 * own, and these live until the next full collection, with all that the getters hold.
 */
class LazyDecision implements Decision {
  readonly injected: boolean
  readonly reason: DecisionReason
  readonly release: Decision['release']
  readonly #facts: Facts
  readonly #configuration: DecisionConfiguration
  #recorded: readonly RecordedStep[] | undefined

  constructor(facts: Facts, configuration: DecisionConfiguration, reason: DecisionReason) {
    this.injected = INJECTS.has(reason)
    this.reason = reason
    this.release = configuration.release
    this.#facts = facts
    this.#configuration = configuration
  }

  get steps(): readonly DecisionStep[] {
    return finishSteps(this.#record(), this.#configuration)
  }

  get warnings(): readonly DecisionWarning[] {
    return collectWarnings(this.#record(), this.#facts, this.#configuration)
  }

  #record(): readonly RecordedStep[] {
    if (this.#recorded === undefined) {
      const steps: RecordedStep[] = []
      evaluate(this.#facts, this.#configuration, (step) => steps.push(step))
      this.#recorded = steps
    }
    return this.#recorded
  }
}

const INJECTS: ReadonlySet<DecisionReason> = new Set<DecisionReason>([
  'InjectLabelTrue',
  'InjectAnnotationTrue',
  'AlwaysInjectSelector',
  'PolicyEnabled',
])

interface Facts {
  readonly hostNetwork: Json | undefined
  readonly namespace: string
  readonly namespacePath: string
  readonly labels: Labels
  readonly annotations: Labels
}

function readFacts(pod: JsonObject, requestNamespace: string): Facts {
  // A decision never fails, not even about what is no Pod.
  const { metadata, spec }: JsonObject = isObject(pod) ? pod : {}
  const own = isObject(metadata) ? metadata.namespace : undefined
  const hasOwn = typeof own === 'string' && own !== ''
  return {
    hostNetwork: isObject(spec) ? spec.hostNetwork : undefined,
    namespace: hasOwn ? own : requestNamespace,
    namespacePath: hasOwn ? 'pod.metadata.namespace' : 'request.namespace',
    labels: stringsOf(metadata, 'labels'),
    annotations: stringsOf(metadata, 'annotations'),
  }
}

function stringsOf(metadata: Json | undefined, key: 'labels' | 'annotations'): Labels {
  const found = isObject(metadata) ? metadata[key] : undefined
  return isObject(found) ? (found as Labels) : NONE
}

/** The rules themselves. One function serves the verdict and the trace, so that they cannot differ. */
function evaluate(facts: Facts, configuration: DecisionConfiguration, record: Recorder): DecisionReason {
  const { minor } = configuration.release
  if (facts.hostNetwork === true) {
    record?.(hostNetwork(facts, 'true', 'skip'))
    return 'HostNetwork'
  }
  record?.(hostNetwork(facts, 'passed', 'continue'))

  const ignored = ignoredNamespaces(minor).has(facts.namespace)
  record?.({
    id: 'ignored-namespace',
    finding: ignored ? 'matched' : 'passed',
    found: [{ path: facts.namespacePath, value: facts.namespace }],
    outcome: ignored ? 'skip' : 'continue',
  })
  if (ignored) return 'IgnoredNamespace'

  return (
    fromInjectValue(facts, configuration, record) ??
    fromSelectors('never-inject-selector', configuration.neverInjectSelector, facts, configuration, record) ??
    fromSelectors('always-inject-selector', configuration.alwaysInjectSelector, facts, configuration, record) ??
    fromPolicy(configuration, record)
  )
}

function hostNetwork(facts: Facts, finding: StepFinding, outcome: DecisionStep['outcome']): RecordedStep {
  return { id: 'host-network', finding, outcome, found: [{ path: 'pod.spec.hostNetwork', value: facts.hostNetwork }] }
}

/** The label speaks before the annotation (since 1.12), even when it is empty. */
function fromInjectValue(
  facts: Facts,
  configuration: DecisionConfiguration,
  record: Recorder,
): DecisionReason | undefined {
  const { minor } = configuration.release
  const label = behaves(minor, 'injectLabel') ? own(facts.labels, LABEL.inject) : undefined
  const annotation = own(facts.annotations, ANNOTATION.inject)
  const labelPath = `pod.metadata.labels["${LABEL.inject}"]`
  const annotationPath = `pod.metadata.annotations["${ANNOTATION.inject}"]`

  if (behaves(minor, 'injectLabel')) {
    const value = label === undefined ? undefined : readInjectValue(label, minor)
    const verdict = knownPolicy(configuration) ? verdictOf(value) : undefined
    record?.(injectStep('inject-label', labelPath, label, value, verdict))
    if (label !== undefined) {
      if (annotation !== undefined && verdict === undefined) {
        record?.({
          id: 'inject-annotation',
          finding: 'overruled',
          found: [{ path: annotationPath, value: annotation }],
          outcome: 'continue',
        })
      }
      if (verdict === undefined) return wishMeetsUnknownPolicy(value, configuration, record)
      return verdict ? 'InjectLabelTrue' : 'InjectLabelFalse'
    }
  }
  const value = annotation === undefined ? undefined : readInjectValue(annotation, minor)
  const verdict = knownPolicy(configuration) ? verdictOf(value) : undefined
  record?.(injectStep('inject-annotation', annotationPath, annotation, value, verdict))
  if (verdict === undefined) return wishMeetsUnknownPolicy(value, configuration, record)
  return verdict ? 'InjectAnnotationTrue' : 'InjectAnnotationFalse'
}

/** An unknown policy switches injection off even for a Pod that asks for it: then no selector is asked. */
function wishMeetsUnknownPolicy(
  value: InjectValue | undefined,
  configuration: DecisionConfiguration,
  record: Recorder,
): DecisionReason | undefined {
  return verdictOf(value) === undefined ? undefined : fromPolicy(configuration, record)
}

function verdictOf(value: InjectValue | undefined): boolean | undefined {
  if (value === 'true') return true
  return value === 'false' || value === 'refused' ? false : undefined
}

function injectStep(
  id: StepId,
  path: string,
  text: string | undefined,
  value: InjectValue | undefined,
  verdict: boolean | undefined,
): RecordedStep {
  return {
    id,
    finding: value ?? 'absent',
    found: [{ path, value: text }],
    outcome: verdict === undefined ? 'continue' : verdict ? 'inject' : 'skip',
  }
}

function fromSelectors(
  id: 'never-inject-selector' | 'always-inject-selector',
  selectors: readonly ConfiguredSelector[],
  facts: Facts,
  configuration: DecisionConfiguration,
  record: Recorder,
): DecisionReason | undefined {
  const match = selectors.find((selector) => selector.kind === 'selector' && selector.matches(facts.labels))
  if (match === undefined) {
    record?.({
      id,
      finding: selectors.length === 0 ? 'absent' : 'passed',
      found: selectors.map(({ path, source }) => ({ path, value: source })),
      outcome: 'continue',
    })
    return undefined
  }
  const known = knownPolicy(configuration)
  const never = id === 'never-inject-selector'
  record?.({
    id,
    finding: 'matched',
    found: [
      { path: match.path, value: match.source },
      { path: 'pod.metadata.labels', value: { ...facts.labels } },
    ],
    outcome: known ? (never ? 'skip' : 'inject') : 'continue',
  })
  if (!known) return fromPolicy(configuration, record)
  return never ? 'NeverInjectSelector' : 'AlwaysInjectSelector'
}

function knownPolicy({ policy }: DecisionConfiguration): boolean {
  return policy === 'enabled' || policy === 'disabled'
}

function fromPolicy({ policy }: DecisionConfiguration, record: Recorder): DecisionReason {
  const finding = policy === 'enabled' ? 'enabled' : policy === 'disabled' ? 'disabled' : 'unknown'
  record?.({
    id: 'policy',
    finding,
    found: [{ path: 'config.policy', value: policy }],
    outcome: finding === 'enabled' ? 'inject' : 'skip',
  })
  if (finding === 'enabled') return 'PolicyEnabled'
  return finding === 'disabled' ? 'PolicyDisabled' : 'PolicyUnknown'
}

function finishSteps(recorded: readonly RecordedStep[], configuration: DecisionConfiguration): DecisionStep[] {
  return recorded.map((step, index) => ({
    id: step.id,
    question: describeStep(step, configuration.release, 'en').question,
    finding: step.finding,
    found: step.found,
    outcome: step.outcome,
    consequence: describeStep(step, configuration.release, 'en').consequence,
    deciding: index === recorded.length - 1,
  }))
}

function collectWarnings(
  recorded: readonly RecordedStep[],
  facts: Facts,
  configuration: DecisionConfiguration,
): DecisionWarning[] {
  const { release, neverInjectSelector, alwaysInjectSelector } = configuration
  const warnings = recorded.map((step) => stepWarning(step, configuration)).filter((warning) => warning !== undefined)
  if (!behaves(release.minor, 'injectLabel') && own(facts.labels, LABEL.inject) !== undefined) {
    warnings.push({
      code: 'IgnoredInjectLabel',
      path: `pod.metadata.labels["${LABEL.inject}"]`,
      message: `Istio ${release.name} does not look at the label ${LABEL.inject}: use the annotation`,
    })
  }
  for (const selector of [...neverInjectSelector, ...alwaysInjectSelector]) {
    if (selector.kind === 'invalid') {
      warnings.push({
        code: 'InvalidSelector',
        path: selector.path,
        message: `the selector is skipped: ${selector.problem.message}`,
      })
    }
  }
  return warnings
}

function stepWarning(step: RecordedStep, { policy }: DecisionConfiguration): DecisionWarning | undefined {
  const evidence = step.found[0]
  if ((step.finding === 'invalid' || step.finding === 'refused') && evidence !== undefined) {
    const effect = step.finding === 'invalid' ? 'it is ignored' : 'it means "do not inject"'
    return {
      code: 'InvalidInjectValue',
      path: evidence.path,
      message: `${LABEL.inject} is ${JSON.stringify(evidence.value)}, neither "true" nor "false": ${effect}`,
    }
  }
  if (step.id !== 'policy' || step.finding !== 'unknown') return undefined
  return {
    code: 'UnknownPolicy',
    path: 'config.policy',
    message: `policy is ${JSON.stringify(policy)}, must be "enabled" or "disabled": nothing is injected`,
  }
}

function own(map: Labels, key: string): string | undefined {
  if (!Object.hasOwn(map, key)) return undefined
  // In a manifest that nobody has checked yet it may be anything, also what no text can be made of.
  const value: unknown = map[key]
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
