import {
  type JsonObject,
  type LabelMap,
  parseLabelSelector,
  podCreation,
  readWebhookConfiguration,
  SelectorError,
  selectWebhooks,
} from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import { isTrueAt, labelOf, nameOf, objectsAt, textAt } from '../reading.ts'
import { type Subject, subjects } from '../subjects/subjects.ts'
import { timeoutOf } from './timeouts.ts'

/** A webhook that is called when a Pod is created, and how long the API server waits for it. */
export interface WaitedFor {
  readonly configuration: JsonObject
  readonly index: number
  readonly webhook: string
  readonly validating: boolean
  /** Seconds. */
  readonly timeout: number
}

/** The longest that creating a Pod of a workload can take until every webhook has failed. */
export interface WorstWait {
  readonly subject: Subject
  readonly called: readonly WaitedFor[]
  /** Seconds. */
  readonly total: number
}

/** The worst of all workloads; undefined when no webhook is called for any of them. */
export const worstWait: (cluster: Cluster) => WorstWait | undefined = remembered((cluster) => {
  const all = webhooksOf(cluster)
  const keys = labelKeys(cluster)
  const seen = new Set<string>()
  let worst: WorstWait | undefined
  for (const subject of subjects(cluster)) {
    const labels = namespaceLabels(cluster).get(subject.namespace)
    const situation = situationOf(subject, labels, keys)
    if (seen.has(situation)) continue
    seen.add(situation)
    const called = calledFor(cluster, subject, labels, all)
    const total = totalOf(called)
    if (total > (worst?.total ?? 0)) worst = { subject, called, total }
  }
  return worst
})

/** No workload can wait longer than for all webhooks together. */
export function boundOf(cluster: Cluster): number {
  return totalOf([...webhooksOf(cluster).values()].flat())
}

/** Mutating webhooks are called one after the other, validating ones all at once. */
function totalOf(called: readonly WaitedFor[]): number {
  const mutating = called.filter(({ validating }) => !validating).reduce((sum, { timeout }) => sum + timeout, 0)
  const validating = called.filter((one) => one.validating).map(({ timeout }) => timeout)
  return mutating + Math.max(0, ...validating)
}

const KINDS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const

const webhooksOf: (cluster: Cluster) => ReadonlyMap<JsonObject, readonly WaitedFor[]> = remembered(
  (cluster) =>
    new Map(
      KINDS.flatMap((kind) =>
        cluster.all(kind).map((configuration) => {
          const entries = objectsAt(configuration, 'webhooks').map((entry, index) => ({
            configuration,
            index,
            webhook: textAt(entry, 'name'),
            validating: kind === 'ValidatingWebhookConfiguration',
            timeout: timeoutOf(configuration, entry),
          }))
          return [configuration, entries.filter(({ index }) => isAboutPods(configuration, index))] as const
        }),
      ),
    ),
)

function isAboutPods(configuration: JsonObject, index: number): boolean {
  const rules = readWebhookConfiguration(configuration).webhooks[index]?.rules ?? []
  return rules.some(
    ({ resources, operations }) =>
      resources.some((one) => one === 'pods' || one === '*' || one === '*/*') &&
      operations.some((one) => one === 'CREATE' || one === '*'),
  )
}

function calledFor(
  cluster: Cluster,
  subject: Subject,
  labels: LabelMap | undefined,
  all: ReadonlyMap<JsonObject, readonly WaitedFor[]>,
): readonly WaitedFor[] {
  const pod = { apiVersion: 'v1', kind: 'Pod', ...subject.template }
  const request = podCreation(subject.namespace, pod, labels)
  return KINDS.flatMap((kind) => {
    const configurations = cluster.all(kind)
    const byName = new Map(configurations.map((one) => [nameOf(one), one]))
    return selectWebhooks(configurations, request).flatMap(({ called, configuration, index }) => {
      const object = byName.get(configuration)
      const found = object === undefined ? undefined : all.get(object)?.find((one) => one.index === index)
      return called === true && found !== undefined ? [found] : []
    })
  })
}

interface LabelKeys {
  readonly namespace: readonly string[]
  readonly pod: readonly string[]
}

/** Labels that some selector asks for: Pods that are equal in them are called for alike. */
function labelKeys(cluster: Cluster): LabelKeys {
  const webhooks = KINDS.flatMap((kind) => cluster.all(kind)).flatMap((one) => readWebhookConfiguration(one).webhooks)
  return {
    namespace: [...new Set(webhooks.flatMap(({ namespaceSelector }) => keysOf(namespaceSelector)))],
    pod: [...new Set(webhooks.flatMap(({ objectSelector }) => keysOf(objectSelector)))],
  }
}

function keysOf(selector: Parameters<typeof parseLabelSelector>[0]): readonly string[] {
  try {
    return parseLabelSelector(selector).requirements.map(({ key }) => key)
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}

function situationOf({ namespace, template }: Subject, labels: LabelMap | undefined, keys: LabelKeys): string {
  const ofNamespace = keys.namespace.map((key) =>
    key === 'kubernetes.io/metadata.name'
      ? namespace
      : labels !== undefined && Object.hasOwn(labels, key)
        ? labels[key]
        : null,
  )
  const ofPod = keys.pod.map((key) => labelOf(template, key) ?? null)
  return JSON.stringify([labels === undefined, ofNamespace, ofPod, isTrueAt(template, 'spec', 'hostNetwork')])
}
