import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  container,
  deployment,
  read,
  startTestCluster,
  type TestCluster,
  template,
  withSpec,
} from '../../../testing/cluster.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await startTestCluster()
})
afterEach(async () => {
  await cluster.stop()
})

const service = (spec: import('@proa/kube').JsonObject = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels: { team: 'a' } },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
})
const withPort = (port: number) =>
  template('web', { containers: [container('web', { ports: [{ name: 'http', containerPort: port }] })] })
const slices = () =>
  cluster.api
    .list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, 'default')
    .filter((slice) => read(slice, 'metadata.generateName') === 'web-')

describe('the addresses behind a Service', () => {
  it('are those of its ready Pods, by the port that the Pod names', async () => {
    await cluster.put(service(), deployment('web', { template: withPort(8080), replicas: 2 }))
    const ips = cluster.pods().map((pod) => read(pod, 'status.podIP'))
    const [slice, ...others] = slices()
    expect(others).toEqual([])
    expect(read(slice, 'ports')).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
    expect(read(slice, 'metadata.labels')).toMatchObject({
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    })
    const endpoints = read(slice, 'endpoints') as unknown as { addresses: string[]; conditions: object }[]
    expect(endpoints.flatMap((each) => each.addresses).sort()).toEqual([...ips].sort())
    expect(endpoints[0]?.conditions).toEqual({ ready: true, serving: true, terminating: false })
    const subsets = read(cluster.get('v1/Endpoints/web'), 'subsets') as unknown as { addresses: { ip: string }[] }[]
    expect(subsets[0]?.addresses.map((each) => each.ip).sort()).toEqual([...ips].sort())
  })

  it('follow the Pods: none without Pods, and not ready those that are not', async () => {
    await cluster.put(service())
    expect(read(slices()[0], 'endpoints')).toEqual([])
    const gated = {
      ...withPort(8080),
      spec: { ...(read(withPort(8080), 'spec') as object), readinessGates: [{ conditionType: 'example.com/gate' }] },
    }
    await cluster.put(deployment('web', { template: gated, replicas: 1 }))
    expect(read(slices()[0], 'endpoints.0.conditions')).toEqual({ ready: false, serving: false, terminating: false })
    expect(read(cluster.get('v1/Endpoints/web'), 'subsets.0.notReadyAddresses')).toHaveLength(1)
    await cluster.change('v1/Service/web', (object) => withSpec(object, { publishNotReadyAddresses: true }))
    expect(read(slices()[0], 'endpoints.0.conditions.ready')).toBe(true)
  })

  it('come in one slice for each number that a named port has', async () => {
    await cluster.put(service(), deployment('web', { template: withPort(8080), replicas: 1 }))
    await cluster.put({
      ...deployment('other', { selector: { matchLabels: { app: 'web', v: '2' } }, replicas: 1 }),
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web', v: '2' } },
        template: { ...withPort(9090), metadata: { labels: { app: 'web', v: '2' } } },
      },
    })
    expect(
      slices()
        .map((slice) => read(slice, 'ports.http.port'))
        .sort(),
    ).toEqual([8080, 9090])
  })

  it('are left alone when the Service has no selector', async () => {
    await cluster.put(service({ selector: null }))
    expect(slices()).toEqual([])
    expect(cluster.get('v1/Endpoints/web')).toBeUndefined()
  })

  it('go with the Service', async () => {
    await cluster.put(service(), deployment('web', { template: withPort(8080) }))
    await cluster.api.delete({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'default' })
    await cluster.quiet()
    expect(slices()).toEqual([])
    expect(cluster.get('v1/Endpoints/web')).toBeUndefined()
  })

  it('let a PodDisruptionBudget count', async () => {
    const spec = { minAvailable: 2, selector: { matchLabels: { app: 'web' } } }
    await cluster.put(deployment('web'), {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec,
    })
    expect(read(cluster.get('policy/v1/PodDisruptionBudget/web'), 'status')).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 2,
      disruptionsAllowed: 1,
      expectedPods: 3,
    })
  })
})
