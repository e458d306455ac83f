/** Injecting by shape is an optimisation: nobody may be able to tell it from injecting in the ordinary way. */
import type { Json, JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lawConfigurations } from '../../testing/configurations.ts'
import { arbitraryPod } from '../../testing/pods.ts'
import { loadConfiguration } from '../config/load.ts'
import type { Configuration } from '../config/types.ts'
import { type InjectionResult, injectPod } from '../inject.ts'

/** What came of a Pod, as a webhook would see it. */
function answer(pod: JsonObject, configuration: Configuration): Json {
  const result: InjectionResult = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome !== 'injected') return [result.outcome, JSON.stringify(result)]
  return [result.patchText, JSON.stringify(result.warnings)]
}

/** A configuration of its own has seen nothing yet, so it injects in the ordinary way. */
function ordinary(pod: JsonObject, configuration: Configuration): Json {
  return answer(pod, { ...configuration })
}

function replaced(value: Json, from: string, to: string): Json {
  return JSON.parse(JSON.stringify(value).replaceAll(from, to)) as Json
}

const STANDARD: JsonObject = {
  metadata: {
    generateName: 'storefront-7d9c6b8f5-',
    labels: { app: 'storefront', tier: 'backend', 'pod-template-hash': '7d9c6b8f5' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'storefront-7d9c6b8f5',
        uid: '6f0c1a52-0001-4000-8000-000000000000',
        controller: true,
      },
    ],
  },
  spec: {
    containers: [
      {
        name: 'storefront',
        image: 'registry.example/storefront:1.0',
        readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
        env: [{ name: 'GREETING', value: 'hello there' }],
      },
    ],
  },
}

function named(name: string): JsonObject {
  return replaced(STANDARD, 'storefront', name) as JsonObject
}

/** A sidecar whose template is given; it is named like Istio's, so that the rest of an injection finds it. */
function withTemplate(env: string, mesh = '{}'): Configuration {
  const text = `policy: enabled
templates:
  sidecar: |
    spec:
      containers:
      - name: istio-proxy
        image: proxy
        env:
        - name: WHAT
          value: ${env}
`
  return loadConfiguration({
    config: { source: 'config', text },
    values: { source: 'values', text: '{}' },
    mesh: { source: 'mesh', text: mesh },
  })
}

/** Renders for the configuration so far, by whatever way it takes. */
function variable(pod: JsonObject, configuration: Configuration): Json | undefined {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome !== 'injected') return result.outcome
  return /"name":"WHAT","value":("(?:[^"\\]|\\.)*")/.exec(result.patchText)?.[1]
}

describe.each(lawConfigurations())('Pods that differ in names ($name)', ({ configuration }) => {
  it.each([
    'storefront',
    'inventory',
    'x86-emulator',
    'a'.repeat(80),
    'x',
    'true',
    '0x1f',
    '1e5',
    'istio-proxy',
    'http',
  ])('the workload %s', (name) => {
    for (const warm of ['checkout', 'payments', 'shipping', 'accounts']) answer(named(warm), configuration)
    expect(answer(named(name), configuration)).toEqual(ordinary(named(name), configuration))
  })

  it('any Pod, after others of its shape', () => {
    const word = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
    const anything = fc.oneof({ weight: 4, arbitrary: word }, fc.string({ maxLength: 12 }))
    fc.assert(
      fc.property(
        arbitraryPod({ ownProxy: true }),
        fc.array(fc.tuple(anything, anything), { minLength: 4, maxLength: 5 }),
        (pod, renamings) => {
          const names = namesIn(pod)
          for (const [first, second] of renamings) {
            let other = pod
            if (names[0] !== undefined) other = renamed(other, names[0], first)
            if (names[1] !== undefined) other = renamed(other, names[1], second)
            expect(answer(other, configuration)).toEqual(ordinary(other, configuration))
          }
        },
      ),
      { seed: 71, numRuns: 60 },
    )
  })
})

/** Texts in the Pod that look like names, the longest first. */
function namesIn(pod: JsonObject): readonly string[] {
  const texts = new Set(JSON.stringify(pod).match(/(?<=:")[a-z][a-z0-9-]{3,}(?=")/g) ?? [])
  return [...texts].sort((a, b) => b.length - a.length)
}

/** Only whole texts, so that keys stay what they are. */
function renamed(pod: JsonObject, from: string, to: string): JsonObject {
  return JSON.parse(JSON.stringify(pod).replaceAll(`:"${from}"`, () => `:${JSON.stringify(to)}`)) as JsonObject
}

describe('templates that look at names', () => {
  const names = ['checkout', 'payments', 'shipping', 'gateways', 'web-shop', 'emporium', 'inventory-of-everything']

  it.each([
    '{{ .ObjectMeta.Labels.app }}',
    '"{{ .DeploymentMeta.Name }}.{{ .ObjectMeta.Namespace }}"',
    '{{ toJSON .ObjectMeta.Labels | quote }}',
    '"{{ range $i, $c := .Spec.Containers }}{{ $c.Name }},{{ end }}"',
    '{{ len .ObjectMeta.Labels.app | quote }}',
    '{{ trunc 5 .ObjectMeta.Labels.app }}',
    '{{ trunc 70 .ObjectMeta.Labels.app }}',
    '{{ upper .ObjectMeta.Labels.app }}',
    '{{ sha256sum .ObjectMeta.Labels.app }}',
    '{{ hasPrefix "pay" .ObjectMeta.Labels.app | quote }}',
    '{{ contains "ship" .ObjectMeta.Labels.app | quote }}',
    '{{ regexReplaceAll "[aeiou]" .ObjectMeta.Labels.app "" }}',
    '{{ eq .ObjectMeta.Labels.app "shipping" | quote }}',
    '{{ ne .ObjectMeta.Labels.app .DeploymentMeta.Name | quote }}',
    '{{ lt .ObjectMeta.Labels.app "m" | quote }}',
    '{{ index (strdict "payments" "yes") .ObjectMeta.Labels.app | quote }}',
    '{{ list .ObjectMeta.Labels.app "middle" | sortAlpha | join "," | quote }}',
    '{{ printf "%10s" .ObjectMeta.Labels.app | quote }}',
    '{{ printf "%.3s" .ObjectMeta.Labels.app | quote }}',
    '{{ printf "%s-%v" .ObjectMeta.Labels.app .DeploymentMeta.Name }}',
    '{{ slice .ObjectMeta.Labels.app 0 4 }}',
    '{{ trimSuffix "s" .ObjectMeta.Labels.app }}',
    '{{ trimSuffix "-" .ObjectMeta.Labels.app }}',
    '{{ b64enc .ObjectMeta.Labels.app }}',
    '{{ (index .Spec.Containers 0).Image | splitList ":" | last | quote }}',
    '{{ (index (index .Spec.Containers 0).Env 0).Value | quote }}',
    '{{ .Spec | toString | sha256sum }}',
    '{{ .ObjectMeta | structToJSON | len | quote }}',
    '0{{ .ObjectMeta.Labels.app }}',
    '{{ with .ObjectMeta.Labels.app }}{{ . }}{{ end }}',
    '{{ .ObjectMeta.Labels.app }}: {{ "x" }}',
  ])('%s', (env) => {
    const configuration = withTemplate(env)
    for (const name of names) {
      const pod = named(name)
      expect(variable(pod, configuration), name).toEqual(variable(pod, { ...configuration }))
      expect(answer(pod, configuration)).toEqual(ordinary(pod, configuration))
    }
  })
})

describe('OpenTelemetry’s attributes of a service', () => {
  const mesh = `extensionProviders:
- name: otel
  opentelemetry:
    service: collector.observability.svc.cluster.local
    port: 4317
    serviceAttributeEnrichment: OTEL_SEMANTIC_CONVENTIONS
`

  it.each(['', 'app.kubernetes.io/version'])('which may come from the image, label %j', (label) => {
    const call = 'otelResourceAttributes .MeshConfig .ObjectMeta.Annotations .ObjectMeta.Labels "shop" .Spec.Containers'
    const configuration = withTemplate(`{{ ${call} | quote }}`, mesh)
    for (const [index, name] of ['checkout', 'payments', 'shipping', 'gateways', 'emporium'].entries()) {
      const text = JSON.stringify(named(name)).replace(':1.0"', `:1.${index}"`)
      const pod = JSON.parse(label === '' ? text : text.replace('"tier"', `"${label}"`)) as JsonObject
      expect(answer(pod, configuration)).toEqual(ordinary(pod, configuration))
      expect(variable(pod, configuration)).toContain(
        label === '' ? `service.version=1.${index}` : 'service.version=backend',
      )
    }
  })
})

describe('what makes injecting by shape fast', () => {
  it('needs no more than the patch', () => {
    const configuration = loadConfiguration()
    let rendered = 0
    const counted: Configuration = {
      ...configuration,
      render: {
        ...configuration.render,
        during: (data, render) => {
          rendered += 1
          return configuration.render.during(data, render)
        },
      },
    }
    for (const name of ['checkout', 'payments', 'shipping', 'accounts']) answer(named(name), counted)
    const before = rendered
    for (const name of ['inventory', 'suppliers', 'warehouse']) answer(named(name), counted)
    expect(rendered).toBe(before)
  })
})
