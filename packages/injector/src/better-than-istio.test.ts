/**
 * Where the result differs from Istio's on purpose. Each test says what Istio does; the gaps are those that were found by
 * reading its code.
 */
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from './config/load.ts'
import type { Configuration, ConfigurationOptions } from './config/types.ts'
import { containersOf } from './data/fields.ts'
import { type InjectionResult, injectPod } from './inject.ts'

const APP: JsonObject = { name: 'app', image: 'app:1' }

function inject(pod: JsonObject, configuration: Configuration = loadConfiguration()): InjectionResult {
  return injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
}

function injected(pod: JsonObject, configuration?: Configuration): JsonObject {
  const result = inject(pod, configuration)
  if (result.outcome !== 'injected') throw new Error(`the Pod was ${result.outcome}`, { cause: result })
  return result.pod
}

function templates(
  texts: Readonly<Record<string, string>>,
  options: ConfigurationOptions = {},
  defaults = ['sidecar'],
) {
  const text = JSON.stringify({ policy: 'enabled', defaultTemplates: defaults, templates: texts })
  return loadConfiguration({ config: { source: 'config', text } }, { compat: 'current', ...options })
}

function names(pod: JsonObject, list: 'containers' | 'initContainers'): unknown[] {
  return containersOf(pod, list).map(({ name }) => name)
}

describe('unknown fields stay with their container', () => {
  it('when init containers are moved about (Istio’s patch goes by index, so the field lands on istio-init)', () => {
    const pod = {
      spec: {
        initContainers: [{ name: 'migrate', image: 'migrate:1', madeUp: { by: 'tomorrow’s Kubernetes' } }],
        containers: [{ ...APP, alsoMadeUp: [1, 2] }],
        madeUpToo: true,
      },
    }
    const result = injected(pod, loadConfiguration({}, { nativeSidecars: true }))
    expect(names(result, 'initContainers')).toEqual(['istio-init', 'istio-proxy', 'migrate'])
    expect(containersOf(result, 'initContainers')[2]).toEqual(pod.spec.initContainers[0])
    expect(containersOf(result, 'containers')).toEqual(pod.spec.containers)
    expect(result.spec).toMatchObject({ madeUpToo: true })
  })

  it('when the user’s own istio-proxy becomes a native sidecar', () => {
    const pod = { spec: { containers: [{ name: 'istio-proxy', image: 'auto', madeUp: 'mine' }, APP] } }
    const result = injected(pod, loadConfiguration({}, { nativeSidecars: true }))
    expect(names(result, 'containers')).toEqual(['app'])
    expect(containersOf(result, 'initContainers').find(({ name }) => name === 'istio-proxy')).toMatchObject({
      madeUp: 'mine',
    })
  })
})

describe('a malformed status annotation is an error', () => {
  it.each(['{"containers":"x"}', '{"initContainers":[1]}', 'not JSON', '[]'])(
    '%j (Istio’s handler crashes on some of these, and the API server sees a broken connection)',
    (status) => {
      const pod = { metadata: { annotations: { 'sidecar.istio.io/status': status } }, spec: { containers: [APP] } }
      expect(inject(pod)).toMatchObject({
        outcome: 'failed',
        error: { code: 'InvalidStatus', path: 'metadata.annotations["sidecar.istio.io/status"]' },
      })
    },
  )
})

describe('one resource annotation keeps the other defaults', () => {
  it('in the built-in template (Istio’s drops all three others)', () => {
    const pod = { metadata: { annotations: { 'sidecar.istio.io/proxyCPU': '250m' } }, spec: { containers: [APP] } }
    const proxy = containersOf(injected(pod), 'containers').find(({ name }) => name === 'istio-proxy')
    expect(proxy?.resources).toEqual({
      requests: { cpu: '250m', memory: '128Mi' },
      limits: { cpu: '2', memory: '1Gi' },
    })
  })
})

describe('a custom template that names istio-proxy', () => {
  const customize = 'spec:\n  containers:\n  - name: istio-proxy\n    env:\n    - name: CUSTOM\n      value: "1"\n'
  const native = 'spec:\n  initContainers:\n  - name: istio-proxy\n    image: proxy\n    restartPolicy: Always\n'

  it('customises the native sidecar (Istio then has two containers of that name, which the API server refuses)', () => {
    const configuration = templates({ native, customize }, { nativeSidecars: true }, ['native', 'customize'])
    const result = injected({ spec: { containers: [APP] } }, configuration)
    expect(names(result, 'containers')).toEqual(['app'])
    expect(containersOf(result, 'initContainers')).toMatchObject([
      { name: 'istio-proxy', image: 'proxy', env: [{ name: 'CUSTOM', value: '1' }] },
    ])
  })

  it('does so in whatever order the two come', () => {
    const configuration = templates({ native, customize }, { nativeSidecars: true }, ['customize', 'native'])
    const result = injected({ spec: { containers: [APP] } }, configuration)
    expect([...names(result, 'containers'), ...names(result, 'initContainers')]).toEqual(['app', 'istio-proxy'])
  })
})

describe('what Istio only writes to its own log is said', () => {
  it('an inject value that means nothing', () => {
    const pod = { metadata: { labels: { 'sidecar.istio.io/inject': 'True' } }, spec: { containers: [APP] } }
    expect(inject(pod).warnings).toContainEqual(expect.objectContaining({ code: 'InvalidInjectValue' }))
  })

  it('a policy that switches the whole mesh off', () => {
    const text = JSON.stringify({ policy: 'Enabled', templates: {} })
    const configuration = loadConfiguration({ config: { source: 'injector.yaml', text } }, { compat: 'current' })
    expect(configuration.problems).toContainEqual(
      expect.objectContaining({ source: 'injector.yaml', path: 'policy', hint: 'use enabled or disabled' }),
    )
    expect(inject({ spec: { containers: [APP] } }, configuration).decision.reason).toBe('PolicyUnknown')
  })
})

describe('did you mean', () => {
  it('a template that there is', () => {
    const pod = { metadata: { annotations: { 'inject.istio.io/templates': 'sidcar' } }, spec: { containers: [APP] } }
    expect(inject(pod)).toMatchObject({
      outcome: 'failed',
      error: { code: 'UnknownTemplate', hint: 'did you mean "sidecar"?' },
    })
  })

  it('an annotation that there is', () => {
    const pod = { metadata: { annotations: { 'sidecar.istio.io/proxyCpu': '1' } }, spec: { containers: [APP] } }
    expect(inject(pod).warnings.map(({ message }) => message)).toEqual([
      'annotation sidecar.istio.io/proxyCpu is unknown: did you mean sidecar.istio.io/proxyCPU?',
    ])
  })

  it('a key that the template writes (Istio drops it without a word)', () => {
    const text =
      'spec:\n  contianers: []\n  containers:\n  - name: istio-proxy\n    resources: {limits: {a: 1}, limit: {}}\n'
    const { warnings } = inject({ spec: { containers: [APP] } }, templates({ sidecar: text }))
    const dropped = 'which no Pod has, so it is dropped; did you mean'
    expect(warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      `config.templates.sidecar: the template writes spec.contianers, ${dropped} "containers"?`,
      `config.templates.sidecar: the template writes spec.containers[0].resources.limit, ${dropped} "limits"?`,
    ])
  })

  it('a key of the configuration', () => {
    const text = JSON.stringify({ policy: 'enabled', template: '', defaultTemplate: ['a'] })
    const { problems } = loadConfiguration({ config: { source: 'injector.yaml', text } }, { compat: 'current' })
    expect(problems).toContainEqual(
      expect.objectContaining({ path: 'defaultTemplate', hint: 'did you mean "defaultTemplates"?' }),
    )
  })

  it('a field of the template’s data that there is', () => {
    const configuration = templates({ sidecar: '{{ .ProxyImge }}' })
    expect(inject({ spec: { containers: [APP] } }, configuration)).toMatchObject({
      outcome: 'failed',
      error: { code: 'TemplateFailed', hint: 'did you mean "ProxyImage"?' },
    })
    const old = templates({ sidecar: '{{ .EstimatedConcurrency }}' })
    expect(inject({ spec: { containers: [APP] } }, old)).toMatchObject({
      error: {
        hint: 'Istio has EstimatedConcurrency 1.11 to 1.17: choose the release of this configuration with compat',
      },
    })
  })
})
