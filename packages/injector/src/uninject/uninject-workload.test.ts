import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { injectWorkload } from '../workload/inject-workload.ts'
import { uninjectWorkload } from './uninject-workload.ts'

const CONFIGURATION = loadConfiguration()

function workload(metadata: JsonObject, spec: JsonObject): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart' },
    spec: { template: { metadata, spec } },
  }
}

function injected(object: JsonObject): JsonObject {
  const result = injectWorkload(object, CONFIGURATION, { mode: 'manual' })
  if (result.kind !== 'injected') throw new Error(result.kind, { cause: result })
  return result.object
}

const LABELLED = { labels: { app: 'cart' } }
const APP = { name: 'app', image: 'a', ports: [{ name: 'http', containerPort: 8080 }] }

describe('undoing an injection', () => {
  it.each([
    ['a plain Pod', LABELLED, { containers: [APP] }],
    ['labels and annotations', { labels: { app: 'cart' }, annotations: { note: 'x' } }, { containers: [APP] }],
    [
      'the annotations of Prometheus',
      { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/m' } },
      { containers: [APP] },
    ],
    [
      'probes of every kind',
      LABELLED,
      {
        containers: [
          {
            ...APP,
            readinessProbe: { httpGet: { path: '/ready', port: 'http', scheme: 'HTTPS' }, periodSeconds: 3 },
            livenessProbe: { tcpSocket: { port: 9 } },
            startupProbe: { grpc: { port: 9, service: 's' }, timeoutSeconds: 2 },
            lifecycle: { preStop: { httpGet: { port: 9 } } },
          },
        ],
      },
    ],
    [
      'the user’s own settings of istio-proxy',
      LABELLED,
      { containers: [APP, { name: 'istio-proxy', image: 'auto', resources: { limits: { cpu: '2000m' } } }] },
    ],
    [
      'the group that old releases of Istio ask for',
      LABELLED,
      { securityContext: { fsGroup: 1337 }, containers: [APP] },
    ],
    [
      'volumes and init containers',
      LABELLED,
      { initContainers: [{ name: 'migrate', image: 'm' }], containers: [APP], volumes: [{ name: 'v', emptyDir: {} }] },
    ],
  ])('restores %s', (_, metadata, spec) => {
    const object = workload(metadata, spec)
    const result = uninjectWorkload(injected(object))
    expect(result).toMatchObject({ kind: 'restored' })
    expect(result.kind === 'restored' && result.object).toEqual(object)
  })

  it('says so where there is nothing to undo', () => {
    expect(uninjectWorkload(workload({}, { containers: [APP] }))).toEqual({ kind: 'not-injected' })
    expect(uninjectWorkload({ apiVersion: 'apps/v1', kind: 'Deployment', spec: {} })).toEqual({ kind: 'not-injected' })
    expect(uninjectWorkload({ apiVersion: 'v1', kind: 'Service' })).toEqual({ kind: 'not-a-workload' })
  })

  it('fails where the annotations that tell what was added cannot be read', () => {
    const broken = workload({ annotations: { 'sidecar.istio.io/status': '{' } }, { containers: [APP] })
    expect(uninjectWorkload(broken)).toMatchObject({ kind: 'failed', error: { code: 'InvalidStatus' } })
  })
})
