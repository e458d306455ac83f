import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { builtinSources } from '@proa/injector'
import { dumpYaml, isObject, type JsonObject, parseYaml } from '@proa/kube'
import { type InstallationOptions, installationManifests } from '@proa/manifests'
import { describe, expect, it } from 'vitest'
import { renderChart } from './helm-rendering.ts'

const chart = new URL('../../deploy/chart/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, chart), 'utf8')

/** Objects by kind and name, with the texts of ConfigMaps as what they mean. */
function named(objects: readonly JsonObject[]): Record<string, JsonObject> {
  const entries = objects.map((object) => {
    const { name } = object.metadata as { name: string }
    const data = isObject(object.data) ? object.data : undefined
    const texts = Object.entries(data ?? {}).map(([key, text]) => [key, parseYaml(String(text))] as const)
    return [
      `${object.kind} ${name}`,
      data === undefined ? object : { ...object, data: Object.fromEntries(texts) },
    ] as const
  })
  expect(new Set(entries.map(([name]) => name)).size).toBe(objects.length)
  return Object.fromEntries(entries)
}

const cases: Record<string, JsonObject & InstallationOptions & { namespace: string }> = {
  nothing: { namespace: 'istio-system' },
  'another revision and namespace': { namespace: 'mesh', revision: 'canary', tags: ['prod', 'default'] },
  'the ConfigMaps of Istio': {
    namespace: 'istio-system',
    revision: 'proa',
    configuration: { from: 'existing', revision: 'default' },
  },
  'the ConfigMaps of a revision of Istio': {
    namespace: 'istio-system',
    revision: 'proa',
    configuration: { from: 'existing', revision: '1-30' },
  },
  'own texts': {
    namespace: 'istio-system',
    configuration: {
      from: 'own',
      texts: {
        config: 'policy: enabled\ntemplates:\n  sidecar: |\n    spec: {}\n',
        values: '{"a": {"b": 1}}',
        mesh: 'a: b\n',
      },
    },
  },
  'a guard, with all entries': {
    namespace: 'istio-system',
    guard: { actions: ['Deny', 'Audit'] },
    injectUnlabelledNamespaces: true,
    tags: ['prod'],
  },
  'a guard that warns': { namespace: 'istio-system', revision: 'canary', guard: { actions: ['Warn'] } },
  'a deactivated default': { namespace: 'istio-system', deactivated: true, guard: { actions: ['Audit'] } },
  'everything else': {
    namespace: 'mesh',
    image: 'registry.example.com/proa:1',
    imagePullPolicy: 'Always',
    imagePullSecrets: ['pull'],
    replicas: 3,
    workers: 2,
    compat: '1.21',
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
    priorityClassName: 'system-cluster-critical',
    failurePolicy: 'Ignore',
    timeoutSeconds: 3,
    reinvocationPolicy: 'Never',
    networkPolicy: true,
    serviceMonitor: true,
    platform: 'openshift',
    env: { ENABLE_NATIVE_SIDECARS: 'true', A: '1' },
  },
}

describe('the chart renders to what "proa manifests" prints', () => {
  it.each(Object.entries(cases))('with %s', (_, { namespace, ...options }) => {
    const ours = installationManifests({ ...options, namespace, createNamespace: false, managedBy: 'Helm' })
    expect(named(renderChart(chart, { namespace, values: options }))).toEqual(named(ours))
  })

  it.each<[JsonObject, string]>([
    [{ revision: '1.30' }, '"1.30" cannot be part of a name in Kubernetes'],
    [{ tags: ['default'] }, 'tags: "default" is the revision itself'],
    [{ guard: { actions: ['Deny', 'Warn'] } }, 'guard: Deny and Warn cannot be combined'],
    [
      { guard: { actions: ['Deny'] }, configuration: { texts: { config: 'policy: disabled' } } },
      'guard: the policy of the configuration is "disabled"',
    ],
    [
      { guard: { actions: ['Deny'] }, configuration: { texts: { config: 'neverInjectSelector: [{}]' } } },
      'guard: the configuration has a neverInjectSelector',
    ],
  ])('and refuses what it refuses: %j', (values, message) => {
    expect(() => renderChart(chart, { namespace: 'istio-system', values })).toThrow(message)
  })
})

describe('the chart', () => {
  it('brings the built-in configuration (run vitest with -u after a change of it)', async () => {
    const { config, values } = builtinSources()
    const file = (name: string) => fileURLToPath(new URL(name, chart))
    await expect(dumpYaml(parseYaml(config.text))).toMatchFileSnapshot(file('files/config.yaml'))
    await expect(`${JSON.stringify(parseYaml(values.text), null, 2)}\n`).toMatchFileSnapshot(file('files/values.json'))
  })

  it('has the version of the packages', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(parseYaml(read('Chart.yaml'))).toMatchObject({ version, appVersion: version })
  })

  it('has a schema that knows each value', () => {
    const { properties } = JSON.parse(read('values.schema.json')) as { properties: Record<string, unknown> }
    expect(Object.keys(properties).sort()).toEqual(Object.keys(parseYaml(read('values.yaml')) as JsonObject).sort())
  })
})
