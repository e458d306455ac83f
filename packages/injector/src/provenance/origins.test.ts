import { applyPatch, formatPointer, isArray, isObject, type Json, type JsonObject, type JsonPath } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lawConfigurations } from '../../testing/configurations.ts'
import { arbitraryPod } from '../../testing/pods.ts'
import { withUnknownFields } from '../../testing/unknown-fields.ts'
import { BUILTIN_SIDECAR_TEMPLATE } from '../builtin/sidecar-template.ts'
import { loadConfiguration } from '../config/load.ts'
import type { Configuration } from '../config/types.ts'
import { type InjectionResult, injectPod } from '../inject.ts'
import type { FieldOrigin, Origin } from './types.ts'

type Injected = Extract<InjectionResult, { readonly outcome: 'injected' }>

function inject(pod: JsonObject, configuration: Configuration = loadConfiguration()): Injected {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome !== 'injected') throw new Error(`the Pod was ${result.outcome}`, { cause: result })
  return result
}

function origin(result: Injected, path: string): Origin | undefined {
  return result.origins.find((each) => each.path === path)?.origin
}

/** The line of the built-in template with that text, after a line with another text. */
function builtinLine(text: string, after = ''): { line: number; text: string } {
  const lines = BUILTIN_SIDECAR_TEMPLATE.split('\n').map((line) => line.trim())
  const line = lines.indexOf(text, lines.indexOf(after))
  return { line: line + 1, text }
}

const POD = {
  metadata: { labels: { app: 'shop' }, annotations: { 'prometheus.io/port': '8080' } },
  spec: {
    containers: [{ name: 'app', image: 'shop:1', readinessProbe: { httpGet: { path: '/ready', port: 8080 } } }],
  },
}

describe('the origin of a field', () => {
  const result = inject(POD)

  it('is the line of the template that wrote it, also inside a part that is defined elsewhere', () => {
    expect(origin(result, 'spec.volumes[istio-token].name')).toEqual({
      kind: 'template',
      template: 'sidecar',
      ...builtinLine('- name: istio-token'),
    })
    expect(origin(result, 'spec.containers[istio-proxy].resources.limits.memory')).toMatchObject({
      line: builtinLine('limits:').line + 2,
    })
    expect(origin(result, 'spec.containers[istio-proxy].securityContext.runAsNonRoot')).toMatchObject(
      builtinLine('runAsNonRoot: true', '- name: istio-proxy'),
    )
  })

  it('is the step after the templates that wrote it', () => {
    const step = (path: string): Origin | undefined => origin(result, path)
    expect(step('metadata.annotations["prometheus.io/port"]')).toEqual({ kind: 'finish', step: 'prometheus' })
    expect(step('spec.containers[istio-proxy].env[ISTIO_PROMETHEUS_ANNOTATIONS].value')).toEqual({
      kind: 'finish',
      step: 'prometheus',
    })
    expect(step('spec.containers[istio-proxy].env[ISTIO_KUBE_APP_PROBERS].value')).toEqual({
      kind: 'finish',
      step: 'probes',
    })
    expect(step('spec.containers[app].readinessProbe.httpGet.port')).toEqual({ kind: 'finish', step: 'probes' })
    expect(step('metadata.annotations["sidecar.istio.io/status"]')).toEqual({ kind: 'finish', step: 'metadata' })
  })

  it('is found under the same pointer in the injected Pod', () => {
    const field = result.origins.find(({ path }) => path === 'spec.containers[istio-proxy].env[CA_ADDR].value')
    const removed = applyPatch(result.pod, [{ op: 'remove', path: field?.pointer ?? '' }])
    expect(JSON.stringify(result.pod)).toContain('istiod.istio-system.svc:15012')
    expect(JSON.stringify(removed)).not.toContain('istiod.istio-system.svc:15012')
  })

  it('is worked out once, and only when it is read', () => {
    const lazy = inject(POD)
    expect(Object.hasOwn(lazy, 'origins')).toBe(false)
    expect(lazy.origins).toBe(lazy.origins)
  })
})

describe('what the user set for istio-proxy', () => {
  const proxy = {
    name: 'istio-proxy',
    image: 'auto',
    resources: { limits: { cpu: '3' } },
    securityContext: { runAsUser: 4242 },
  }
  const pod = { spec: { containers: [{ name: 'app', image: 'shop:1' }, proxy] } }
  const result = inject(pod)
  const source = 'container istio-proxy of the Pod'

  it('is kept, and the line that would have changed it is known', () => {
    const cpu = result.origins.find(({ path }) => path === 'spec.containers[istio-proxy].resources.limits.cpu')
    expect(cpu?.change).toBe('kept')
    expect(cpu?.origin).toMatchObject({ kind: 'override', source, over: { line: builtinLine('limits:').line + 1 } })
  })

  it('is also what follows from it: the user id that is not captured, the annotation that remembers it', () => {
    const flag = result.origins.find(({ origin: { kind }, path }) => kind === 'override' && path.includes('istio-init'))
    expect(flag?.path).toBe('spec.initContainers[istio-init].args[6]')
    expect(origin(result, 'metadata.annotations["proxy.istio.io/overrides"]')).toEqual({ kind: 'override', source })
  })

  it('gives way where it says auto', () => {
    const image = result.origins.find(({ path }) => path === 'spec.containers[istio-proxy].image')
    expect(image).toMatchObject({ change: 'changed', origin: { kind: 'template', template: 'sidecar' } })
  })

  it('comes along when the proxy becomes a native sidecar, unknown fields included', () => {
    const native = inject(
      {
        spec: {
          containers: [
            { name: 'app', image: 'shop:1' },
            { ...proxy, madeUp: 1 },
          ],
        },
      },
      loadConfiguration({}, { nativeSidecars: true }),
    )
    expect(origin(native, 'spec.initContainers[istio-proxy].resources.limits.cpu')).toMatchObject({ source })
    expect(origin(native, 'spec.initContainers[istio-proxy].madeUp')).toEqual({ kind: 'override', source })
    expect(native.origins.find(({ path }) => path === 'spec.containers[istio-proxy].madeUp')).toMatchObject({
      change: 'removed',
      origin: { kind: 'template', ...builtinLine('- name: istio-proxy') },
    })
  })

  it('is told from what an annotation remembers', () => {
    const annotations = {
      'proxy.istio.io/overrides': '{"containers":[{"name":"istio-proxy","resources":{"limits":{"cpu":"3"}}}]}',
    }
    const again = inject({ metadata: { annotations }, spec: { containers: [{ name: 'app', image: 'shop:1' }] } })
    expect(origin(again, 'spec.containers[istio-proxy].resources.limits.cpu')).toMatchObject({
      kind: 'override',
      source: 'annotation proxy.istio.io/overrides',
    })
  })
})

describe('several templates', () => {
  const custom = `
spec:
  {{- /* a comment
         of two lines */}}
  containers:
  - name: istio-proxy
    image: {{ if true -}}
      custom:1
    {{- end }}
    env: [
      { name: EXTRA, value: {{ .ObjectMeta.Labels.app | quote }} },
    ]
  dnsConfig: { options: [ { name: ndots, value: "1" } ] }
`
  const config = {
    policy: 'enabled',
    defaultTemplates: ['sidecar', 'custom'],
    templates: { sidecar: BUILTIN_SIDECAR_TEMPLATE, custom },
    injectedAnnotations: { 'shop.example/injected': 'yes' },
  }
  const values = JSON.stringify(loadConfiguration().values)
  const sources = {
    config: { source: 'config', text: JSON.stringify(config) },
    values: { source: 'values', text: values },
  }
  const result = inject(POD, loadConfiguration(sources, { compat: 'current' }))

  it('are told apart, and each is counted by its own lines', () => {
    const line = (path: string): unknown => {
      const found = origin(result, path)
      return found?.kind === 'template' ? [found.template, found.line] : found
    }
    expect(line('spec.containers[istio-proxy].image')).toEqual(['custom', 8])
    expect(line('spec.containers[istio-proxy].env[EXTRA].value')).toEqual(['custom', 11])
    expect(line('spec.dnsConfig.options[0].value')).toEqual(['custom', 13])
    expect(line('spec.containers[istio-proxy].env[CA_ADDR].name')).toEqual([
      'sidecar',
      builtinLine('- name: CA_ADDR').line,
    ])
  })

  it('are told from the annotations of the configuration', () => {
    expect(origin(result, 'metadata.annotations["shop.example/injected"]')).toEqual({
      kind: 'configuration',
      path: 'injectedAnnotations["shop.example/injected"]',
    })
  })
})

describe.each(lawConfigurations())('law of origins ($name)', ({ configuration }) => {
  it('every field that differs has exactly one origin, every other at most one', () => {
    fc.assert(
      fc.property(withUnknownFields(arbitraryPod({ ownProxy: true })), (pod) => {
        const { origins, pod: after } = inject(pod, configuration)
        const pointers = (wanted: (each: FieldOrigin) => boolean): string[] =>
          origins
            .filter(wanted)
            .map(({ pointer }) => pointer)
            .sort()
        const [old, now] = [scalars(pod), scalars(after)]
        expect(pointers(({ change }) => change === 'added' || change === 'changed')).toEqual(differing(now, old))
        expect(pointers(({ change }) => change === 'removed')).toEqual(differing(old, now, true))
        expect(new Set(origins.map(({ change, path }) => `${change === 'moved'} ${path}`)).size).toBe(origins.length)
        for (const each of origins) checkOrigin(each, configuration)
      }),
      { seed: 11, numRuns: 60 },
    )
  })
})

describe('Istio 1.8', () => {
  const template = `
rewriteAppHTTPProbe: true
containers:
- name: istio-proxy
  image: proxy:1
volumes:
- name: istio-envoy
  emptyDir: {}
`
  const sources = {
    config: { source: 'config', text: JSON.stringify({ policy: 'enabled', template }) },
    values: { source: 'values', text: JSON.stringify({ global: { multiCluster: { clusterName: 'east' } } }) },
  }

  it('tells the template from the steps, if coarsely', () => {
    const result = inject(POD, loadConfiguration(sources, { compat: '1.8' }))
    const told = (path: string): Origin | undefined => origin(result, path)
    expect(told('spec.containers[istio-proxy].image')).toMatchObject({ kind: 'template', line: 5 })
    expect(told('spec.volumes[istio-envoy].emptyDir')).toMatchObject({ template: 'sidecar', line: 8 })
    expect(told('spec.containers[app].readinessProbe.httpGet.port')).toMatchObject({ step: 'probes' })
    expect(told('spec.containers[istio-proxy].env[ISTIO_KUBE_APP_PROBERS].value')).toMatchObject({ step: 'probes' })
    expect(told('spec.containers[istio-proxy].env[ISTIO_META_CLUSTER_ID].value')).toMatchObject({ step: 'environment' })
    expect(told('metadata.annotations["prometheus.io/path"]')).toMatchObject({ step: 'prometheus' })
    expect(told('metadata.labels["istio.io/rev"]')).toMatchObject({ step: 'metadata' })
    expect(told('spec.securityContext.fsGroup')).toMatchObject({ kind: 'configuration' })
  })
})

function checkOrigin({ origin: found, path }: FieldOrigin, configuration: Configuration): void {
  if (found.kind === 'finish' && found.step === 'metadata') expect(path).toMatch(/^metadata\./)
  const line = found.kind === 'template' ? found : found.kind === 'override' ? found.over : undefined
  if (line === undefined) return
  const text = configuration.templates.get(line.template)?.text.split('\n')[line.line - 1]
  expect([path, line.text]).toEqual([path, text?.trim()])
  expect(line.text).not.toBe('')
}

/** By their way through the document, with names for places in lists: the pointer and the value of each scalar. */
type Scalars = ReadonlyMap<string, { readonly pointer: string; readonly value: string }>

function scalars(pod: Json): Scalars {
  const found = new Map<string, { pointer: string; value: string }>()
  const visit = (value: Json, names: string, steps: JsonPath): void => {
    if (isArray(value) && value.length > 0) {
      for (const [index, item] of value.entries())
        visit(item, `${names}/${nameOf(item, names, index)}`, [...steps, index])
    } else if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, item] of Object.entries(value)) visit(item, `${names}/${key}`, [...steps, key])
    } else found.set(names, { pointer: formatPointer(steps), value: JSON.stringify(value) })
  }
  visit(pod, '', [])
  return found
}

function nameOf(item: Json, names: string, index: number): string {
  const key = names.endsWith('/volumeMounts') ? 'mountPath' : names.endsWith('/ports') ? 'containerPort' : 'name'
  const keyed = /\/(containers|initContainers|env|volumes|volumeMounts|ports|imagePullSecrets)$/.test(names)
  return keyed && isObject(item) ? String(item[key] ?? index) : String(index)
}

/** Pointers of what is in one but not, or not the same, in the other. What is empty in one and filled in the other is no field. */
function differing(these: Scalars, others: Scalars, absentOnly = false): string[] {
  const holds = (all: Scalars, path: string): boolean => [...all.keys()].some((key) => key.startsWith(`${path}/`))
  return [...these]
    .filter(([path, { value }]) => (absentOnly ? !others.has(path) : others.get(path)?.value !== value))
    .filter(([path]) => !holds(others, path))
    .map(([, { pointer }]) => pointer)
    .sort()
}
