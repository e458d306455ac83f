/** Pods for which a name is more than a name: each was answered wrongly after others of its shape, once. */
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import type { Configuration } from '../config/types.ts'
import { injectPod } from '../inject.ts'

function answer(pod: JsonObject, configuration: Configuration): string {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome === 'failed') return result.error.message
  return result.outcome === 'injected' ? `${result.patchText} ${JSON.stringify(result.warnings)}` : result.outcome
}

/** Injects the Pods one after the other, and each by a configuration that has seen nothing. */
function expectOrdinary(pods: readonly JsonObject[], configuration = loadConfiguration()): void {
  for (const pod of pods) expect(answer(pod, configuration)).toEqual(answer(pod, { ...configuration }))
}

interface Parts {
  readonly metadata?: JsonObject
  readonly labels?: JsonObject
  readonly container?: JsonObject
  readonly others?: readonly JsonObject[]
  readonly spec?: JsonObject
}

function podOf(name: string, { metadata, labels, container, others = [], spec }: Parts = {}): JsonObject {
  return {
    metadata: { generateName: 'given-', ...metadata, labels: { app: name, ...labels } },
    spec: { containers: [{ name, image: 'registry.example/app:1', ...container }, ...others], ...spec },
  }
}

function withTemplate(template: string, values = '{}', compat = 'auto'): Configuration {
  const indented = template.split('\n').map((line) => `    ${line}`)
  const text = ['policy: enabled', 'templates:', '  sidecar: |', ...indented, ''].join('\n')
  const sources = { config: { source: 'config', text }, values: { source: 'values', text: values } }
  return loadConfiguration({ ...sources, mesh: { source: 'mesh', text: '{}' } }, { compat })
}

function withVariable(value: string, compat?: string): Configuration {
  const lines = ['spec:', '  containers:', '  - name: istio-proxy', '    image: proxy', '    env:', '    - name: WHAT']
  return withTemplate([...lines, `      value: ${value}`].join('\n'), '{}', compat)
}

const SIDECAR = 'spec:\n  containers:\n  - name: istio-proxy\n    image: proxy'
const PROBED = { readinessProbe: { httpGet: { path: '/ready', port: 8080 } } }

describe('a word of a request', () => {
  it.each(['\n', '\t', '\u0001', 'back\\'])('is none where it begins inside an escape of JSON (%j)', (before) => {
    const word = JSON.stringify(before).slice(2, -1).at(-1) ?? ''
    const name = `${word}w${word}w`
    const pods = ['checkout', name, name].map((each, index) =>
      podOf(each, { container: { env: [{ name: 'TEXT', value: `${before}w${name}` }], args: [`run ${index}`] } }),
    )
    expectOrdinary(pods)
  })

  it('is none where it stands anywhere else too, although it is a part of a longer one', () => {
    const second = { name: 'mmmm', image: 'registry.example/second:1', ...PROBED }
    const pods = ['payments', 'shipping', 'stores', 'quality', 'aaaa-like'].map((name) =>
      podOf(name, { labels: { longer: `xx${name}xx` }, container: PROBED, others: [second] }),
    )
    expectOrdinary(pods)
  })
})

describe('the name of a ReplicaSet', () => {
  function owned(name: string, hash: string, label = 'pod-template-hash'): JsonObject {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'some uid', controller: true }
    const metadata = { generateName: `${name}-`, ownerReferences: [owner] }
    return podOf(name, { metadata, labels: { [label]: hash }, container: { name: 'main' } })
  }
  const alone = ['checkout', 'payments', 'shipping', 'gateways']
  const HASH = '7hjk4lmnp'

  it.each([
    ['of a Deployment with a short name', 'pod-template-hash', `web-${HASH}`],
    ['without a hyphen before the hash', 'pod-template-hash', `shop${HASH}`],
    ['of a Rollout', 'rollouts-pod-template-hash', `inventory-${HASH}`],
  ])('tells what the Pod belongs to: %s', (_, label, name) => {
    expectOrdinary([...alone.map((each) => owned(each, HASH, label)), owned(name, HASH, label)])
    expectOrdinary([owned(name, HASH, label), ...alone.map((each) => owned(`${each}-${HASH}`, HASH, label))])
  })

  it('may have the hash twice, or end with two hashes', () => {
    expectOrdinary([owned(`x-${HASH}-${HASH}`, HASH), owned(`shop-${HASH}`, HASH), owned(`shop-${HASH}-${HASH}`, HASH)])
    const both = ['checkout-wwww', 'payments-wwww', 'shipping-wwww', 'shipping-wwww'].map((name, index) => {
      const pod = owned(name, 'wwww')
      const metadata = pod.metadata as { readonly labels: JsonObject }
      const second = index === 3 ? 'shipping-wwww' : 'other'
      return { ...pod, metadata: { ...metadata, labels: { ...metadata.labels, 'rollouts-pod-template-hash': second } } }
    })
    expectOrdinary(both)
  })
})

describe('the name of the container', () => {
  const names = ['checkout', 'payments', 'emporium', 'inventory']

  it('is sorted among those of init containers with probes', () => {
    const initContainers = [{ name: 'side', image: 'side', restartPolicy: 'Always', ...PROBED }]
    for (const nativeSidecars of [false, true]) {
      const pods = [...names, 'zzzz-top'].map((name) => podOf(name, { container: PROBED, spec: { initContainers } }))
      expectOrdinary(pods, loadConfiguration({}, { nativeSidecars }))
    }
  })

  it('may be one that an earlier injection left, however that wrote it', () => {
    const annotations = { 'sidecar.istio.io/status': '{"containers":["\\u0069nventory"]}' }
    expectOrdinary(names.map((name) => podOf(name, { metadata: { annotations } })))
  })

  it.each([
    ['from a label', '{{ .ObjectMeta.Labels.track }}-agent', 'canary-agent'],
    ['from the values', '{{ .Values.global.meshID }}-agent', 'mesh-agent'],
  ])('may be one that a template makes %s', (_, name, same) => {
    const configuration = withTemplate(`${SIDECAR}\n  - name: ${name}\n    image: agent`, 'global: {meshID: mesh}')
    const pods = [...names, same].map((each) => podOf(each, { labels: { app: 'shop', track: 'canary' } }))
    expectOrdinary(pods, configuration)
  })

  it('may be written by a template that adds to each container', () => {
    const text =
      '\n{{- range .Spec.Containers }}\n  - name: {{ .Name }}\n    env:\n    - name: A\n      value: b\n{{- end }}'
    expectOrdinary(
      [...names, 'true', '1e5'].map((name) => podOf(name)),
      withTemplate(`${SIDECAR}${text}`),
    )
  })
})

describe('a template that writes a name', () => {
  it.each([
    ['as a field of Kubernetes, or nearly', '  {{ .ObjectMeta.Labels.app }}: x', 'contaners'],
    [
      'as the key of a label, which is sorted',
      'metadata:\n  labels:\n    {{ .ObjectMeta.Labels.app }}: x\n    m: z',
      'aaa-g',
    ],
  ])('%s', (_, text, last) => {
    const names = ['quality', 'shipping', 'stores', last]
    const template = text.startsWith('metadata') ? `${text}\n${SIDECAR}` : `${SIDECAR}\n${text}`
    expectOrdinary(
      names.map((name) => podOf(name)),
      withTemplate(template),
    )
  })

  it('as a tag of YAML', () => {
    const names = ['quality', 'shipping', 'stores', 'binary']
    expectOrdinary(
      names.map((name) => podOf(name)),
      withVariable('!{{ "!" }}{{ .ObjectMeta.Labels.app }} MTIz'),
    )
  })

  it('that may be anything, and is overwritten', () => {
    const image = '{{ (index .Spec.Containers 0).Image }}'
    const pods = ['x/a', 'x/bb', 'x/ccc', 'x/dddd', 'no: yaml'].map((each) =>
      podOf('shop', { container: { image: each } }),
    )
    expectOrdinary(pods, withVariable(`${image}\n          value: over`))
  })
})

describe('templates that look at names in ways of their own', () => {
  // They begin as the marks of the names do with which a shape is learned.
  const alike = ['quality', 'query-top', 'qqqqqqqq', 'qwerty']

  it.each([
    ['index of a text', '{{ index .ObjectMeta.Labels.app 0 | quote }}'],
    ['index of a text in a list', '{{ index (list .ObjectMeta.Labels.app) 0 0 | quote }}'],
    ['a comparison in a text that is rendered', '{{ render `{{ lt .ObjectMeta.Labels.app "rrr" }}` | quote }}'],
  ])('%s', (_, value) => {
    expectOrdinary(
      [...alike, 'shop', 'warehouses'].map((name) => podOf(name)),
      withVariable(value, '1.13'),
    )
  })

  it.each([
    ['trimmed', '{{ eq (trim (index .Spec.Containers 0).Image) "foobar" | quote }}', ' foobar '],
    ['trimmed of slashes', '{{ eq (trimPrefix "/" (index .Spec.Containers 0).Image) "foobar" | quote }}', '/foobar'],
    [
      'cut',
      `{{ eq (trunc 63 (index .Spec.Containers 0).Image) "${'ab '.repeat(21)}" | quote }}`,
      `${'ab '.repeat(21)}c d`,
    ],
  ])('what may be anything, %s and compared', (_, value, last) => {
    const images = ['x/a', 'x/bb', 'x/ccc', 'x/dddd', last]
    expectOrdinary(
      images.map((image) => podOf('shop', { container: { image } })),
      withVariable(value),
    )
  })

  it('data that holds one part again and again', () => {
    const loop = '{{ $d := dict "a" .ObjectMeta.Labels.app }}{{ range 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}'
    expectOrdinary(
      alike.map((name) => podOf(name)),
      withVariable(`${loop}x`),
    )
  })
})
