import { describe, expect, it } from 'vitest'
import {
  applyMeshConfig,
  applyProxyConfigAnnotation,
  defaultMeshConfig,
  defaultProxyConfig,
  type EffectiveProxyConfigInput,
  effectiveProxyConfig,
  proxyConfigToJson,
} from './index.ts'

const HEAD = 31

function effective(file: string, rest: Omit<EffectiveProxyConfigInput, 'mesh'>, minor = HEAD) {
  const result = effectiveProxyConfig({ mesh: applyMeshConfig(defaultMeshConfig(minor), file, minor), ...rest }, minor)
  return { ...result, text: proxyConfigToJson(result.config, minor) }
}

const resource = (name: string, namespace: string, spec: object, creationTimestamp = '2024-01-01T00:00:00Z') => ({
  name,
  namespace,
  creationTimestamp,
  spec: { ...spec },
})

describe('where a field of the effective ProxyConfig comes from', () => {
  it('names default, mesh, each level of resources and the annotation', () => {
    const { config, origins, metadataOrigins } = effective('defaultConfig: {statusPort: 1, proxyMetadata: {MESH: m}}', {
      annotation: 'drainDuration: 9s\nproxyMetadata: {POD: p}',
      namespace: 'ns',
      labels: { app: 'a' },
      resources: [
        resource('root', 'istio-system', { concurrency: 1 }),
        resource('ns', 'ns', { environmentVariables: { NS: 'n' } }),
        resource('mine', 'ns', { selector: { matchLabels: { app: 'a' } }, image: { imageType: 'debug' } }),
        resource('other', 'ns', { selector: { matchLabels: { app: 'b' } }, concurrency: 9 }),
      ],
    })
    expect(config.proxyMetadata).toEqual({ MESH: 'm', NS: 'n', POD: 'p' })
    expect(origins.get('configPath')).toEqual({ kind: 'default' })
    expect(origins.get('statusPort')).toEqual({ kind: 'mesh-config' })
    expect(origins.get('concurrency')).toEqual({
      kind: 'resource',
      level: 'mesh',
      namespace: 'istio-system',
      name: 'root',
    })
    expect(origins.get('image')).toEqual({ kind: 'resource', level: 'workload', namespace: 'ns', name: 'mine' })
    expect(origins.get('drainDuration')).toEqual({ kind: 'annotation' })
    expect([...metadataOrigins].map(([key, { kind }]) => [key, kind])).toEqual([
      ['MESH', 'mesh-config'],
      ['NS', 'resource'],
      ['POD', 'annotation'],
    ])
  })

  it('prefers the oldest resource of a level, then the smaller name; an empty selector selects nothing', () => {
    const resources = [
      resource('b', 'ns', { concurrency: 2 }),
      resource('a', 'ns', { concurrency: 1 }),
      resource('young', 'ns', { concurrency: 3 }, '2025-01-01T00:00:00Z'),
      resource('empty', 'ns', { selector: {}, concurrency: 4 }, '2020-01-01T00:00:00Z'),
    ]
    expect(effective('', { namespace: 'ns', resources }).config.concurrency).toBe(1)
  })

  it('reports a resource that cannot be read and goes on without it', () => {
    const { resourceErrors, config } = effective('', {
      namespace: 'ns',
      resources: [resource('bad', 'ns', { concurrency: 'x' }), resource('good', 'ns', { concurrency: 1 })],
    })
    expect(resourceErrors.map(({ name, error }) => [name, error.path])).toEqual([['bad', 'concurrency']])
    expect(config.concurrency).toBe(1)
  })
})

describe('the annotation', () => {
  const mesh = 'defaultConfig: {interceptionMode: TPROXY, tracing: {zipkin: {address: "z:1"}}}'

  it('replaces whole top-level fields', () => {
    expect(effective(mesh, { annotation: 'tracing: {sampling: 5}' }).config.tracing).toEqual({ sampling: 5 })
  })

  it('cannot set a field back to its zero in the webhook, but can in kube-inject', () => {
    const annotation = 'interceptionMode: REDIRECT'
    expect(effective(mesh, { annotation }).config.interceptionMode).toBe('TPROXY')
    expect(effective(mesh, { annotation, mode: 'kube-inject' }).config.interceptionMode).toBeUndefined()
  })

  it('that cannot be read counts for nothing and is reported', () => {
    const { annotationError, config } = effective('', { annotation: 'concurrency: x' })
    expect(annotationError?.path).toBe('concurrency')
    expect(config).toEqual(defaultProxyConfig(HEAD))
    const manual = effective('', { annotation: 'concurrency: x', mode: 'kube-inject' })
    expect(manual.annotationError?.message).toMatch(/^could not parse proxy config: invalid character/)
  })

  it('in 1.8 replaces all metadata, since 1.10 key by key', () => {
    const file = 'defaultConfig: {proxyMetadata: {A: "1", B: "1"}}'
    const annotation = 'proxyMetadata: {B: "2"}'
    expect(effective(file, { annotation }, 8).config.proxyMetadata).toEqual({ B: '2' })
    expect(effective(file, { annotation }, 10).config.proxyMetadata).toEqual({ A: '1', B: '2' })
  })

  it('merges deeply in 1.13 to 1.15', () => {
    const annotation = 'tracing: {sampling: 5}\nconcurrency: 0\nextraStatTags: [b]'
    const file = 'defaultConfig: {tracing: {zipkin: {address: "z:1"}}, extraStatTags: [a]}'
    expect(effective(file, { annotation }, 14).config).toMatchObject({
      tracing: { zipkin: { address: 'z:1' }, sampling: 5 },
      concurrency: 0,
      extraStatTags: ['a', 'b'],
    })
    expect(effective(file, { annotation }, 16).config).toMatchObject({ tracing: { sampling: 5 }, extraStatTags: ['b'] })
  })

  it('keeps some headers of the mesh since 1.19', () => {
    const file =
      'defaultConfig: {proxyHeaders: {server: {disabled: true}, requestId: {disabled: true}, preserveHttp1HeaderCase: true}}'
    const { config } = effective(file, { annotation: 'proxyHeaders: {requestId: {disabled: false}}' })
    expect(config.proxyHeaders).toEqual({ server: { disabled: true }, requestId: { disabled: false } })
  })

  it('gives a whole MeshConfig for kube-inject', () => {
    const changed = applyProxyConfigAnnotation(defaultMeshConfig(HEAD), 'statusPort: 1', HEAD)
    expect(changed.defaultConfig).toMatchObject({ statusPort: 1, configPath: './etc/istio/proxy' })
  })
})
