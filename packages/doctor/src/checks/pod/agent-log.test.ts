import { describe, expect, it } from 'vitest'
import { notReadyReason, reachProblem, rejection } from './agent-log.ts'

describe('why a proxy is not ready', () => {
  const notReady =
    'warn\tEnvoy proxy is NOT ready: config not received from XDS server (is Istiod running?): cds updates: 0 successful'
  it('is its last word about that', () => {
    expect(notReadyReason(['info\tstarting', notReady, 'info\tother'])).toMatch(/^config not received/)
    expect(notReadyReason([notReady, 'info\tEnvoy proxy is ready'])).toBeUndefined()
    expect(notReadyReason([])).toBeUndefined()
  })
})

describe('a refused configuration', () => {
  it('has its type, in old and new releases of Envoy', () => {
    const line =
      'warning\tgRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: Error adding cluster'
    expect(rejection(['x', line])).toEqual({ type: 'Cluster', line })
    const old = 'gRPC config for type.googleapis.com/envoy.api.v2.Listener rejected: no'
    expect(rejection([old])?.type).toBe('Listener')
    expect(rejection(['nothing'])).toBeUndefined()
  })
})

describe('the way to the control plane', () => {
  const dialing = (why: string): string =>
    `error\tcitadelclient\tfailed to sign CSR: create certificate: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp ${why}"`

  it.each([
    [dialing('10.96.0.20:15012: i/o timeout'), 'timeout', '10.96.0.20:15012'],
    [dialing('10.96.0.20:15012: connect: connection refused'), 'refused', '10.96.0.20:15012'],
    [dialing('[fd00::14]:15012: connect: no route to host'), 'route', '[fd00::14]:15012'],
    [dialing(': lookup istiod.istio-system.svc on 10.96.0.10:53: no such host'), 'dns', 'istiod.istio-system.svc'],
    [
      'error\txdsproxy\tfailed to connect to delta upstream istiod.istio-system.svc:15012: context deadline exceeded: connection error: desc = "transport: authentication handshake failed: x509: certificate has expired"',
      'tls',
      'istiod.istio-system.svc:15012',
    ],
    [
      'warn\tsds\tfailed to warm certificate: rpc error: code = Unauthenticated desc = authentication failure',
      'token',
      undefined,
    ],
    ['warn\tca\tca request failed: rpc error: code = PermissionDenied desc = not authorized', 'permission', undefined],
  ])('%s', (line, cause, address) => {
    expect(reachProblem(['info\tstarting', line])).toEqual({ cause, address, line })
  })

  it('is open again when the log says so', () => {
    const failed = dialing('10.96.0.20:15012: i/o timeout')
    expect(
      reachProblem([failed, 'info\txdsproxy\tconnected to delta upstream XDS server: istiod:15012']),
    ).toBeUndefined()
    expect(reachProblem([failed, 'info\tcache\tgenerated new workload certificate'])).toBeUndefined()
  })

  it('is no matter of the words of the application, nor of streams that istiod closes', () => {
    expect(reachProblem(['dial tcp 10.0.0.1:5432: connection refused'])).toBeUndefined()
    expect(
      reachProblem(['warning\tenvoy config StreamAggregatedResources gRPC config stream closed: 13, ']),
    ).toBeUndefined()
  })
})
