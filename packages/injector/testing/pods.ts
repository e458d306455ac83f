/** Pods as users write them, for tests of laws: probes, ports, variables, volumes, labels, annotations, init containers. */
import { isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'

/** What is left out when it is undefined, as it would be in YAML. */
type Fields = Readonly<Record<string, unknown>>

function present(fields: Fields): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}

function object(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<JsonObject> {
  return fc.record(fields).map(present)
}

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 2 })
}

/** A list, or nothing: an empty list is the same to Kubernetes and no user writes it. */
function some<T>(list: fc.Arbitrary<T[]>): fc.Arbitrary<T[] | undefined> {
  return maybe(list.map((items) => (items.length === 0 ? undefined : items)))
}

/** Nothing instead of an empty object. */
function filled(value: JsonObject): JsonObject | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}

const text = fc.stringMatching(/^[a-z0-9][a-z0-9 .:/_=-]{0,11}$/)
const portNumber = fc.integer({ min: 1024, max: 9999 })
const portName = fc.constantFrom('http', 'grpc', 'admin')

const port = object({
  name: maybe(portName),
  containerPort: portNumber,
  protocol: maybe(fc.constantFrom('TCP', 'UDP')),
})
const ports = fc.uniqueArray(port, { maxLength: 3, selector: ({ containerPort }) => containerPort }).map(distinctNames)

function distinctNames(list: readonly JsonObject[]): JsonObject[] {
  const seen = new Set<unknown>()
  return list.map(({ name, ...rest }) => {
    if (name === undefined || seen.has(name)) return rest
    seen.add(name)
    return { name, ...rest }
  })
}

const handler = (port: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    object({
      httpGet: object({
        path: maybe(fc.constantFrom('/healthz', '/ready?deep=1')),
        port,
        scheme: maybe(fc.constantFrom('HTTP', 'HTTPS')),
        httpHeaders: maybe(fc.constant([{ name: 'Host', value: 'shop.example' }])),
      }),
    }),
    object({ tcpSocket: object({ port }) }),
    object({ exec: fc.constant({ command: ['true'] }) }),
  )

const probe = (port: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      action: fc.oneof(
        handler(port),
        object({ grpc: object({ port: portNumber, service: maybe(fc.constant('shop.Health')) }) }),
      ),
      timing: object({ periodSeconds: maybe(fc.integer({ min: 1, max: 60 })), timeoutSeconds: maybe(fc.constant(2)) }),
    })
    .map(({ action, timing }) => ({ ...action, ...timing }))

const variable = fc.oneof(
  object({ name: fc.stringMatching(/^[A-Z]{2,5}$/), value: maybe(text) }),
  fc
    .stringMatching(/^[A-Z]{2,5}$/)
    .map((name): JsonObject => ({ name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } })),
)
const env = fc.uniqueArray(variable, { maxLength: 4, selector: ({ name }) => name })

const VOLUMES = ['cache', 'config', 'data'] as const
const mounts = fc.uniqueArray(
  object({
    name: fc.constantFrom(...VOLUMES),
    mountPath: fc.constantFrom('/cache', '/etc/app', '/data'),
    readOnly: maybe(fc.constant(true)),
  }),
  { maxLength: 3, selector: ({ mountPath }) => mountPath },
)

const amounts = object({
  cpu: maybe(fc.constantFrom('100m', '1', '0.5', '1500m')),
  memory: maybe(fc.constantFrom('64Mi', '1Gi', '1024Mi')),
}).map(filled)
const resources = object({ requests: amounts, limits: amounts }).map(filled)

export interface PodShape {
  /** Whether the user may have a container of the injector's names. Default: no. */
  readonly ownProxy?: boolean
  /** Whether there may be things that an injection leaves no trace of, so that it cannot be undone exactly. Default: yes. */
  readonly ambiguous?: boolean
}

function container(name: string, ambiguous: boolean): fc.Arbitrary<JsonObject> {
  // Numbers that no port has: the number of a named port and its name are the same to the agent.
  const asked = fc.oneof(ambiguous ? portNumber : fc.integer({ min: 10_000, max: 10_999 }), portName)
  const any = object({
    name: fc.constant(name),
    image: fc.constantFrom('shop:1', 'registry.example/shop@sha256:00'),
    args: some(fc.array(text, { maxLength: 3 })),
    ports: some(ports),
    env: some(env),
    resources,
    volumeMounts: some(mounts),
    readinessProbe: maybe(probe(asked)),
    livenessProbe: maybe(probe(asked)),
    startupProbe: maybe(probe(asked)),
    lifecycle: maybe(object({ preStop: maybe(handler(asked)), postStart: maybe(handler(asked)) })),
    securityContext: maybe(object({ runAsUser: maybe(fc.constantFrom(0, 1000)), privileged: maybe(fc.boolean()) })),
  })
  return ambiguous ? any : any.map(withKnownPorts)
}

/** A handler that asks a port by a name that no port has cannot be asked by the agent either, and is forgotten. */
function withKnownPorts(container: JsonObject): JsonObject {
  const known = new Set((Array.isArray(container.ports) ? container.ports : []).map(({ name }: JsonObject) => name))
  const fixed = (key: string, value: Json): Json => {
    if (key === 'port' && typeof value === 'string' && !known.has(value)) return 10_000
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fixed(name, item)]))
      : value
  }
  return fixed('', container) as JsonObject
}

function containers(names: readonly string[], ambiguous: boolean, minLength: number): fc.Arbitrary<JsonObject[]> {
  return fc
    .shuffledSubarray([...names], { minLength })
    .chain((chosen) => fc.tuple(...chosen.map((name) => container(name, ambiguous))))
}

/** What a user sets of the injector's proxy; its image is usually `auto`. */
const ownProxy: fc.Arbitrary<JsonObject> = object({
  name: fc.constant('istio-proxy'),
  image: fc.constantFrom('auto', 'my/proxy:2'),
  resources,
  env: some(env),
  volumeMounts: some(mounts),
  securityContext: object({
    runAsUser: maybe(fc.constantFrom(1337, 4242)),
    runAsGroup: maybe(fc.constant(77)),
  }).map(filled),
})

const labels = object({
  app: maybe(fc.constantFrom('shop', 'shop-with-a-name-that-is-long')),
  version: maybe(fc.constantFrom('v1', 'v2')),
  'app.kubernetes.io/name': maybe(fc.constant('store')),
  team: maybe(fc.constant('a')),
})

const annotations = object({
  note: maybe(text),
  'sidecar.istio.io/proxyCPU': maybe(fc.constantFrom('100m', '2')),
  'status.sidecar.istio.io/port': maybe(fc.constantFrom('15020', '15999')),
  'sidecar.istio.io/rewriteAppHTTPProbers': maybe(fc.constantFrom('true', 'false')),
  'sidecar.istio.io/interceptionMode': maybe(fc.constantFrom('REDIRECT', 'TPROXY', 'NONE')),
  'traffic.sidecar.istio.io/excludeInboundPorts': maybe(fc.constantFrom('', '9000,9001')),
  'traffic.sidecar.istio.io/includeOutboundIPRanges': maybe(fc.constantFrom('*', '10.0.0.0/8')),
  'sidecar.istio.io/userVolume': maybe(fc.constant('{"extra":{"emptyDir":{}}}')),
  'sidecar.istio.io/userVolumeMount': maybe(fc.constant('{"extra":{"mountPath":"/extra"}}')),
  'proxy.istio.io/config': maybe(fc.constant('concurrency: 3\nproxyMetadata:\n  A: "1"\n')),
})

const scraping = object({
  'prometheus.io/scrape': maybe(fc.constant('true')),
  'prometheus.io/port': maybe(fc.constantFrom('8080', '9100')),
  'prometheus.io/path': maybe(fc.constant('/metrics')),
  'prometheus.istio.io/merge-metrics': maybe(fc.constantFrom('true', 'false')),
})

/** Any Pod that the API server would take, as a user writes it. */
export function arbitraryPod({ ownProxy: own = false, ambiguous = true }: PodShape = {}): fc.Arbitrary<JsonObject> {
  return fc
    .record({
      labels,
      annotations,
      scraping,
      containers: containers(['app', 'web', 'worker'], ambiguous, 1),
      initContainers: containers(['migrate', 'warm-up'], ambiguous, 0),
      volumes: fc.subarray([...VOLUMES]),
      proxy: own ? maybe(ownProxy) : fc.constant(undefined),
      // The injection moves it to the end, and nothing tells where it was.
      proxyFirst: ambiguous ? fc.boolean() : fc.constant(false),
      spec: object({
        serviceAccountName: maybe(fc.constant('shop')),
        terminationGracePeriodSeconds: maybe(fc.constant(5)),
        dnsPolicy: maybe(fc.constant('ClusterFirst')),
        imagePullSecrets: maybe(fc.constant([{ name: 'registry' }])),
        tolerations: maybe(fc.constant([{ key: 'a', operator: 'Exists' }])),
        ephemeralContainers: maybe(fc.constant([{ name: 'debugger', image: 'debug:1', targetContainerName: 'app' }])),
      }),
    })
    .map(({ containers: list, initContainers, volumes, proxy, proxyFirst, spec, ...metadata }) => {
      const all = proxy === undefined ? list : proxyFirst ? [proxy, ...list] : [...list, proxy]
      // Without capture Istio's templates until 1.24 delete the init containers.
      const mode = 'sidecar.istio.io/interceptionMode'
      const { [mode]: wish, ...others } = metadata.annotations
      const capture = wish === undefined || (wish === 'NONE' && initContainers.length > 0) ? {} : { [mode]: wish }
      const merged = filled({ ...others, ...capture, ...metadata.scraping })
      return {
        metadata: present({ name: 'shop', labels: filled(metadata.labels), annotations: merged }),
        spec: present({
          ...spec,
          containers: all,
          initContainers: initContainers.length === 0 ? undefined : initContainers,
          volumes: volumes.length === 0 ? undefined : volumes.map((name) => ({ name, emptyDir: {} })),
        }),
      }
    })
}
