import { clusterOf, SNAPSHOT_API_VERSION, SNAPSHOT_KIND } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, scriptedServer, statusOf } from '../../../kube-client/testing/scripted-server.ts'
import { readLogs } from './logs.ts'
import { createReader } from './reader.ts'

interface ContainerState {
  readonly name: string
  readonly ready: boolean
  readonly restarts?: number
  /** It never ran. */
  readonly waits?: boolean
}

function pod(namespace: string, name: string, states: readonly ContainerState[]): JsonObject {
  const ready = states.every((state) => state.ready) ? 'True' : 'False'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { containers: states.map((state) => ({ name: state.name })) },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      containerStatuses: states.map((state) => ({
        name: state.name,
        ready: state.ready,
        restartCount: state.restarts ?? 0,
        state: state.waits === true ? { waiting: { reason: 'ImagePullBackOff' } } : { running: {} },
      })),
    },
  }
}

const injector: readonly JsonObject[] = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector' },
    webhooks: [
      {
        name: 'sidecar-injector.istio.io',
        clientConfig: { service: { namespace: 'istio-system', name: 'istiod', path: '/inject' } },
      },
    ],
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'istio-system', name: 'istiod-x', labels: { 'kubernetes.io/service-name': 'istiod' } },
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'istiod-1' } },
    ],
    ports: [{ port: 15017 }],
  },
]

async function logsOf(objects: readonly JsonObject[]): Promise<string[]> {
  const server = await scriptedServer(({ path, query }, response) => {
    const previous = query.get('previous') === 'true'
    if (path.includes('refused')) answer(response, 400, statusOf(400, 'BadRequest', 'no log'))
    else
      response.end(
        `${query.get('tailLines')} ${query.get('container')}${previous ? ' before' : ''} token=abcdefgh12345678\n`,
      )
  })
  onTestFinished(() => server.close())
  const snapshot = { objects, unread: [], probes: [], logs: [], takenAt: '2026-08-01T00:00:00Z' } as const
  const source = { kind: 'files', paths: [] } as const
  const cluster = clusterOf({ apiVersion: SNAPSHOT_API_VERSION, kind: SNAPSHOT_KIND, source, ...snapshot })
  const logs = await readLogs(createReader(await server.client(), { signal: undefined, timeout: 5000 }), cluster)
  return logs.map(({ pod: name, previous, tail }) => `${name} ${previous ? '(previous) ' : ''}${tail.trim()}`)
}

describe('logs', () => {
  it('of an injector that is not ready or was started again, without tokens', async () => {
    const states = [
      { name: 'discovery', ready: false, restarts: 3 },
      { name: 'well', ready: true },
    ]
    expect(await logsOf([...injector, pod('istio-system', 'istiod-1', states)])).toEqual([
      'istiod-1 50 discovery token=redacted',
      'istiod-1 (previous) 50 discovery before token=redacted',
    ])
  })

  it('of the proxies in Pods that do not become ready, at most of twenty', async () => {
    const troubled = (name: string) =>
      pod('shop', name, [
        { name: 'web', ready: false },
        { name: 'istio-proxy', ready: false },
      ])
    const logs = await logsOf([
      pod('shop', 'well', [{ name: 'istio-proxy', ready: true }]),
      pod('shop', 'without', [{ name: 'web', ready: false }]),
      pod('shop', 'waits', [{ name: 'istio-proxy', ready: false, waits: true }]),
      ...Array.from({ length: 30 }, (_, index) => troubled(`web-${index}`)),
    ])
    expect(logs[0]).toBe('web-0 50 istio-proxy token=redacted')
    // The Pod whose proxy never ran counts, and has no log.
    expect(logs).toHaveLength(19)
  })

  it('that cannot be read are not there', async () => {
    expect(await logsOf([pod('shop', 'refused', [{ name: 'istio-proxy', ready: false }])])).toEqual([])
  })
})
