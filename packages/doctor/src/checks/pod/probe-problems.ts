import { isObject, type Json, type JsonObject } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import { annotationOf, at, isTrueAt, numberAt, objectAt, objectsAt, textAt, timeAt, wordAt } from '../../reading.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { type AppContainer, appContainers, endsBeforeTheApp } from './app-containers.ts'
import { envOf, type Proxied, statusOf } from './proxied.ts'

export const REWRITE_ANNOTATION = 'sidecar.istio.io/rewriteAppHTTPProbers'

type ProbeField = 'startupProbe' | 'livenessProbe' | 'readinessProbe'
type Handler = 'httpGet' | 'tcpSocket' | 'grpc'

interface Place {
  readonly app: AppContainer
  readonly field: ProbeField
  readonly handler: Handler
}

export type ProbeProblem = Place &
  (
    | { readonly kind: 'host'; readonly host: string; readonly port: string }
    /** `portName`: the name that the probe used, and that is no port of the container. */
    | { readonly kind: 'unknown-to-agent'; readonly portName?: string }
    | {
        readonly kind: 'not-rewritten'
        readonly because: 'annotation' | 'values' | 'late' | 'release' | 'unknown'
        /** The container is ready and has not been restarted, so that the probe gets an answer as it is. */
        readonly works: boolean
      }
  )

const FIELDS: readonly ProbeField[] = ['startupProbe', 'livenessProbe', 'readinessProbe']
const HANDLERS: readonly Handler[] = ['httpGet', 'tcpSocket', 'grpc']

/** Time that a container may take until it is ready, before its probe is suspected. Milliseconds. */
const PATIENCE = 2 * 60_000

export function probeProblems(cluster: Cluster, one: Proxied): readonly ProbeProblem[] {
  return appContainers(one)
    .filter((app) => !endsBeforeTheApp(app))
    .flatMap((app) =>
      FIELDS.flatMap((field) => {
        const handler = HANDLERS.find((kind) => isObject(at(app.container, field, kind)))
        return handler === undefined ? [] : problemOf(cluster, one, { app, field, handler })
      }),
    )
}

function problemOf(cluster: Cluster, one: Proxied, place: Place): readonly ProbeProblem[] {
  const { app, field, handler } = place
  const action = objectAt(app.container, field, handler)
  const path = textAt(action, 'path')
  if (path.startsWith('/app-health/')) return rewritten(one, place, action, path)
  return one.from === 'live' && isCaptured(one, place, action) ? [notRewritten(cluster, one, place)] : []
}

function rewritten(one: Proxied, place: Place, action: JsonObject, path: string): readonly ProbeProblem[] {
  const host = textAt(action, 'host')
  const port = wordAt(action, 'port')
  if (host !== '') return [{ ...place, kind: 'host', host, port }]
  const probers = probersOf(one.proxy)
  if (probers !== undefined && Object.hasOwn(probers, path)) return []
  const portName = missingPortName(one, place)
  // Set from elsewhere (a ConfigMap, a template of one's own): what the agent knows cannot be seen.
  if (probers === undefined && hasForeignProbers(one.proxy)) return []
  return [{ ...place, kind: 'unknown-to-agent', ...(portName === undefined ? {} : { portName }) }]
}

const PROBERS = 'ISTIO_KUBE_APP_PROBERS'

function probersOf(proxy: JsonObject): JsonObject | undefined {
  try {
    const value = JSON.parse(envOf(proxy, PROBERS) ?? '') as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function hasForeignProbers(proxy: JsonObject): boolean {
  return objectsAt(proxy, 'env').some(({ name }) => name === PROBERS) || objectsAt(proxy, 'envFrom').length > 0
}

/** The port of the probe as its author wrote it, where that is a name that the container has no port of. */
function missingPortName({ subject }: Proxied, { app, field }: Place): string | undefined {
  const written = objectsAt(subject.template, 'spec', app.list).find(({ name }) => name === app.name)
  const port = HANDLERS.map((kind) => at(written, field, kind, 'port')).find((value) => value !== undefined)
  if (typeof port !== 'string') return undefined
  return objectsAt(app.container, 'ports').some(({ name }) => name === port) ? undefined : port
}

/** Whether the proxy stands between the kubelet and the port of the probe. */
function isCaptured({ pod }: Proxied, { app }: Place, action: JsonObject): boolean {
  if (textAt(action, 'host') !== '' || annotationOf(pod, 'sidecar.istio.io/interceptionMode') === 'NONE') return false
  const wanted = at(action, 'port')
  const named = objectsAt(app.container, 'ports').find(({ name }) => name === wanted)
  const port = wordAt(named, 'containerPort') || wordAt(action, 'port')
  const list = (key: string): readonly string[] | undefined =>
    annotationOf(pod, `traffic.sidecar.istio.io/${key}`)
      ?.split(',')
      .map((one) => one.trim())
  const included = list('includeInboundPorts')
  if (included !== undefined && !included.includes('*') && !included.includes(port)) return false
  // The ports of the sidecar itself are never captured.
  return !(list('excludeInboundPorts')?.includes(port) ?? false) && !/^15(?:020|021|090)$/.test(port)
}

function notRewritten(cluster: Cluster, one: Proxied, place: Place): ProbeProblem {
  const { pod, proxy, subject } = one
  const status = statusOf(pod, place.app.name)
  const created = timeAt(pod, 'metadata', 'creationTimestamp')
  const young = created !== undefined && cluster.now.getTime() - created < PATIENCE
  const fine = isTrueAt(status, 'ready') && numberAt(status, 'restartCount') === 0
  const { configuration } = verdictOf(cluster, subject)
  const known = envOf(proxy, 'ISTIO_META_APP_CONTAINERS')?.split(',')
  const because =
    annotationOf(pod, REWRITE_ANNOTATION)?.toLowerCase() === 'false'
      ? 'annotation'
      : known !== undefined && !known.includes(place.app.name) && place.app.list === 'containers'
        ? 'late'
        : configuration?.typedValues.rewriteAppHTTPProbe === false
          ? 'values'
          : isOlder(configuration?.minor, place)
            ? 'release'
            : 'unknown'
  return { ...place, kind: 'not-rewritten', because, works: status === undefined || fine || young }
}

/** TCP probes are rewritten since 1.12, gRPC probes since 1.13, init containers since 1.19. */
function isOlder(minor: number | undefined, { handler, app }: Place): boolean {
  const since = app.list === 'initContainers' ? 19 : handler === 'grpc' ? 13 : handler === 'tcpSocket' ? 12 : 0
  return minor !== undefined && minor < since
}
