import { type Configuration, describeReason, type Explanation, explainWorkload, type LabelEdit } from '@proa/injector'
import type { JsonObject, LabelMap } from '@proa/kube'
import { listAt, textAt } from '../installation/objects.ts'
import type { Paint } from '../output/style.ts'
import { tableLines } from '../output/table.ts'
import { type Example, podsOf } from './apply-examples.ts'

/** What the cluster holds that an explanation needs. */
export interface ClusterFacts {
  readonly webhooks: readonly JsonObject[]
  readonly namespaces: ReadonlyMap<string, LabelMap>
  /** The configurations of the injectors by revision. */
  readonly configurations: ReadonlyMap<string, Configuration>
}

/** One Pod as the cluster has it, and why it is so. */
export interface PodRow {
  readonly namespace: string
  /** Kind and name of the workload. */
  readonly kind: string
  readonly workload: string
  readonly pod: string
  readonly injected: boolean
  /** The proxy is a native sidecar: an init container that goes on running. */
  readonly native: boolean
  readonly why: string
  /** Init containers in brackets. */
  readonly containers: string
  readonly asExpected: boolean
}

const PROXY = 'istio-proxy'
const STATUS = 'sidecar.istio.io/status'

export function podRows(examples: readonly Example[], objects: readonly JsonObject[], facts: ClusterFacts): PodRow[] {
  return examples.flatMap(({ object, expected }) =>
    podsOf(object, objects).map((pod) => {
      const namespace = textAt(pod, 'metadata', 'namespace')
      const explanation = explanationOf(object, namespace, facts)
      const injected = textAt(pod, 'metadata', 'annotations', STATUS) !== ''
      // What the cluster did and what the engine says about it come from two sides; they have to agree.
      const agrees = explanation?.injected === injected
      return {
        namespace,
        kind: textAt(object, 'kind'),
        workload: textAt(object, 'metadata', 'name'),
        pod: textAt(pod, 'metadata', 'name'),
        injected,
        why: explanation === undefined ? '' : whyOf(explanation),
        containers: containersOf(pod),
        native: listAt(pod, 'spec', 'initContainers').some((each) => textAt(each, 'name') === PROXY),
        asExpected: agrees && (expected === undefined || (expected === 'injected') === injected),
      }
    }),
  )
}

function explanationOf(object: JsonObject, namespace: string, facts: ClusterFacts): Explanation | undefined {
  const ask = (configuration: Configuration): Explanation | undefined => {
    const result = explainWorkload(object, configuration, {
      namespace,
      namespaces: facts.namespaces,
      webhooks: facts.webhooks,
    })
    return result.kind === 'explained' ? result.explanation : undefined
  }
  const fallback = facts.configurations.get('default')
  const first = fallback === undefined ? undefined : ask(fallback)
  const revision = first?.webhooks?.target?.revision
  const own = revision === undefined ? undefined : facts.configurations.get(revision)
  return own === undefined ? first : ask(own)
}

/** Reasons that lie in the Pod or its place: the injector would skip it even if it were asked. */
const OWN_REASONS: ReadonlySet<string> = new Set(['HostNetwork', 'InjectLabelFalse', 'IgnoredNamespace'])

function whyOf({ decision, webhooks }: Explanation): string {
  const target = webhooks?.target
  const sentence = describeReason(decision.reason, 'en')
  if (target !== undefined)
    return target.revision === 'default' ? sentence : `${sentence} (revision ${target.revision})`
  if (OWN_REASONS.has(decision.reason)) return sentence
  const edits = webhooks?.nearest[0]?.edits.map(describeEdit) ?? []
  return edits.length === 0 ? 'no injector is asked' : `no injector is asked; it would be with ${edits.join(' and ')}`
}

function describeEdit({ on, key, to }: LabelEdit): string {
  return to === undefined ? `no label ${key} on the ${on}` : `${key}=${to} on the ${on}`
}

function containersOf(pod: JsonObject): string {
  const names = (list: string): string[] => listAt(pod, 'spec', list).map((each) => textAt(each, 'name'))
  const inits = names('initContainers')
  return [...(inits.length === 0 ? [] : [`[${inits.join(' ')}]`]), ...names('containers')].join(' ')
}

/** The table of `proa start`. */
export function podTable(rows: readonly PodRow[], paint: Paint): string {
  const head = ['NAMESPACE', 'POD', 'OF', 'INJECTED', 'CONTAINERS', 'WHY'].map((title) => paint('bold', title))
  const body = rows.map((row) => [
    row.namespace,
    row.pod,
    row.kind,
    verdict(row, paint) + (row.asExpected ? '' : paint('red', ' (!)')),
    row.containers,
    row.why,
  ])
  return `${tableLines([head, ...body]).join('\n')}\n`
}

function verdict({ injected, native }: PodRow, paint: Paint): string {
  if (!injected) return paint('yellow', 'no')
  return paint('green', native ? 'yes, native' : 'yes')
}
