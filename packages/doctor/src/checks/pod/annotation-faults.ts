import {
  type AnnotationProblem,
  annotationFacts,
  annotationProblems,
  unknownAnnotations,
  unknownProxyConfigFields,
} from '@proa/injector'
import { isObject, parseQuantity, QuantityError } from '@proa/kube'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { Text } from '../../language.ts'
import { revisions } from '../../mesh/revisions.ts'
import { NATIVE_ANNOTATION } from './native-support.ts'
import { REWRITE_ANNOTATION } from './probe-problems.ts'
import { PROXY_CONFIG_ANNOTATION } from './proxy-config.ts'

/** What is wrong with one annotation. */
export type AnnotationFault = { readonly key: string; readonly value: string } & (
  | { readonly kind: 'unknown'; readonly suggestion: string | undefined }
  /** It means something on other kinds only. */
  | { readonly kind: 'misplaced'; readonly on: readonly string[] }
  | { readonly kind: 'deprecated'; readonly replacedBy: string }
  /** `refused`: the injector refuses the Pod for it, in these words; else the value counts for nothing. */
  | { readonly kind: 'invalid'; readonly refused: boolean; readonly problem: Text }
)

/** About capture, which has a check of its own. */
const CAPTURE =
  /^traffic\.sidecar\.istio\.io\/|^sidecar\.istio\.io\/interceptionMode$|^istio\.io\/reroute-virtual-interfaces$/
/** The decision's own checks speak of these. */
const OF_THE_DECISION: ReadonlySet<string> = new Set([
  'sidecar.istio.io/inject',
  'sidecar.istio.io/status',
  'istio.io/rev',
])

type Annotations = Readonly<Record<string, string>>

/** Whether a template of some control plane speaks of the key. */
const mentionedBy: (cluster: Cluster) => (key: string) => boolean = remembered((cluster) => {
  const texts = revisions(cluster).flatMap(({ configuration }) =>
    configuration.kind === 'loaded' ? [...configuration.configuration.templates.values()].map(({ text }) => text) : [],
  )
  return (key) => texts.some((text) => text.includes(key))
})

/** Faults of the annotations of an object of a kind; for kinds other than Pods, values are not looked at. */
export function placedFaults(cluster: Cluster, kind: string, annotations: Annotations): readonly AnnotationFault[] {
  const keys = Object.keys(annotations).filter((key) => key.includes('istio.io/'))
  if (keys.length === 0) return []
  const written = (key: string): string => annotations[key] ?? ''
  const misplaced = keys.flatMap((key): AnnotationFault[] => {
    const on = annotationFacts(key)?.on
    if (on === undefined || on.includes('Any') || on.includes(kind) || OF_THE_DECISION.has(key)) return []
    return [{ key, value: written(key), kind: 'misplaced', on }]
  })
  const unknown = unknownAnnotations(keys, mentionedBy(cluster)).map(
    ({ key, suggestion }): AnnotationFault => ({ key, value: written(key), kind: 'unknown', suggestion }),
  )
  return [...unknown, ...misplaced]
}

export function podFaults(cluster: Cluster, annotations: Annotations, minor: number): readonly AnnotationFault[] {
  const own = Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key.includes('istio.io/') && !CAPTURE.test(key)),
  )
  const refused = annotationProblems(own, minor).map((problem): AnnotationFault => refusal(problem))
  const known = new Set(refused.map(({ key }) => key))
  const unheard = Object.entries(own).flatMap(([key, value]): AnnotationFault[] => {
    const problem = known.has(key) ? undefined : (VALUES.get(key)?.(value) ?? unknownFields(key, value, minor))
    return problem === undefined ? [] : [{ key, value, kind: 'invalid', refused: false, problem }]
  })
  const deprecated = Object.entries(annotations).flatMap(([key, value]): AnnotationFault[] => {
    const replacedBy = annotationFacts(key)?.replacedBy
    return replacedBy === undefined || OF_THE_DECISION.has(key) ? [] : [{ key, value, kind: 'deprecated', replacedBy }]
  })
  return [...refused, ...unheard, ...placedFaults(cluster, 'Pod', annotations), ...deprecated]
}

/** The words are the injector's own. */
function refusal({ key, value, problem }: AnnotationProblem): AnnotationFault & { readonly kind: 'invalid' } {
  return { key, value, kind: 'invalid', refused: true, problem: { en: problem, zh: problem } }
}

/** Istio passes over fields of the proxy's configuration that it does not know. */
function unknownFields(key: string, value: string, minor: number): Text | undefined {
  const fields = key === PROXY_CONFIG_ANNOTATION ? unknownProxyConfigFields(value, minor) : []
  if (fields.length === 0) return undefined
  const meant = (before: string, after: string): string =>
    fields
      .map(({ path, suggestion }) => `${path}${suggestion === undefined ? '' : `${before}${suggestion}${after}`}`)
      .join(', ')
  return {
    en: `there is no field ${meant(' (did you mean ', '?)')}`,
    zh: `没有字段 ${meant('（是否为 ', '？）')}`,
  }
}

export function captureFaults(
  annotations: Annotations,
  minor: number,
): readonly (AnnotationFault & { readonly kind: 'invalid' })[] {
  const own = Object.fromEntries(Object.entries(annotations).filter(([key]) => CAPTURE.test(key)))
  return annotationProblems(own, minor).map(refusal)
}

type ValueRule = (value: string) => Text | undefined

const oneOf =
  (...words: readonly string[]): ValueRule =>
  (value) =>
    words.includes(value)
      ? undefined
      : { en: `it has to be one of ${words.join(', ')}`, zh: `只能是 ${words.join('、')} 之一` }

const quantity: ValueRule = (value) => {
  try {
    parseQuantity(value)
    return undefined
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error
    return {
      en: 'this is no quantity of Kubernetes, such as 100m or 128Mi',
      zh: '不是 Kubernetes 的资源数量（如 100m、128Mi）',
    }
  }
}

const NO_OBJECT: Text = { en: 'this is no JSON object', zh: '不是 JSON 对象' }

const jsonObject: ValueRule = (value) => {
  try {
    return isObject(JSON.parse(value)) ? undefined : NO_OBJECT
  } catch {
    return NO_OBJECT
  }
}

/** What no release checks, or not all do. */
const VALUES: ReadonlyMap<string, ValueRule> = new Map([
  [NATIVE_ANNOTATION, oneOf('true', 'false')],
  // Go's ParseBool.
  [REWRITE_ANNOTATION, oneOf('true', 'false', '1', '0', 't', 'f', 'T', 'F', 'TRUE', 'FALSE', 'True', 'False')],
  ['sidecar.istio.io/logLevel', oneOf('trace', 'debug', 'info', 'warning', 'warn', 'error', 'critical', 'off')],
  ...['proxyCPU', 'proxyMemory', 'proxyCPULimit', 'proxyMemoryLimit'].map(
    (name) => [`sidecar.istio.io/${name}`, quantity] as const,
  ),
  ['sidecar.istio.io/userVolume', jsonObject],
  ['sidecar.istio.io/userVolumeMount', jsonObject],
])
