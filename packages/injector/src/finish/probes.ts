import { isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { containersOf, listOf, objectOf } from '../data/fields.ts'
import { goJson } from '../go-json.ts'
import { ANNOTATION, CONTAINER, ENV } from '../names.ts'
import { type ContainerList, entriesOf, mapContainers } from '../pod/edit.ts'
import { appendEnv, envEntry, type FinishInput, hasProxy, mapProxy } from './input.ts'
import { parseBool } from './parse-bool.ts'

/** A probe or lifecycle handler of a container, and the last part of the path under which the agent answers for it. */
interface HandlerPlace {
  readonly field: 'readinessProbe' | 'livenessProbe' | 'startupProbe' | 'preStop' | 'postStart'
  readonly suffix: string
  readonly lifecycle: boolean
}

const PROBES: readonly HandlerPlace[] = [
  { field: 'readinessProbe', suffix: 'readyz', lifecycle: false },
  { field: 'livenessProbe', suffix: 'livez', lifecycle: false },
  { field: 'startupProbe', suffix: 'startupz', lifecycle: false },
]
const LIFECYCLE: readonly HandlerPlace[] = [
  { field: 'preStop', suffix: 'prestopz', lifecycle: true },
  { field: 'postStart', suffix: 'poststartz', lifecycle: true },
]

function placesOf(minor: number): readonly HandlerPlace[] {
  return behaves(minor, 'lifecycleHandlers') ? [...PROBES, ...LIFECYCLE] : PROBES
}

/** `/app-health/<container>/readyz`, `/app-lifecycle/<container>/prestopz` */
function agentPath(container: Json | undefined, { lifecycle, suffix }: HandlerPlace): string {
  return `/${lifecycle ? 'app-lifecycle' : 'app-health'}/${String(container ?? '')}/${suffix}`
}

/**
 * Sends the kubelet's probes through the agent, which is not captured and needs no client certificate, and tells the
 * agent in ISTIO_KUBE_APP_PROBERS where to ask the application.
 */
export function rewriteProbes(pod: JsonObject, input: FinishInput, previouslyInjected: boolean): JsonObject {
  const { minor } = input
  if (!hasProxy(pod, minor) || !rewrites(entriesOf(pod, 'annotations'), input.rewritesProbes)) return pod
  const found = applicationProbers(pod, input.meshStatusPort, minor)
  const probers = previouslyInjected ? withoutAgent(found) : found
  const told =
    Object.keys(probers).length === 0
      ? pod
      : mapProxy(pod, minor, (proxy) => withProbers(proxy, probers, previouslyInjected, minor))
  const port = statusPortOf(entriesOf(pod, 'annotations'), input.meshStatusPort)
  return probedLists(minor).reduce(
    (result, list) => mapContainers(result, list, (container) => withAgentHandlers(container, port, minor)),
    told,
  )
}

/**
 * Without what an earlier injection sent to the agent already, which would ask itself. Istio knows that by the mesh's
 * status port, and so does not where the Pod names another.
 */
function withoutAgent(probers: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(probers).filter(([path, prober]) => objectOf(prober, 'httpGet')?.path !== path),
  )
}

/** The annotation where it is a boolean, else the values. */
export function rewrites(annotations: Readonly<Record<string, string>>, byValues: boolean): boolean {
  const text = Object.hasOwn(annotations, ANNOTATION.rewriteAppHTTPProbers)
    ? annotations[ANNOTATION.rewriteAppHTTPProbers]
    : undefined
  return (text === undefined ? undefined : parseBool(text)) ?? byValues
}

function probedLists(minor: number): readonly ContainerList[] {
  return behaves(minor, 'initContainerProbes') ? ['initContainers', 'containers'] : ['containers']
}

/** Where the agent answers the kubelet: the Pod's annotation, else the mesh. A bad number is 0, as Go's Atoi leaves it. */
export function statusPortOf(annotations: Readonly<Record<string, string>>, meshPort: number): number {
  if (!Object.hasOwn(annotations, ANNOTATION.statusPort)) return meshPort
  const text = annotations[ANNOTATION.statusPort] ?? ''
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : 0
}

/** What the agent has to ask, by the path at which the kubelet asks the agent. */
export function applicationProbers(pod: JsonObject, meshStatusPort: number, minor: number): JsonObject {
  const probers: MutableJsonObject = {}
  for (const list of probedLists(minor)) {
    for (const container of containersOf(pod, list)) {
      if (container.name === CONTAINER.proxy) continue
      const ports = namedPorts(container)
      for (const place of placesOf(minor)) {
        const prober = toProber(handlerAt(container, place), place, ports, meshStatusPort, minor)
        if (prober !== undefined) setOwn(probers, agentPath(container.name, place), prober)
      }
    }
  }
  return probers
}

function handlerAt(container: JsonObject, { field, lifecycle }: HandlerPlace): JsonObject | undefined {
  return objectOf(lifecycle ? objectOf(container, 'lifecycle') : container, field)
}

function namedPorts(container: JsonObject): ReadonlyMap<Json, Json> {
  const named = listOf(container, 'ports')
    .filter(isObject)
    .filter((port) => port.name !== undefined)
  return new Map(named.map((port) => [port.name ?? '', port.containerPort ?? 0]))
}

type HandlerKind = 'httpGet' | 'tcpSocket' | 'grpc'

/** The kinds of handler that are rewritten; the first that is there counts. */
function kindsOf({ lifecycle }: HandlerPlace, minor: number): readonly HandlerKind[] {
  const kinds: HandlerKind[] = ['httpGet']
  if (behaves(minor, 'tcpProbes')) kinds.push('tcpSocket')
  if (behaves(minor, 'grpcProbes') && !lifecycle) kinds.push('grpc')
  return kinds
}

function toProber(
  handler: JsonObject | undefined,
  place: HandlerPlace,
  ports: ReadonlyMap<Json, Json>,
  meshStatusPort: number,
  minor: number,
): JsonObject | undefined {
  const kind = kindsOf(place, minor).find((each) => objectOf(handler, each) !== undefined)
  const action = kind === undefined ? undefined : objectOf(handler, kind)
  if (handler === undefined || kind === undefined || action === undefined) return undefined
  const timeout = place.lifecycle ? undefined : handler.timeoutSeconds
  const seconds = timeout === undefined || timeout === 0 || timeout === null ? {} : { timeoutSeconds: timeout }
  // `service` has no omitempty in Kubernetes' type.
  if (kind === 'grpc') return { grpc: { port: action.port ?? 0, service: action.service ?? null }, ...seconds }
  const wanted = action.port ?? 0
  const port = typeof wanted === 'string' ? ports.get(wanted) : wanted
  // An unknown name cannot be asked; the status port was put there by an earlier injection.
  const rewritten = behaves(minor, 'knowsRewrittenProbes') && typeof wanted !== 'string' && port === meshStatusPort
  if (port === undefined || rewritten) return undefined
  return { [kind]: { ...action, port }, ...seconds }
}

export function withProbers(
  proxy: JsonObject,
  probers: JsonObject,
  previouslyInjected: boolean,
  minor: number,
): JsonObject {
  if (!previouslyInjected || !behaves(minor, 'mergesProbers'))
    return appendEnv(proxy, ENV.appProbers, probersText(probers))
  const env = listOf(proxy, 'env').filter(isObject)
  const index = env.findIndex((entry) => entry.name === ENV.appProbers)
  if (index === -1) {
    return behaves(minor, 'appendsMissingProbers') ? appendEnv(proxy, ENV.appProbers, probersText(probers)) : proxy
  }
  const existing = parseProbers(env[index]?.value)
  if (existing === undefined) return proxy
  return { ...proxy, env: env.with(index, envEntry(ENV.appProbers, probersText({ ...probers, ...existing }))) }
}

function parseProbers(text: Json | undefined): JsonObject | undefined {
  try {
    const parsed = JSON.parse(typeof text === 'string' ? text : '') as Json
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The text of ISTIO_KUBE_APP_PROBERS. */
export function probersText(probers: JsonObject): string {
  return goJson(
    Object.fromEntries(
      Object.keys(probers)
        .sort()
        .map((key) => [key, probers[key] ?? null]),
    ),
  )
}

/** The container with its probes (and lifecycle handlers) sent to the agent. */
export function withAgentHandlers(container: JsonObject, port: number, minor: number): JsonObject {
  if (container.name === CONTAINER.proxy) return container
  let result = container
  for (const place of placesOf(minor)) {
    const handler = handlerAt(result, place)
    const kind = kindsOf(place, minor).find((each) => objectOf(handler, each) !== undefined)
    if (handler === undefined || kind === undefined) continue
    const rewritten = throughAgent(handler, kind, agentPath(container.name, place), port)
    result = place.lifecycle
      ? { ...result, lifecycle: { ...objectOf(result, 'lifecycle'), [place.field]: rewritten } }
      : { ...result, [place.field]: rewritten }
  }
  return result
}

/** The agent speaks plain HTTP to the kubelet and whatever it must to the application. */
function throughAgent(handler: JsonObject, kind: HandlerKind, path: string, port: number): JsonObject {
  const { [kind]: action, ...rest } = handler
  const kept = kind === 'httpGet' && isObject(action) ? action : {}
  const scheme = kept.scheme === 'HTTPS' ? { scheme: 'HTTP' } : {}
  return { ...rest, httpGet: { ...kept, ...scheme, path, port } }
}
