import { describe, expect, it } from 'vitest'
import { InjectionConfigurationError } from '../errors.ts'
import { injectPod } from '../inject.ts'
import { loadConfiguration } from './load.ts'

function config(value: unknown, source = 'config.yaml') {
  return { config: { source, text: typeof value === 'string' ? value : JSON.stringify(value) } }
}

function problemOf(load: () => unknown) {
  try {
    load()
  } catch (error) {
    if (error instanceof InjectionConfigurationError) return error.problem
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('a configuration that cannot be used names source, place and reason', () => {
  it.each([
    ['text that is not YAML', config('policy: enabled\ntemplates: {a'), { source: 'config.yaml', line: 2 }],
    [
      'a template that does not parse',
      config({ templates: { mine: 'a\n{{ nofunc }}' } }),
      { path: 'templates.mine', line: 1 },
    ],
    ['templates that are no texts', config({ templates: { mine: { spec: {} } } }), { path: 'templates.mine' }],
    ['aliases that are no lists', config({ aliases: { both: 'a,b' } }), { path: 'aliases.both' }],
    ['selectors that are no list', config({ neverInjectSelector: {} }), { path: 'neverInjectSelector' }],
    [
      'values of a wrong type',
      { values: { source: 'values.yaml', text: 'global: {hub: []}' } },
      { source: 'values.yaml' },
    ],
    [
      'a mesh of a wrong type',
      { mesh: { source: 'mesh.yaml', text: 'defaultConfig: {statusPort: x}' } },
      { source: 'mesh.yaml' },
    ],
    [
      'a mesh that Istio refuses',
      { mesh: { source: 'mesh.yaml', text: 'proxyListenPort: 70000' } },
      { source: 'mesh.yaml', reason: expect.stringContaining('port number 70000 must be in the range 1..65535') },
    ],
  ])('%s', (_what, sources, where) => {
    expect(problemOf(() => loadConfiguration(sources))).toMatchObject(where)
  })

  it('a release that is none', () => {
    expect(problemOf(() => loadConfiguration({}, { compat: '2.0' }))).toMatchObject({ source: 'compat' })
    expect(problemOf(() => loadConfiguration({}, { compat: '1.7' }))).toMatchObject({ source: 'compat' })
  })
})

describe('the release that is followed', () => {
  const values = (tag: unknown) => ({ values: { source: 'values', text: JSON.stringify({ global: { tag } }) } })

  it.each([
    ['1.21.6', '1.21'],
    ['1.24.6-distroless', '1.24'],
    [1.12, '1.12'],
    ['latest', 'current'],
    ['1.99.0', 'current'],
    [undefined, 'current'],
  ])('is read from the image tag %j: %s', (tag, name) => {
    const { release } = loadConfiguration({ ...config({ policy: 'enabled' }), ...values(tag) }).decision
    expect(release.name).toBe(name)
  })

  it('says how it was chosen', () => {
    const chosen = loadConfiguration({ ...config({ policy: 'enabled' }), ...values('1.21.6') }).decision.release
    expect(chosen).toMatchObject({ minor: 21, chosenBy: 'image-tag', evidence: '1.21.6' })
    expect(loadConfiguration({}, { compat: '1.11' }).decision.release).toMatchObject({ minor: 11, chosenBy: 'compat' })
    expect(loadConfiguration().decision.release).toMatchObject({ name: 'current', chosenBy: 'default' })
  })

  it('can be older for the decision than for the built-in template, which follows the newest', () => {
    const configuration = loadConfiguration({}, { compat: '1.8' })
    expect([configuration.decision.release.minor, configuration.minor]).toEqual([8, 31])
  })
})

describe('the built-in configuration', () => {
  it('takes a user’s values over its own, as Helm does', () => {
    const values = { source: 'mine', text: 'global: {hub: registry.example/istio, tag: 1.29.1}' }
    const result = injectPod(
      { pod: { spec: { containers: [{ name: 'a', image: 'a' }] } }, mode: 'manual' },
      loadConfiguration({ values }),
    )
    expect(result.outcome === 'injected' ? result.patchText : result.outcome).toContain(
      'registry.example/istio/proxyv2:1.29.1',
    )
  })
})

describe('values', () => {
  it('that templates need and nobody gives are reported', () => {
    const problemsOf = (text: string) =>
      loadConfiguration(config({ policy: 'enabled', templates: { sidecar: text } })).problems
    expect(problemsOf('{{ .Values.global.hub }}')).toMatchObject([{ source: 'values' }])
    expect(problemsOf('spec: {}')).toEqual([])
  })

  it('are the same for every Pod, although a template changes them', () => {
    const template = '{{ $_ := set .Values "seen" "yes" }}metadata: {labels: {seen: "{{ .Values.before }}"}}'
    const counting = template
      .replace('.Values.before', 'hasKey .Values "again"')
      .replace('"seen" "yes"', '"again" "yes"')
    const text = `{{ if hasKey .Values "again" }}{{ fail "seen before" }}{{ end }}${counting}`
    const configuration = loadConfiguration(config({ policy: 'enabled', templates: { sidecar: text } }), {
      compat: 'current',
    })
    for (const name of ['a', 'b']) {
      const pod = { metadata: { name }, spec: { containers: [{ name: 'a', image: 'a' }] } }
      expect(injectPod({ pod, mode: 'webhook' }, configuration).outcome).toBe('injected')
    }
  })
})

describe('the template function render', () => {
  const rendered = (compat: string) => {
    const text = 'metadata: {labels: {said: {{ render .Values.text | quote }}}}'
    const values = {
      source: 'values',
      text: JSON.stringify({ text: 'pod {{ .ObjectMeta.Name }}{{ render .Values.text }}' }),
    }
    const configuration = loadConfiguration(
      { ...config({ policy: 'enabled', templates: { sidecar: text } }), values },
      { compat },
    )
    return injectPod({ pod: { metadata: { name: 'a' }, spec: { containers: [] } }, mode: 'webhook' }, configuration)
  }

  it('renders a text with the same data, and a text that renders itself comes to an end', () => {
    const result = rendered('1.13')
    expect(result).toMatchObject({ outcome: 'injected' })
    expect(result.outcome === 'injected' ? result.patchText : result.outcome).toMatch(/"said":"(pod a){16}"/)
  })

  it('is gone since 1.14', () => {
    expect(problemOf(() => rendered('1.14'))).toMatchObject({
      reason: expect.stringContaining('function "render" not defined'),
    })
  })
})

describe('a template that does not parse', () => {
  const lineOf = (text: string) => problemOf(() => loadConfiguration({ config: { source: 'f', text } })).line

  it('is found by its line in the file, not inside the template', () => {
    expect(lineOf('policy: enabled\ntemplates:\n  a: ""\n  sidecar: |\n    x\n    {{ nope }}\n')).toBe(6)
    expect(lineOf('templates:\n  sidecar: "x\\n{{ nope }}"\n')).toBe(2)
  })
})

it('a configuration without templates is odd, and that of Istio 1.8 is recognised', () => {
  const hints = (value: object) =>
    loadConfiguration(config(value), { compat: 'current' }).problems.map(({ hint }) => hint)
  expect(hints({ policy: 'enabled' })).toEqual(['give the key config of the ConfigMap istio-sidecar-injector'])
  expect(hints({ policy: 'enabled', template: '' })[0]).toContain('Istio 1.8')
  expect(hints({ policy: 'enabled', template: '', templates: { sidecar: '' } })).toEqual([])
})
