import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { FinishInput } from './input.ts'
import { rewriteProbes } from './probes.ts'

const INPUT: FinishInput = {
  minor: 31,
  meshStatusPort: 15020,
  meshMergesPrometheus: true,
  rewritesProbes: true,
  environment: new Map(),
}

interface Rewritten {
  readonly app: JsonObject
  readonly probers: unknown
}

function rewritten(app: JsonObject, input: Partial<FinishInput> = {}, annotations: JsonObject = {}): Rewritten {
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app', ...app }, { name: 'istio-proxy' }] } }
  const result = rewriteProbes(pod, { ...INPUT, ...input }, false) as {
    spec: { containers: [JsonObject, { env?: { name: string; value: string }[] }] }
  }
  const [after, proxy] = result.spec.containers
  const told = proxy.env?.find(({ name }) => name === 'ISTIO_KUBE_APP_PROBERS')?.value
  const { name: _name, ...rest } = after
  return { app: rest, probers: told === undefined ? undefined : JSON.parse(told) }
}

function throughAgent(path: string, port = 15020): JsonObject {
  return { httpGet: { path, port } }
}

describe('probes', () => {
  it('ask the agent, which is told where the application is', () => {
    const readinessProbe = {
      httpGet: { path: '/ready', port: 8080, scheme: 'HTTPS' },
      periodSeconds: 3,
      timeoutSeconds: 2,
    }
    expect(rewritten({ readinessProbe })).toEqual({
      app: {
        readinessProbe: {
          httpGet: { path: '/app-health/app/readyz', port: 15020, scheme: 'HTTP' },
          periodSeconds: 3,
          timeoutSeconds: 2,
        },
      },
      probers: {
        '/app-health/app/readyz': { httpGet: { path: '/ready', port: 8080, scheme: 'HTTPS' }, timeoutSeconds: 2 },
      },
    })
  })

  it.each([
    ['tcpSocket', { port: 1 }, { port: 1 }, 12],
    ['grpc', { port: 1 }, { port: 1, service: null }, 13],
    ['grpc', { port: 1, service: 's' }, { port: 1, service: 's' }, 13],
  ])('with %s %j are rewritten too, since 1.%4$i', (kind, action, told, since) => {
    const livenessProbe = { [kind]: action }
    expect(rewritten({ livenessProbe }, { minor: since })).toEqual({
      app: { livenessProbe: throughAgent('/app-health/app/livez') },
      probers: { '/app-health/app/livez': { [kind]: told } },
    })
    expect(rewritten({ livenessProbe }, { minor: since - 1 })).toEqual({ app: { livenessProbe }, probers: undefined })
  })

  it('with a command are not the agent’s', () => {
    const startupProbe = { exec: { command: ['true'] } }
    expect(rewritten({ startupProbe })).toEqual({ app: { startupProbe }, probers: undefined })
  })

  it('by the name of a port are told by its number; a name that no port has cannot be asked', () => {
    const ports = [{ name: 'http', containerPort: 8080 }]
    const readinessProbe = { httpGet: { port: 'http' } }
    expect(rewritten({ ports, readinessProbe }).probers).toEqual({
      '/app-health/app/readyz': { httpGet: { port: 8080 } },
    })
    expect(rewritten({ readinessProbe })).toEqual({
      app: { readinessProbe: throughAgent('/app-health/app/readyz') },
      probers: undefined,
    })
  })

  it('at the status port were rewritten before', () => {
    expect(rewritten({ livenessProbe: { tcpSocket: { port: 15020 } } }).probers).toBeUndefined()
  })

  it.each([
    [{ 'status.sidecar.istio.io/port': '15099' }, 15099],
    [{ 'status.sidecar.istio.io/port': 'x' }, 0],
    [{}, 15020],
  ])('ask the agent at the port of %j', (annotations, port) => {
    const { app } = rewritten({ livenessProbe: { tcpSocket: { port: 1 } } }, {}, annotations)
    expect(app.livenessProbe).toEqual(throughAgent('/app-health/app/livez', port))
  })

  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' }, true, false],
    [{ 'sidecar.istio.io/rewriteAppHTTPProbers': 'true' }, false, true],
    [{ 'sidecar.istio.io/rewriteAppHTTPProbers': 'maybe' }, true, true],
  ])('annotations %j over values %s: %s', (annotations, rewritesProbes, expected) => {
    const { probers } = rewritten({ livenessProbe: { tcpSocket: { port: 1 } } }, { rewritesProbes }, annotations)
    expect(probers !== undefined).toBe(expected)
  })

  it('of a Pod without a proxy stay', () => {
    const pod = { spec: { containers: [{ name: 'app', livenessProbe: { tcpSocket: { port: 1 } } }] } }
    expect(rewriteProbes(pod, INPUT, false)).toBe(pod)
  })
})

describe('lifecycle handlers', () => {
  const lifecycle = { preStop: { httpGet: { path: '/bye', port: 1 } }, postStart: { exec: { command: ['true'] } } }

  it('go through the agent since 1.25', () => {
    expect(rewritten({ lifecycle })).toEqual({
      app: { lifecycle: { preStop: throughAgent('/app-lifecycle/app/prestopz'), postStart: lifecycle.postStart } },
      probers: { '/app-lifecycle/app/prestopz': { httpGet: { path: '/bye', port: 1 } } },
    })
    expect(rewritten({ lifecycle }, { minor: 24 })).toEqual({ app: { lifecycle }, probers: undefined })
  })
})

describe('on re-injection', () => {
  function probersAfter(env: readonly JsonObject[], minor: number): unknown {
    const app = { name: 'app', livenessProbe: { tcpSocket: { port: 1 } } }
    const result = rewriteProbes(
      { spec: { containers: [app, { name: 'istio-proxy', env }] } },
      { ...INPUT, minor },
      true,
    )
    return (result as { spec: { containers: [unknown, { env: unknown }] } }).spec.containers[1].env
  }
  const old = { name: 'ISTIO_KUBE_APP_PROBERS', value: '{"/app-health/other/livez":{"tcpSocket":{"port":2}}}' }
  const added = '"/app-health/app/livez":{"tcpSocket":{"port":1}}'

  it('what the agent knew is kept, and what is new is put to it', () => {
    expect(probersAfter([old], 31)).toEqual([
      { name: 'ISTIO_KUBE_APP_PROBERS', value: `{${added},${old.value.slice(1)}` },
    ])
  })

  it('an agent that knew nothing is told since 1.27', () => {
    expect(probersAfter([], 27)).toEqual([{ name: 'ISTIO_KUBE_APP_PROBERS', value: `{${added}}` }])
    expect(probersAfter([], 26)).toEqual([])
  })

  it('until 1.16 a second variable said it', () => {
    expect(probersAfter([old], 16)).toEqual([old, { name: 'ISTIO_KUBE_APP_PROBERS', value: `{${added}}` }])
  })
})
