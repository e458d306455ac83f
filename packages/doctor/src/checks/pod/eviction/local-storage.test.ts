import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../../../testing/fixture.ts'
import { clusterOf } from '../../../cluster/cluster.ts'
import { sidecarOf } from '../../../subjects/sidecar.ts'
import { blockingVolumes, SAFE_VOLUMES } from './local-storage.ts'
import { INJ332 } from './safe-to-evict.ts'

const pod = (volumes: readonly JsonObject[], listed?: string): JsonObject => ({
  metadata: {
    annotations: {
      'sidecar.istio.io/status': '{"volumes":["istio-data","workload-socket"]}',
      ...(listed === undefined ? {} : { [SAFE_VOLUMES]: listed }),
    },
  },
  spec: { containers: [{ name: 'istio-proxy' }], volumes },
})

const blocking = (one: JsonObject, minor?: number): readonly string[] =>
  blockingVolumes(one, sidecarOf(one), minor).map(({ name, injected }) => `${name}${injected ? ' (injected)' : ''}`)

describe('volumes that keep a Pod from being evicted', () => {
  const volumes = [
    { name: 'istio-data', emptyDir: {} },
    // The API server makes an emptyDir of it.
    { name: 'workload-socket' },
    { name: 'fast', emptyDir: { medium: 'Memory' } },
    { name: 'sockets', hostPath: { path: '/run' } },
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'disk', persistentVolumeClaim: { claimName: 'disk' } },
  ]

  it('are hostPath and emptyDir that is not in memory', () => {
    expect(blocking(pod(volumes))).toEqual(['istio-data (injected)', 'workload-socket (injected)', 'sockets'])
  })

  it('are not those that are listed, without spaces', () => {
    expect(blocking(pod(volumes, 'istio-data,workload-socket,sockets'))).toEqual([])
    expect(blocking(pod(volumes, 'istio-data, workload-socket'))).toEqual(['workload-socket (injected)', 'sockets'])
  })

  it('were also those in memory before 1.27, which knew no list', () => {
    expect(blocking(pod(volumes, 'istio-data'), 26)).toEqual([
      'istio-data (injected)',
      'workload-socket (injected)',
      'fast',
      'sockets',
    ])
  })
})

it('many workloads are one finding at the injector, and one for who asks for a workload', () => {
  const healthy = loadFixture(HEALTHY)
  const workloads = Array.from({ length: 12 }, (_, index) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `web-${index}`, namespace: 'shop' },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'web' }] } } },
  }))
  const autoscaler = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cluster-autoscaler', namespace: 'kube-system' },
    spec: {
      template: {
        spec: { containers: [{ name: 'ca', image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0' }] },
      },
    },
  }
  const outcomes = INJ332.run(clusterOf({ ...healthy, objects: [...healthy.objects, autoscaler, ...workloads] }))
  const loud = outcomes.filter((one) => one.outcome === 'found' && one.routine !== true)
  expect(loud.map(({ object }) => object?.name)).toEqual(['istio-sidecar-injector'])
  expect(outcomes).toHaveLength(13)
})
