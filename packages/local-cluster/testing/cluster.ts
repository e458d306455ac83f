/** For tests: a cluster with a clock of its own, and objects to put into it. */
import { isObject, type Json, type JsonObject } from '@proa/kube'
import { type ManualClock, manualClock } from '../src/controllers/clock.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../src/start.ts'

export interface TestCluster extends LocalCluster {
  readonly clock: ManualClock
  /** Lets the time pass, and waits until all that comes of it is done. */
  pass(seconds: number): Promise<void>
  /** Creates the objects, in the namespace `default` where they name none, and waits until all that comes of it is done. */
  put(...objects: readonly JsonObject[]): Promise<void>
  /** Reads `apiVersion/Kind/name`, in `default`. */
  get(what: string): JsonObject | undefined
  /** Changes an object and waits until all that comes of it is done. */
  change(what: string, change: (object: JsonObject) => JsonObject): Promise<void>
  pods(labels?: Readonly<Record<string, string>>): readonly JsonObject[]
  /** `Warning FailedCreate: …` of the objects of a kind. */
  eventsOf(kind: string): string[]
}

export async function startTestCluster(options: Omit<LocalClusterOptions, 'clock'> = {}): Promise<TestCluster> {
  const clock = manualClock(new Date().toISOString())
  const cluster = await startLocalCluster({ ...options, clock })
  await cluster.quiet()
  const { api } = cluster
  const key = (what: string) => {
    const parts = what.split('/')
    return {
      apiVersion: parts.slice(0, -2).join('/'),
      kind: parts.at(-2) ?? '',
      name: parts.at(-1) ?? '',
      namespace: 'default',
    }
  }
  const get = (what: string) => api.find(key(what))
  return {
    ...cluster,
    clock,
    async pass(seconds) {
      clock.advance(seconds * 1000)
      await cluster.quiet()
    },
    async put(...objects) {
      for (const object of objects) await api.create(inDefault(object))
      await cluster.quiet()
    },
    get,
    async change(what, change) {
      const before = get(what)
      if (before === undefined) throw new Error(`${what} is not there`)
      await api.update(change(before))
      await cluster.quiet()
    },
    pods: (labels = {}) =>
      api
        .list({ apiVersion: 'v1', kind: 'Pod' }, 'default')
        .filter((pod) =>
          Object.entries(labels).every(([name, value]) => read(pod, `metadata.labels.${name}`) === value),
        ),
    eventsOf: (kind) =>
      api
        .list({ apiVersion: 'v1', kind: 'Event' }, 'default')
        .filter((event) => read(event, 'involvedObject.kind') === kind)
        .map((event) => `${event.type} ${event.reason}: ${event.message}`),
  }
}

const CLUSTER_SCOPED = ['Namespace', 'Node', 'MutatingWebhookConfiguration']

function inDefault(object: JsonObject): JsonObject {
  const metadata = isObject(object.metadata) ? object.metadata : {}
  return CLUSTER_SCOPED.includes(String(object.kind))
    ? object
    : { ...object, metadata: { namespace: 'default', ...metadata } }
}

/** `status.conditions.Ready.status`: a step into a list takes the entry of that type or name. */
export function read(value: Json | undefined, path: string): Json | undefined {
  let found = value
  for (const step of path.split('.')) {
    if (Array.isArray(found)) {
      found =
        found.find((entry) => isObject(entry) && (entry.type === step || entry.name === step)) ?? found[Number(step)]
    } else found = isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined
  }
  return found
}

export const nameOf = (object: JsonObject) => String(read(object, 'metadata.name'))

export function container(name: string, more: JsonObject = {}): JsonObject {
  return { name, image: `${name}:1`, ...more }
}

/** Pod template with the label `app`. */
export function template(app: string, spec: JsonObject = {}): JsonObject {
  return { metadata: { labels: { app } }, spec: { containers: [container(app)], ...spec } }
}

export function deployment(name: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 3, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  }
}

/** The object with another field of the spec. */
export function withSpec(object: JsonObject, spec: JsonObject): JsonObject {
  return { ...object, spec: { ...(isObject(object.spec) ? object.spec : {}), ...spec } }
}
