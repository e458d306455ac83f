import { type Configuration, describeReason, type Explanation, explainWorkload } from '@proa/injector'
import type { Json, JsonObject, LabelMap } from '@proa/kube'
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
  readonly workload: string
  readonly pod: string
  readonly injected: boolean
  readonly why: string
  readonly containers: string
  readonly proxy: 'native sidecar' | 'container' | ''
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
        workload: `${textAt(object, 'kind')} ${textAt(object, 'metadata', 'name')}`,
        pod: textAt(pod, 'metadata', 'name'),
        injected,
        why: explanation === undefined ? '' : whyOf(explanation, facts),
        containers: containersOf(pod),
        proxy: proxyOf(pod),
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

function whyOf({ reason, decision, webhooks, steps }: Explanation, facts: ClusterFacts): string {
  const target = webhooks?.target
  if (target === undefined) return steps[0]?.consequence ?? reason
  const sentence = describeReason(decision.reason, 'en')
  return facts.configurations.size > 1 && target.revision !== 'default'
    ? `${sentence} (revision ${target.revision})`
    : sentence
}

function containersOf(pod: JsonObject): string {
  const names = (list: string): string[] => listAt(pod, 'spec', list).map((each) => textAt(each, 'name'))
  const inits = names('initContainers')
  return [...(inits.length === 0 ? [] : [`[${inits.join(' ')}]`]), ...names('containers')].join(' ')
}

function proxyOf(pod: JsonObject): PodRow['proxy'] {
  const isProxy = (container: Json): boolean => textAt(container, 'name') === PROXY
  if (listAt(pod, 'spec', 'initContainers').some(isProxy)) return 'native sidecar'
  return listAt(pod, 'spec', 'containers').some(isProxy) ? 'container' : ''
}

/** The table of `proa start`. */
export function podTable(rows: readonly PodRow[], paint: Paint): string {
  const head = ['NAMESPACE', 'WORKLOAD', 'POD', 'INJECTED', 'PROXY', 'CONTAINERS', 'WHY'].map((title) =>
    paint('bold', title),
  )
  const body = rows.map((row) => [
    row.namespace,
    row.workload,
    row.pod,
    (row.injected ? paint('green', 'yes') : paint('yellow', 'no')) + (row.asExpected ? '' : paint('red', ' (!)')),
    row.proxy || '-',
    row.containers,
    row.why,
  ])
  return `${tableLines([head, ...body]).join('\n')}\n`
}
