import type { ContainerLog, Kind } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import { LOG_LINES } from './limits.ts'

/*
 * The archive of `istioctl bug-report` (istio, tools/bug-report: pkg/archive and pkg/content), below the folder
 * `bug-report`: `cluster/` holds the output of kubectl, most of it as YAML; `istio/` and `proxies/` the logs.
 */

/** What a file of the archive is; undefined for one that is not read. */
export type BugReportPart =
  | {
      readonly kind: 'objects' /** Kinds that were asked for: what is not in it does not exist. */
      readonly asked: readonly Kind[]
    }
  | { readonly kind: 'events' }
  | { readonly kind: 'version' }
  | { readonly kind: 'log'; readonly namespace: string; readonly pod: string; readonly container: string }
  | { readonly kind: 'ignored' }

/** Of `kubectl get all,jobs,configmaps,…`; releases differ in the rest. */
const RESOURCES: readonly Kind[] = [
  'Pod',
  'Service',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'HorizontalPodAutoscaler',
  'ConfigMap',
]

const CLUSTER_FILES: Readonly<Record<string, BugReportPart>> = {
  'k8s-resources': { kind: 'objects', asked: RESOURCES },
  'k8s-cluster-resources': {
    kind: 'objects',
    asked: ['Node', 'Namespace', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  },
  nodes: { kind: 'objects', asked: ['Node'] },
  // Those of one namespace only.
  pods: { kind: 'objects', asked: [] },
  crs: { kind: 'objects', asked: ['ProxyConfig', 'Rollout', 'KnativeService', 'VerticalPodAutoscaler'] },
  // A table, unless all of it was asked for; then nothing but its certificates is kept.
  secrets: { kind: 'objects', asked: [] },
  events: { kind: 'events' },
  'kubectl-version': { kind: 'version' },
  'cluster-context': { kind: 'ignored' },
}

const LOG = /(?:^|\/)(?:istio|proxies|operator)\/([^/]+)\/([^/]+)\/([a-z0-9-]+)\.log$/
const CONTAINERS: Readonly<Record<string, string>> = { discovery: 'discovery', 'istio-proxy': 'istio-proxy' }

export function bugReportPart(path: string): BugReportPart | undefined {
  const name = /(?:^|\/)cluster\/([a-z0-9-]+?)(?:\.ya?ml|\.txt)?$/.exec(path)?.[1] ?? ''
  if (Object.hasOwn(CLUSTER_FILES, name)) return CLUSTER_FILES[name]
  const [, namespace = '', pod = '', file = ''] = LOG.exec(path) ?? []
  const container = Object.hasOwn(CONTAINERS, file) ? CONTAINERS[file] : undefined
  if (container !== undefined) return { kind: 'log', namespace, pod, container }
  return /(?:^|\/)bug-report\/(?:istio|proxies|operator|cni|analyze|versions|cluster)(?:\/|$)/.test(path)
    ? { kind: 'ignored' }
    : undefined
}

export function logOf(part: BugReportPart & { readonly kind: 'log' }, text: string): ContainerLog {
  const { namespace, pod, container } = part
  const tail = text.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
  return { namespace, pod, container, previous: false, tail }
}

/** `Server Version: v1.31.2`, or the older `Server Version: version.Info{… GitVersion:"v1.20.0" …}`. */
export function serverVersionOf(text: string): string | undefined {
  const line = text.split('\n').find((one) => one.startsWith('Server Version'))
  return line === undefined ? undefined : /v\d+\.\d+\.\d+[\w.+-]*/.exec(line)?.[0]
}

/** `kubectl get events -o wide`: a table whose columns begin where their titles do. */
export function eventsOf(table: string, takenAt: Date): readonly JsonObject[] {
  const [header = '', ...rows] = table.split('\n')
  const columns = [...header.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ title: match[0], from: match.index }))
  if (!columns.some(({ title }) => title === 'MESSAGE') || !columns.some(({ title }) => title === 'OBJECT')) return []
  return rows.flatMap((row, index) => {
    const cell = (title: string): string => {
      const place = columns.findIndex((column) => column.title === title)
      return place < 0 ? '' : row.slice(columns[place]?.from, columns[place + 1]?.from).trim()
    }
    return cell('OBJECT') === '' ? [] : [eventOf(cell, takenAt, index)]
  })
}

function eventOf(cell: (title: string) => string, takenAt: Date, index: number): JsonObject {
  const [resource = '', name = ''] = cell('OBJECT').split('/')
  const namespace = cell('NAMESPACE')
  const seen = new Date(takenAt.getTime() - ageOf(cell('LAST SEEN'))).toISOString()
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: cell('NAME') || `event-${index}`, namespace },
    involvedObject: { kind: KIND_NAMES.get(resource) ?? resource, namespace, name },
    type: cell('TYPE'),
    reason: cell('REASON'),
    message: cell('MESSAGE'),
    count: Number(cell('COUNT')) || 1,
    lastTimestamp: seen,
    source: { component: cell('SOURCE').split(',')[0] ?? '' },
  }
}

const KIND_NAMES: ReadonlyMap<string, string> = new Map(
  [
    'Pod',
    'Service',
    'Deployment',
    'ReplicaSet',
    'ReplicationController',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'Node',
    'Namespace',
    'HorizontalPodAutoscaler',
    'MutatingWebhookConfiguration',
    'Rollout',
  ].map((kind) => [kind.toLowerCase(), kind]),
)

const UNITS: Readonly<Record<string, number>> = { y: 31_536_000, d: 86_400, h: 3600, m: 60, s: 1 }

/** `2d3h`, `3m12s`, in milliseconds; 0 for `<unknown>`. */
function ageOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)([ydhms])/g)]
  return 1000 * parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
}
