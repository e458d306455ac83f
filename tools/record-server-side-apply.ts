/**
 * Records what a real API server does to managedFields: random sequences of applies, updates and patches by
 * several managers over several kinds. The tests of packages/kube/src/server-side-apply replay them.
 *
 *   node tools/record-server-side-apply.ts --server https://127.0.0.1:6443 --token TOKEN --seed 1 --sequences 12
 *
 * The server should run without controllers, so that nobody else writes.
 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { parseArgs } from 'node:util'
import type { Json, JsonObject } from '../packages/kube/src/json.ts'
import { diff } from '../packages/kube/src/json-patch/diff.ts'

const OUTPUT = new URL('../packages/kube/src/server-side-apply/testdata/recorded.json', import.meta.url)
const NAMESPACE = 'apply-recorded'

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'https://127.0.0.1:6443' },
    token: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    sequences: { type: 'string', default: '8' },
    steps: { type: 'string', default: '14' },
  },
})

let state = Number(values.seed)
/** From 0 to 1, the same for every run. */
function random(): number {
  state = (state * 1664525 + 1013904223) % 4294967296
  return state / 4294967296
}
function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}
function some<T>(items: readonly T[], share = 0.5): T[] {
  return items.filter(() => random() < share)
}
function maybe(share: number, make: () => JsonObject): JsonObject {
  return random() < share ? make() : {}
}

interface Answer {
  readonly status: number
  readonly body: JsonObject
}

function call(method: string, path: string, body?: Json, type = 'application/json'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${values.token}`, 'content-type': type, accept: 'application/json' }
    const req = request(`${values.server}${path}`, { method, headers, rejectUnauthorized: false }, (res) => {
      let text = ''
      res.on('data', (chunk) => {
        text += chunk
      })
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: JSON.parse(text) as JsonObject }))
    })
    req.on('error', reject)
    req.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

interface Subject {
  readonly apiVersion: string
  readonly kind: string
  readonly path: string
  /** A random configuration without apiVersion, kind and name. */
  readonly make: () => JsonObject
  readonly status?: () => JsonObject
}

const LABELS = ['app', 'team', 'tier']
const texts = (names: readonly string[], share: number): JsonObject =>
  Object.fromEntries(some(names, share).map((name) => [name, pick(['x', 'y'])]))
const metadata = (): JsonObject => ({
  ...maybe(0.5, () => ({ labels: texts(LABELS, 0.6) })),
  ...maybe(0.4, () => ({ annotations: texts(['note', 'example.com/owner'], 0.6) })),
  ...maybe(0.15, () => ({ finalizers: some(['example.com/a', 'example.com/b']) })),
  ...maybe(0.15, () => ({
    ownerReferences: some(['1', '2']).map((uid) => ({ apiVersion: 'v1', kind: 'Pod', name: pick(['o', 'p']), uid })),
  })),
})

const port = (): JsonObject => ({
  containerPort: pick([80, 8080]),
  ...maybe(0.4, () => ({ protocol: pick(['TCP', 'UDP']) })),
  ...maybe(0.3, () => ({ name: pick(['web', 'dns']) })),
})
const env = (name: string): JsonObject =>
  random() < 0.7
    ? { name, value: pick(['1', '2']) }
    : { name, valueFrom: { fieldRef: { fieldPath: pick(['metadata.name', 'metadata.namespace']) } } }
const container = (name: string): JsonObject => ({
  name,
  image: pick(['a:1', 'a:2']),
  ...maybe(0.4, () => ({ args: some(['x', 'y', 'z']) })),
  ...maybe(0.5, () => ({ env: some(['A', 'B', 'C']).map(env) })),
  ...maybe(0.4, () => ({ ports: unique([port(), port()], ['containerPort', 'protocol']) })),
  ...maybe(0.4, () => ({
    resources: { limits: Object.fromEntries(some(['cpu', 'memory']).map((key) => [key, pick(['1', '2'])])) },
  })),
  ...maybe(0.3, () => ({ volumeMounts: [{ name: 'v', mountPath: pick(['/a', '/b']) }] })),
  ...maybe(0.2, () => ({
    securityContext: {
      ...maybe(0.5, () => ({ runAsUser: pick([1, 2]) })),
      ...maybe(0.5, () => ({ privileged: false })),
    },
  })),
  ...maybe(0.2, () => ({ readinessProbe: { httpGet: { port: pick([80, 'web']) } } })),
})
/** Mostly without the same item twice. */
function unique(items: readonly JsonObject[], keys: readonly string[]): JsonObject[] {
  if (random() < 0.1) return [...items]
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = keys.map((name) => item[name] ?? 'TCP').join('/')
    return !seen.has(key) && seen.add(key)
  })
}
const podSpec = (): JsonObject => ({
  containers: shuffle(['a', 'b', ...some(['c'])]).map(container),
  volumes: [{ name: 'v', ...pick<JsonObject>([{ emptyDir: {} }, { configMap: { name: 'm' } }]) }],
  ...maybe(0.3, () => ({ tolerations: [{ key: pick(['k', 'l']), operator: 'Exists' }] })),
  ...maybe(0.3, () => ({ nodeSelector: texts(['disk', 'zone'], 0.6) })),
  ...maybe(0.3, () => ({ imagePullSecrets: some(['s', 't']).map((name) => ({ name })) })),
  ...maybe(0.3, () => ({ terminationGracePeriodSeconds: pick([5, 6]) })),
  ...maybe(0.2, () => ({ securityContext: {} })),
})
function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const SUBJECTS: readonly Subject[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    path: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    make: () => ({ metadata: metadata(), ...maybe(0.8, () => ({ data: texts(['a', 'b', 'c', '__proto__x'], 0.6) })) }),
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    path: `/api/v1/namespaces/${NAMESPACE}/services`,
    make: () => ({
      metadata: metadata(),
      spec: {
        ports: shuffle(['web', 'dns', ...some(['x'])]).map((name, index) => ({
          name,
          port: 80 + name.length,
          ...maybe(0.4, () => ({ targetPort: pick([1000, 'p']) })),
          ...maybe(0.3, () => ({ protocol: index === 0 ? 'TCP' : pick(['TCP', 'UDP']) })),
        })),
        ...maybe(0.6, () => ({ selector: texts(LABELS, 0.6) })),
        ...maybe(0.3, () => ({ sessionAffinity: pick(['None', 'ClientIP']) })),
      },
    }),
    status: () => ({ loadBalancer: { ingress: some(['10.0.0.1', '10.0.0.2']).map((ip) => ({ ip })) } }),
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    path: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
    make: () => ({
      metadata: metadata(),
      spec: {
        ...maybe(0.5, () => ({ replicas: pick([0, 1, 2]) })),
        ...maybe(0.3, () => ({
          strategy: pick<JsonObject>([{ type: 'RollingUpdate' }, { rollingUpdate: { maxSurge: pick([1, '50%']) } }]),
        })),
        selector: { matchLabels: { app: 'x' } },
        template: {
          metadata: {
            labels: { app: 'x', ...texts(['team'], 0.5) },
            ...maybe(0.3, () => ({ annotations: texts(['a'], 0.7) })),
          },
          spec: podSpec(),
        },
      },
    }),
    status: () => ({
      replicas: pick([1, 2]),
      conditions: some(['Available', 'Progressing']).map((type) => ({ type, status: pick(['True', 'False']) })),
    }),
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    path: `/api/v1/namespaces/${NAMESPACE}/pods`,
    make: () => {
      // Little of a Pod may change, so the containers stay the same but for their images.
      const image = (name: string): JsonObject => ({
        name,
        image: pick(['a:1', 'a:2']),
        ...maybe(0.3, () => ({ ports: [{ containerPort: 80 }] })),
      })
      return {
        metadata: metadata(),
        spec: {
          automountServiceAccountToken: false,
          containers: ['a', 'b'].map(image),
          ...maybe(0.2, () => ({ activeDeadlineSeconds: 100 })),
        },
      }
    },
    status: () => ({
      ...maybe(0.5, () => ({ phase: pick(['Running', 'Pending']) })),
      podIPs: some(['10.0.0.1', 'fd00::1'], 0.7).map((ip) => ({ ip })),
      conditions: some(['Ready', 'Initialized']).map((type) => ({ type, status: pick(['True', 'False']) })),
    }),
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    make: () => ({
      metadata: metadata(),
      webhooks: shuffle(['a.example.com', ...some(['b.example.com', 'c.example.com'])]).map((name) => ({
        name,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: pick(['Fail', 'Ignore']),
        clientConfig: {
          service: { name: pick(['s', 't']), namespace: NAMESPACE },
          ...maybe(0.4, () => ({ caBundle: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==' })),
        },
        namespaceSelector: { matchLabels: { never: pick(['1', '2']) } },
        ...maybe(0.5, () => ({
          rules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: some(['CREATE', 'UPDATE'], 0.8).concat('CONNECT'),
              resources: ['pods'],
            },
          ],
        })),
        ...maybe(0.3, () => ({ timeoutSeconds: pick([3, 5]) })),
      })),
    }),
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    path: `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
    make: () => ({
      metadata: metadata(),
      spec: {
        schedule: pick(['* * * * *', '1 * * * *']),
        ...maybe(0.5, () => ({ suspend: pick([true, false]) })),
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', ...podSpec() } } } },
      },
    }),
  },
  {
    apiVersion: 'recorded.example.com/v1',
    kind: 'Free',
    path: `/apis/recorded.example.com/v1/namespaces/${NAMESPACE}/frees`,
    make: () => ({
      metadata: metadata(),
      spec: {
        ...maybe(0.6, () => ({ list: some(['a', 'b', 'c']).map((name) => ({ name })) })),
        ...maybe(0.6, () => ({ map: texts(['a', 'b'], 0.7) })),
        ...maybe(0.3, () => ({ one: pick<Json>(['x', 1, true, { a: 1 }, [1]]) })),
      },
    }),
    status: () => ({ ready: pick([true, false]), seen: texts(['a', 'b'], 0.5) }),
  },
  {
    apiVersion: 'recorded.example.com/v1',
    kind: 'Typed',
    path: `/apis/recorded.example.com/v1/namespaces/${NAMESPACE}/typeds`,
    make: () => ({
      metadata: metadata(),
      spec: {
        ...maybe(0.7, () => ({
          hosts: unique(
            [pick(['a', 'b']), pick(['c', 'd'])].map((name) => ({
              name,
              ...maybe(0.5, () => ({ port: pick([1, 2]) })),
              ...maybe(0.4, () => ({ tls: texts(['mode'], 0.8) })),
            })),
            ['name'],
          ),
        })),
        ...maybe(0.5, () => ({ tags: shuffle(some(['a', 'b', 'c'])) })),
        ...maybe(0.5, () => ({ plain: some(['a', 'b']) })),
        ...maybe(0.5, () => ({ whole: texts(['a', 'b'], 0.7) })),
        ...maybe(0.5, () => ({ parts: texts(['a', 'b'], 0.7) })),
      },
    }),
  },
]

const text: JsonObject = { type: 'string' }
const parts: JsonObject = { type: 'object', additionalProperties: text }
const TYPED_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        hosts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name', 'port'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: text, port: { type: 'integer', default: 1 }, tls: parts },
          },
        },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
        plain: { type: 'array', items: text },
        whole: { ...parts, 'x-kubernetes-map-type': 'atomic' },
        parts,
      },
    },
  },
}
const FREE_SCHEMA: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

function definition(kind: string, schema: JsonObject, status: boolean): JsonObject {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.recorded.example.com` },
    spec: {
      group: 'recorded.example.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(status ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  }
}

async function prepare(): Promise<void> {
  await call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await call('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  })
  for (const crd of [definition('Free', FREE_SCHEMA, true), definition('Typed', TYPED_SCHEMA, false)]) {
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
  }
  for (const kind of ['frees', 'typeds']) {
    while ((await call('GET', `/apis/recorded.example.com/v1/namespaces/${NAMESPACE}/${kind}`)).status !== 200);
  }
}

interface Step {
  readonly operation: 'apply' | 'write'
  readonly manager: string
  readonly force?: boolean
  readonly subresource?: string
  readonly applied?: Json
  /** managedFields of the request, when it set them. */
  readonly wanted?: Json
  readonly error?: Json
  /** From the object before to the object after, but for managedFields. */
  readonly patch?: Json
  /** managedFields after: an entry, or the place where the same entry was before. */
  readonly managed?: readonly (number | JsonObject)[]
}

const MANAGERS = ['alice', 'bob', 'carol', 'kubectl']

async function record(subject: Subject, index: number): Promise<{ subject: Subject; steps: Step[] }> {
  const name = `s${index}`
  const url = `${subject.path}/${name}`
  await call('PATCH', url, { metadata: { finalizers: null } }, 'application/merge-patch+json')
  await call('DELETE', `${url}?gracePeriodSeconds=0`)
  const steps: Step[] = []
  let before: JsonObject | undefined
  for (let at = 0; at < Number(values.steps); at++) {
    const step = await take(subject, url, name, before)
    if (step === undefined) continue
    steps.push(step.step)
    before = step.after ?? before
  }
  return { subject, steps }
}

async function take(
  subject: Subject,
  url: string,
  name: string,
  before: JsonObject | undefined,
): Promise<{ step: Step; after: JsonObject | undefined } | undefined> {
  const { apiVersion, kind } = subject
  const manager = pick(MANAGERS)
  const made = subject.make()
  const named: JsonObject = { ...made, apiVersion, kind, metadata: { ...(made.metadata as JsonObject), name } }
  const dice = random()
  const force = random() < 0.4
  const status = subject.status
  let answer: Answer
  let step: Step
  if (before === undefined && dice < 0.5) {
    step = { operation: 'write', manager }
    answer = await call('POST', `${subject.path}?fieldManager=${manager}`, named)
  } else if (before === undefined || dice < 0.6) {
    const useStatus = before !== undefined && status !== undefined && random() < 0.15
    const applied: JsonObject = useStatus ? { apiVersion, kind, metadata: { name }, status: status() } : thin(named)
    const subresource = useStatus ? 'status' : ''
    step = { operation: 'apply', manager, force, applied, ...(useStatus ? { subresource } : {}) }
    const path = `${url}${useStatus ? '/status' : ''}?fieldManager=${manager}&force=${force}`
    answer = await call('PATCH', path, applied, 'application/apply-patch+yaml')
  } else if (dice < 0.7 && status !== undefined) {
    step = { operation: 'write', manager, subresource: 'status' }
    answer = await call(
      'PATCH',
      `${url}/status?fieldManager=${manager}`,
      { status: status() },
      'application/merge-patch+json',
    )
  } else if (dice < 0.78) {
    const wanted = pick<Json>([[], [{}], null])
    step = { operation: 'write', manager, wanted }
    const changed = {
      ...before,
      metadata: { ...(before.metadata as JsonObject), labels: texts(LABELS, 0.6), managedFields: wanted },
    }
    answer = await call('PUT', `${url}?fieldManager=${manager}`, changed)
  } else if (dice < 0.88) {
    step = { operation: 'write', manager }
    answer = await call('PUT', `${url}?fieldManager=${manager}`, {
      ...before,
      ...named,
      metadata: { ...(before.metadata as JsonObject), ...(named.metadata as JsonObject) },
    })
  } else {
    step = { operation: 'write', manager }
    answer = await call('PATCH', `${url}?fieldManager=${manager}`, made, 'application/merge-patch+json')
  }
  if (answer.status >= 300) {
    // What validation refuses says nothing of owners.
    if (step.operation !== 'apply' || (answer.status !== 409 && answer.status !== 500 && answer.status !== 400))
      return undefined
    const { message, reason, code, details } = answer.body
    return {
      step: {
        ...step,
        error: {
          message,
          reason: reason ?? null,
          code,
          causes: (details as JsonObject | undefined)?.causes ?? null,
        } as Json,
      },
      after: undefined,
    }
  }
  const old = entriesOf(before ?? {}).map((entry) => JSON.stringify(entry))
  const managed = entriesOf(answer.body).map((entry) => {
    const at = old.indexOf(JSON.stringify(entry))
    return at === -1 ? entry : at
  })
  const patch = diff(withoutEntries(before ?? {}), withoutEntries(answer.body)) as unknown as Json
  return { step: { ...step, patch, managed }, after: answer.body }
}

function entriesOf(object: JsonObject): readonly JsonObject[] {
  return ((object.metadata as JsonObject | undefined)?.managedFields ?? []) as readonly JsonObject[]
}

function withoutEntries(object: JsonObject): JsonObject {
  if (object.metadata === undefined) return object
  const { managedFields: _dropped, ...metadata } = object.metadata as JsonObject
  return { ...object, metadata }
}

/** Sometimes only a part, so that others own the rest. */
function thin(object: JsonObject): JsonObject {
  if (random() < 0.6) return object
  const { apiVersion, kind } = object
  const name = (object.metadata as JsonObject).name ?? ''
  if (random() < 0.3) return { apiVersion, kind, metadata: { name } } as JsonObject
  return { apiVersion, kind, metadata: object.metadata } as JsonObject
}

await prepare()
const sequences: { subject: Subject; steps: Step[] }[] = []
for (let index = 0; index < Number(values.sequences); index++) {
  for (const subject of SUBJECTS) sequences.push(await record(subject, index))
}
const lines = sequences.map(({ subject, steps }) =>
  JSON.stringify({ apiVersion: subject.apiVersion, kind: subject.kind, steps }),
)
const schemas = JSON.stringify({ Free: FREE_SCHEMA, Typed: TYPED_SCHEMA })
writeFileSync(OUTPUT, `{"schemas":${schemas},"sequences":[\n${lines.join(',\n')}\n]}\n`)
process.stdout.write(`${sequences.reduce((count, { steps }) => count + steps.length, 0)} steps\n`)
