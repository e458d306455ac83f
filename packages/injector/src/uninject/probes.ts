import { isObject, type Json, type JsonObject } from '@proa/kube'
import { listOf, objectOf, textOf } from '../data/fields.ts'
import { asksAgent } from '../finish/agent-path.ts'
import { CONTAINER, ENV } from '../names.ts'
import { mapContainers } from '../pod/edit.ts'

const HANDLERS = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const
const LIFECYCLE = ['preStop', 'postStart'] as const

/** Puts the application's own handlers back, which the agent was told of in ISTIO_KUBE_APP_PROBERS. */
export function restoreProbes(pod: JsonObject, proxy: JsonObject | undefined): JsonObject {
  const probers = readProbers(proxy)
  if (probers === undefined) return pod
  return (['containers', 'initContainers'] as const).reduce(
    (result, list) =>
      mapContainers(result, list, (container) =>
        container.name === CONTAINER.proxy ? container : restoreContainer(container, probers),
      ),
    pod,
  )
}

/** The literal value of a variable of the proxy. */
export function variableOf(proxy: JsonObject | undefined, name: string): string | undefined {
  const entry = listOf(proxy, 'env')
    .filter(isObject)
    .findLast((each) => each.name === name)
  const value = entry?.value
  return typeof value === 'string' ? value : undefined
}

function readProbers(proxy: JsonObject | undefined): JsonObject | undefined {
  try {
    const parsed = JSON.parse(variableOf(proxy, ENV.appProbers) ?? 'null') as Json
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function restoreContainer(container: JsonObject, probers: JsonObject): JsonObject {
  const probed = replaceHandlers(container, HANDLERS, probers, container)
  const lifecycle = objectOf(probed, 'lifecycle')
  if (lifecycle === undefined) return probed
  const restored = replaceHandlers(lifecycle, LIFECYCLE, probers, container)
  return restored === lifecycle ? probed : { ...probed, lifecycle: restored }
}

function replaceHandlers(
  holder: JsonObject,
  fields: readonly string[],
  probers: JsonObject,
  container: JsonObject,
): JsonObject {
  let result = holder
  for (const field of fields) {
    const handler = objectOf(holder, field)
    if (handler === undefined || !asksAgent(handler)) continue
    const prober = objectOf(probers, textOf(objectOf(handler, 'httpGet'), 'path'))
    if (prober !== undefined) result = { ...result, [field]: originalHandler(handler, prober, container) }
  }
  return result
}

/** The prober's action in place of the agent's; everything else of the probe was left alone. */
function originalHandler(handler: JsonObject, prober: JsonObject, container: JsonObject): JsonObject {
  const entries = Object.entries(handler).flatMap(([key, value]): [string, Json][] => {
    if (key !== 'httpGet') return [[key, value]]
    for (const kind of ['httpGet', 'tcpSocket', 'grpc'] as const) {
      const action = objectOf(prober, kind)
      if (action !== undefined)
        return [[kind, kind === 'grpc' ? withoutNullService(action) : withNamedPort(action, container)]]
    }
    return [[key, value]]
  })
  return Object.fromEntries(entries)
}

function withoutNullService(action: JsonObject): JsonObject {
  const { service, ...rest } = action
  return service === null || service === undefined ? rest : action
}

function withNamedPort(action: JsonObject, container: JsonObject): JsonObject {
  const port = listOf(container, 'ports')
    .filter(isObject)
    .find((each) => each.containerPort === action.port && typeof each.name === 'string' && each.name !== '')
  return port === undefined ? action : { ...action, port: port.name ?? 0 }
}
