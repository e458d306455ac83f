import { behaves } from '../behaviour.ts'
import { annotationPath, InjectionError } from '../errors.ts'
import { validateProxyConfigAnnotation } from '../mesh/index.ts'
import { ANNOTATION } from '../names.ts'
import {
  bool,
  cidrList,
  interceptionMode,
  interfaces,
  portList,
  type Rule,
  resourceQuantity,
  statusPort,
  uint32,
} from './rules.ts'

const RESOURCES = ['proxyCPU', 'proxyMemory', 'proxyCPULimit', 'proxyMemoryLimit'].map(
  (key) => `sidecar.istio.io/${key}`,
)
const INTERFACES = [
  'traffic.sidecar.istio.io/excludeInterfaces',
  'traffic.sidecar.istio.io/kubevirtInterfaces',
  'istio.io/reroute-virtual-interfaces',
]

const tables = new Map<number, ReadonlyMap<string, Rule>>()

/** The rules of a release, by annotation. */
function annotationRules(minor: number): ReadonlyMap<string, Rule> {
  const known = tables.get(minor)
  if (known !== undefined) return known
  const rules = new Map<string, Rule>([
    [ANNOTATION.interceptionMode, interceptionMode],
    [ANNOTATION.statusPort, statusPort],
    ['readiness.status.sidecar.istio.io/initialDelaySeconds', uint32],
    ['readiness.status.sidecar.istio.io/periodSeconds', uint32],
    ['readiness.status.sidecar.istio.io/failureThreshold', uint32],
    ['traffic.sidecar.istio.io/includeOutboundIPRanges', cidrList('includeIPRanges', { wildcard: true, minor })],
    ['traffic.sidecar.istio.io/excludeOutboundIPRanges', cidrList('excludeIPRanges', { wildcard: false, minor })],
    ['traffic.sidecar.istio.io/includeInboundPorts', portList('includeInboundPorts', { wildcard: true })],
    ['traffic.sidecar.istio.io/excludeInboundPorts', portList('excludeInboundPorts', { wildcard: false })],
    ['traffic.sidecar.istio.io/excludeOutboundPorts', portList('excludeOutboundPorts', { wildcard: false })],
    [ANNOTATION.mergeMetrics, bool],
    [ANNOTATION.proxyConfig, (value) => validateProxyConfigAnnotation(value, minor)],
  ])
  if (behaves(minor, 'validatesInterfaces')) for (const key of INTERFACES) rules.set(key, interfaces)
  if (behaves(minor, 'validatesResources')) for (const key of RESOURCES) rules.set(key, resourceQuantity)
  if (!behaves(minor, 'forgotCoreDump')) rules.set('sidecar.istio.io/enableCoreDump', bool)
  tables.set(minor, rules)
  return rules
}

export interface AnnotationProblem {
  readonly key: string
  readonly value: string
  /** Istio's words. */
  readonly problem: string
}

/** The values that a release refuses. */
export function annotationProblems(
  annotations: Readonly<Record<string, string>>,
  minor: number,
): readonly AnnotationProblem[] {
  const rules = annotationRules(minor)
  return Object.keys(annotations).flatMap((key) => {
    const value = String(annotations[key])
    const problem = rules.get(key)?.(value)
    return problem === undefined ? [] : [{ key, value, problem }]
  })
}

/**
 * Checks every annotation that has a rule.
 *
 * @throws InjectionError `InvalidAnnotation` with all that is wrong, in Istio's words
 */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, minor: number): void {
  const problems = annotationProblems(annotations, minor).map(({ key, value, problem }) => ({
    key,
    text: `invalid value '${value}' for annotation '${key}': ${problem}`,
  }))
  const [first] = problems
  if (first === undefined) return
  const count = problems.length === 1 ? '1 error occurred:' : `${problems.length} errors occurred:`
  const message = `${count}\n${problems.map(({ text }) => `\t* ${text}\n`).join('')}\n`
  throw new InjectionError('InvalidAnnotation', message, {
    path: annotationPath(first.key),
    hint: problems.length === 1 ? 'correct or remove the annotation' : 'correct or remove the annotations',
  })
}
