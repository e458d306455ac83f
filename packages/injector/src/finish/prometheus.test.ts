import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { FinishInput } from './input.ts'
import { announceSecurePort, mergePrometheus } from './prometheus.ts'

const INPUT: FinishInput = {
  minor: 31,
  meshStatusPort: 15020,
  meshMergesPrometheus: true,
  rewritesProbes: true,
  environment: new Map(),
}
const AGENT = {
  'prometheus.io/port': '15020',
  'prometheus.io/path': '/stats/prometheus',
  'prometheus.io/scrape': 'true',
}

function podWith(annotations: JsonObject, env: readonly JsonObject[] = []): JsonObject {
  return { metadata: { annotations }, spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', env }] } }
}

/** The annotations afterwards, and what the agent is told. */
function merged(annotations: JsonObject, input: Partial<FinishInput> = {}): { annotations: unknown; told: unknown } {
  const pod = mergePrometheus(podWith(annotations), { ...INPUT, ...input })
  const after = pod as {
    metadata: { annotations: unknown }
    spec: { containers: [unknown, { env: { value: string }[] }] }
  }
  return { annotations: after.metadata.annotations, told: after.spec.containers[1].env[0]?.value }
}

describe('merging the metrics of application and proxy', () => {
  it('points Prometheus at the agent, and tells the agent where the application is', () => {
    expect(
      merged({ 'prometheus.io/port': '8080', 'prometheus.io/path': '/m', 'prometheus.io/scrape': 'true' }),
    ).toEqual({
      annotations: AGENT,
      told: '{"scrape":"true","path":"/m","port":"8080"}',
    })
    expect(merged({ other: 'kept' })).toEqual({ annotations: { other: 'kept', ...AGENT }, told: undefined })
  })

  it('takes other spellings for the same annotations since 1.13', () => {
    const annotations = { 'prometheus-io/port': '8080' }
    expect(merged(annotations)).toEqual({ annotations: AGENT, told: '{"scrape":"","path":"","port":"8080"}' })
    expect(merged(annotations, { minor: 12 })).toEqual({ annotations: { ...annotations, ...AGENT }, told: undefined })
  })

  it.each([
    ['the application wants no scraping', { 'prometheus.io/scrape': 'false' }, {}],
    ['the Pod wants no merging', { 'prometheus.istio.io/merge-metrics': 'false' }, {}],
    ['the mesh wants no merging', { 'prometheus.io/port': '8080' }, { meshMergesPrometheus: false }],
    ['the port is the agent’s already', { 'prometheus.io/port': '15020' }, {}],
  ])('is left alone where %s', (_, annotations, input) => {
    expect(merged(annotations, input)).toEqual({ annotations, told: undefined })
  })

  it('asks the Pod before the mesh', () => {
    const { annotations } = merged({ 'prometheus.istio.io/merge-metrics': 'true' }, { meshMergesPrometheus: false })
    expect(annotations).toMatchObject(AGENT)
  })

  it('knows several targets since 1.31; port and path are those of the first', () => {
    const annotations = { 'prometheus.istio.io/scrape-targets': '8080:/a, 9090' }
    expect(merged(annotations)).toEqual({
      annotations: AGENT,
      told: '{"scrape":"","path":"/a","port":"8080","targets":[{"port":"8080","path":"/a"},{"port":"9090","path":"/metrics"}]}',
    })
    expect(merged(annotations, { minor: 30 }).told).toBeUndefined()
  })

  it.each([
    [{ 'prometheus.io/port': 'http' }, 'invalid prometheus scrape configuration: invalid port "http"'],
    [{ 'prometheus.io/port': '0' }, 'invalid prometheus scrape configuration: invalid port "0"'],
    [
      { 'prometheus.io/port': '15021' },
      'invalid prometheus scrape configuration: port 15021 is reserved for Istio (Envoy health) and cannot be scraped',
    ],
    [
      { 'prometheus.istio.io/scrape-targets': '8080,15020:/x' },
      'invalid prometheus scrape targets: target port 15020 conflicts with agent port',
    ],
  ])('refuses %j since 1.31', (annotations, message) => {
    expect(() => merged(annotations)).toThrow(message)
    expect(() => merged(annotations, { minor: 30 })).not.toThrow()
  })
})

describe('the secure port of the merged metrics', () => {
  const port = (annotations: JsonObject, value: string, minor = 31): unknown => {
    const pod = podWith(annotations, [{ name: 'ENVOY_SECURE_MERGED_METRICS_PORT', value }])
    const after = announceSecurePort(pod, { ...INPUT, minor }) as { metadata: { annotations: JsonObject } }
    return after.metadata.annotations['prometheus.istio.io/secure-port']
  }

  it('is announced where the proxy has one and nobody else did', () => {
    expect(port({}, '15091')).toBe('15091')
    expect(port({}, '0')).toBeUndefined()
    expect(port({ 'prometheus.istio.io/secure-port': '1' }, '15091')).toBe('1')
    expect(port({ 'prometheus_istio_io/secure-port': '1' }, '15091')).toBeUndefined()
    expect(port({}, '15091', 30)).toBeUndefined()
  })
})
