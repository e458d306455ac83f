import { type Cluster, type ContainerLog, injectors, redactText } from '@proa/doctor'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { endpointsOf } from '../probes/endpoints.ts'
import type { Reader } from './reader.ts'
import { refusalOf } from './refusal.ts'
import { nameOf, namespaceOf, objects, part } from './shapes.ts'

const LINES = 50
/** A log of fifty lines of the longest kind that a proxy writes. */
const LONGEST_TAIL = 64 * 1024
/** Of workloads; the injectors' come besides. */
const MOST_PODS = 20
const PROXY_CONTAINERS: ReadonlySet<string> = new Set(['istio-init', 'istio-validation', 'istio-proxy'])

interface Wanted {
  readonly pod: JsonObject
  readonly container: string
  readonly previous: boolean
}

/** The ends of the logs of injectors that are in trouble, and of proxies in Pods that do not become ready. */
export async function readLogs(reader: Reader, cluster: Cluster): Promise<readonly ContainerLog[]> {
  const ofInjectors = injectorPods(cluster).flatMap((pod) => troubled(pod, () => true))
  const injector = new Set(ofInjectors.map(({ pod }) => pod))
  const pods = cluster.all('Pod').filter((pod) => !injector.has(pod) && hasProxy(pod) && !isReady(pod))
  const ofProxies = pods.slice(0, MOST_PODS).flatMap((pod) => troubled(pod, (name) => PROXY_CONTAINERS.has(name)))
  const logs = await Promise.all([...ofInjectors, ...ofProxies].map((one) => readLog(reader, one)))
  return logs.filter((log) => log !== undefined)
}

function injectorPods(cluster: Cluster): readonly JsonObject[] {
  const services = injectors(cluster).flatMap(({ service }) => (service === undefined ? [] : [service]))
  const found = services.flatMap(({ namespace, name }) =>
    endpointsOf(cluster, { namespace, name, port: undefined }).flatMap(({ pod }) =>
      pod === undefined ? [] : [cluster.find('Pod', pod.namespace, pod.name)],
    ),
  )
  return [...new Set(found.filter((pod) => pod !== undefined))]
}

/** Containers that are not ready, ended badly or were started again; the log before that, too. */
function troubled(pod: JsonObject, counts: (container: string) => boolean): readonly Wanted[] {
  const status = part(pod, 'status')
  const states = [...objects(status.initContainerStatuses), ...objects(status.containerStatuses)]
  return states.flatMap((state) => {
    const { name, ready, restartCount } = state
    if (typeof name !== 'string' || !counts(name)) return []
    const restarted = typeof restartCount === 'number' && restartCount > 0
    if ((ready === true && !restarted) || hasNotRun(state)) return []
    const now = { pod, container: name, previous: false }
    return restarted ? [now, { ...now, previous: true }] : [now]
  })
}

/** A container that never started has no log: the API server would refuse. */
function hasNotRun({ state, lastState }: JsonObject): boolean {
  const waits = isObject(state) && isObject(state.waiting)
  const ran = isObject(lastState) && isObject(lastState.terminated)
  return waits && !ran
}

async function readLog(reader: Reader, { pod, container, previous }: Wanted): Promise<ContainerLog | undefined> {
  const [namespace, name] = [namespaceOf(pod), nameOf(pod)]
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`
  const query = { container, tailLines: String(LINES), ...(previous ? { previous: 'true' } : {}) }
  try {
    const text = await reader.run(() => reader.client.text(path, query, reader.wait))
    return { namespace, pod: name, container, previous, tail: redactText(text.slice(-LONGEST_TAIL)) }
  } catch (error) {
    // A log that cannot be read is one that is not there: the checks look at the Pod's status first.
    refusalOf(error)
    return undefined
  }
}

function hasProxy(pod: JsonObject): boolean {
  const spec = part(pod, 'spec')
  return [...objects(spec.containers), ...objects(spec.initContainers)].some((one) => one.name === 'istio-proxy')
}

export function isReady(pod: JsonObject): boolean {
  const { phase, conditions } = part(pod, 'status')
  if (phase === 'Succeeded') return true
  const list: readonly Json[] = isArray(conditions) ? conditions : []
  return list.some((one) => isObject(one) && one.type === 'Ready' && one.status === 'True')
}
