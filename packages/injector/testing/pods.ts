/** Pods as users write them, for tests of laws: probes, ports, variables, volumes, labels, annotations, init containers. */
import type { JsonObject } from '@proa/kube'
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
})
const resources = object({ requests: maybe(amounts), limits: maybe(amounts) })

export interface PodShape {
  /** Whether the user may have a container of the injector's names. Default: no. */
  readonly ownProxy?: boolean
  /**
   * Whether handlers may ask a port that the injection does not tell apart from another way to write the same, and
   * whether there may be annotations that the injection overwrites. Default: yes.
   */
  readonly ambiguous?: boolean
}

function container(name: string, ambiguous: boolean): fc.Arbitrary<JsonObject> {
  // Numbers that no port has: the number of a named port and its name are the same to the agent.
  const asked = ambiguous ? fc.oneof(portNumber, portName) : fc.integer({ min: 10_000, max: 10_999 })
  return object({
    name: fc.constant(name),
    image: fc.constantFrom('shop:1', 'registry.example/shop@sha256:00'),
    args: some(fc.array(text, { maxLength: 3 })),
    ports: some(ports),
    env: some(env),
    resources: maybe(resources),
    volumeMounts: some(mounts),
    readinessProbe: maybe(probe(asked)),
    livenessProbe: maybe(probe(asked)),
    startupProbe: maybe(probe(asked)),
    lifecycle: maybe(object({ preStop: maybe(handler(asked)), postStart: maybe(handler(asked)) })),
    securityContext: maybe(object({ runAsUser: maybe(fc.constantFrom(0, 1000)), privileged: maybe(fc.boolean()) })),
  })
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
  resources: maybe(resources),
  env: some(env),
  volumeMounts: some(mounts),
  securityContext: maybe(object({ runAsUser: maybe(fc.constantFrom(1337, 4242)), runAsGroup: maybe(fc.constant(77)) })),
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
  'sidecar.istio.io/rewriteAppHTTPProbers': maybe(fc.constantFrom('true', 'false')),
  'traffic.sidecar.istio.io/excludeInboundPorts': maybe(fc.constantFrom('', '9000,9001')),
  'proxy.istio.io/config': maybe(fc.constant('concurrency: 3\nproxyMetadata:\n  A: "1"\n')),
})

const scraping = object({
  'prometheus.io/scrape': maybe(fc.constant('true')),
  'prometheus.io/port': maybe(fc.constantFrom('8080', '9100')),
  'prometheus.io/path': maybe(fc.constant('/metrics')),
})

function filled(value: JsonObject): JsonObject | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}

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
      proxyFirst: fc.boolean(),
      spec: object({
        serviceAccountName: maybe(fc.constant('shop')),
        terminationGracePeriodSeconds: maybe(fc.constant(5)),
        dnsPolicy: maybe(fc.constant('ClusterFirst')),
        imagePullSecrets: maybe(fc.constant([{ name: 'registry' }])),
        tolerations: maybe(fc.constant([{ key: 'a', operator: 'Exists' }])),
      }),
    })
    .map(({ containers: list, initContainers, volumes, proxy, proxyFirst, spec, ...metadata }) => {
      const all = proxy === undefined ? list : proxyFirst ? [proxy, ...list] : [...list, proxy]
      const merged = filled({ ...metadata.annotations, ...metadata.scraping })
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
