import { access, readFile } from 'node:fs/promises'
import { isObject, type JsonObject } from '@proa/kube'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { container, deployment, nameOf, read, startTestCluster, type TestCluster } from '../../testing/cluster.ts'
import { type LocalCluster, startLocalCluster } from '../start.ts'
import { processRunner } from './process-runner.ts'

const pod = (name: string, spec: JsonObject, labels: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels },
  spec,
})

describe('a Pod that is only marked as running', () => {
  let cluster: TestCluster
  beforeEach(async () => {
    cluster = await startTestCluster()
  })
  afterEach(async () => {
    await cluster.stop()
  })

  it('gets a Node, addresses, conditions and states of its containers', async () => {
    await cluster.put(pod('web', { containers: [container('web')] }))
    const status = read(cluster.get('v1/Pod/web'), 'status')
    expect(status).toMatchObject({ phase: 'Running', hostIP: '172.18.0.2', qosClass: 'BestEffort' })
    expect(read(status, 'podIP')).toMatch(/^10\.244\./)
    expect(read(status, 'podIPs')).toEqual([{ ip: read(status, 'podIP') }])
    for (const type of ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']) {
      expect(read(status, `conditions.${type}.status`)).toBe('True')
    }
    expect(read(status, 'containerStatuses.web')).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      image: 'web:1',
    })
    expect(cluster.eventsOf('Pod').sort()).toEqual([
      'Normal Created: Container created',
      'Normal Pulled: Container image "web:1" already present on machine and can be accessed by the pod',
      'Normal Scheduled: Successfully assigned default/web to local',
      'Normal Started: Container started',
    ])
  })

  it('has its init containers ended and its native sidecars running', async () => {
    const initContainers = [container('prepare'), container('proxy', { restartPolicy: 'Always' })]
    await cluster.put(pod('web', { initContainers, containers: [container('web')] }))
    const statuses = read(cluster.get('v1/Pod/web'), 'status.initContainerStatuses')
    expect(read(statuses, 'prepare.state.terminated')).toMatchObject({ exitCode: 0, reason: 'Completed' })
    expect(read(statuses, 'proxy')).toMatchObject({ ready: true, started: true })
    expect(read(statuses, 'proxy.state.running')).toBeDefined()
  })

  it('has the address of the Node when it is on the network of the host', async () => {
    await cluster.put(pod('web', { hostNetwork: true, containers: [container('web')] }))
    expect(read(cluster.get('v1/Pod/web'), 'status.podIP')).toBe('172.18.0.2')
  })

  it('ends well at once when it is not to run forever, sidecars too', async () => {
    const initContainers = [container('proxy', { restartPolicy: 'Always' })]
    await cluster.put(pod('once', { restartPolicy: 'Never', initContainers, containers: [container('once')] }))
    const status = read(cluster.get('v1/Pod/once'), 'status')
    expect(status).toMatchObject({ phase: 'Succeeded' })
    expect(read(status, 'conditions.Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' })
    expect(read(status, 'initContainerStatuses.proxy.state.terminated')).toBeDefined()
  })

  it('is gone after a deletion, with its address free again', async () => {
    await cluster.put(pod('web', { containers: [container('web')] }))
    await cluster.api.delete({ apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default' })
    await cluster.quiet()
    expect(cluster.get('v1/Pod/web')).toBeUndefined()
    expect(cluster.eventsOf('Pod')).toContain('Normal Killing: Stopping container web')
  })

  it('waits when no Node fits, and runs as soon as one does', async () => {
    await cluster.put(pod('web', { nodeSelector: { disk: 'fast' }, containers: [container('web')] }))
    expect(read(cluster.get('v1/Pod/web'), 'status.phase')).toBe('Pending')
    expect(cluster.eventsOf('Pod')).toEqual([
      "Warning FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    ])
    const node = cluster.api.find({ apiVersion: 'v1', kind: 'Node', name: 'local', namespace: '' })
    const metadata = isObject(node?.metadata) ? node.metadata : {}
    const labels = isObject(metadata.labels) ? metadata.labels : {}
    await cluster.api.update({ ...node, metadata: { ...metadata, labels: { ...labels, disk: 'fast' } } })
    await cluster.quiet()
    expect(read(cluster.get('v1/Pod/web'), 'status.phase')).toBe('Running')
  })
})

const PROGRAM = new URL('../../testing/program.ts', import.meta.url).pathname

describe('a Pod that really runs', () => {
  let cluster: LocalCluster
  const folders: string[] = []
  beforeEach(async () => {
    const runContainer = processRunner({
      matches: (image) => image === 'program:1',
      command: (args, _container, { directory }) => {
        folders.push(directory)
        return { file: process.execPath, args: [PROGRAM, ...args] }
      },
      listening(line) {
        const { msg, port } = line.startsWith('{') ? JSON.parse(line) : { msg: '', port: 0 }
        return msg === 'listening' ? new Map([[8080, { host: '127.0.0.1', port }]]) : undefined
      },
    })
    cluster = await startLocalCluster({ runContainer })
  })
  afterEach(async () => {
    await cluster.stop()
  })

  const key = { apiVersion: 'v1', kind: 'Pod', name: 'app', namespace: 'default' }
  /** Resolves when the condition holds: it is asked after each change. */
  function until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = cluster.api.onChange(() => holds() && resolve())
    if (holds()) resolve()
    return promise.finally(end)
  }
  const status = () => read(cluster.api.find(key), 'status')
  const isReady = () => read(status(), 'conditions.Ready.status') === 'True'
  async function ask(path: string): Promise<string> {
    const address = cluster.network.resolve(String(read(status(), 'podIP')), 8080)
    if (address === undefined) throw new Error('nothing listens')
    return await (await fetch(`http://${address.host}:${address.port}${path}`)).text()
  }
  const configMap = (ready: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { ready },
  })
  const app = (more: JsonObject = {}) =>
    pod('app', {
      volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
      containers: [
        {
          name: 'app',
          image: 'program:1',
          args: ['/etc/app/ready'],
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'GREETING', value: 'I am $(POD)' },
          ],
          volumeMounts: [{ name: 'settings', mountPath: '/etc/app' }],
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1, failureThreshold: 1 },
          ...more,
        },
      ],
    })

  it('is ready when its probe says so, with its files and its environment', async () => {
    await cluster.api.create(configMap('yes'))
    await cluster.api.create(app())
    await until(isReady)
    expect(await ask('/ready')).toBe('yes')
    expect(JSON.parse(await ask('/env'))).toMatchObject({ POD: 'app', GREETING: 'I am app' })
    const config = JSON.parse(await ask('/kubeconfig'))
    expect(config.clusters[0].cluster.server).toBe(cluster.url)
    expect((await readFile(config.users[0].user.tokenFile, 'utf8')).split('.')).toHaveLength(3)
  })

  it('sees the change of a ConfigMap in its files', async () => {
    await cluster.api.create(configMap('not yet'))
    await cluster.api.create(app())
    await until(() =>
      cluster.api.list({ apiVersion: 'v1', kind: 'Event' }).some((event) => event.reason === 'Unhealthy'),
    )
    expect(isReady()).toBe(false)
    await cluster.api.update(configMap('yes'))
    await until(isReady)
    await cluster.api.update(configMap('not any more'))
    await until(() => !isReady())
  })

  it('does not start before its ConfigMap is there, and says why', async () => {
    await cluster.api.create(app())
    await until(() =>
      cluster.api.list({ apiVersion: 'v1', kind: 'Event' }).some((event) => event.reason === 'FailedMount'),
    )
    expect(read(status(), 'phase')).toBe('Pending')
    await cluster.api.create(configMap('yes'))
    await until(isReady)
  })

  it('is started again when it ends', async () => {
    await cluster.api.create(configMap('yes'))
    await cluster.api.create(app())
    await until(isReady)
    await ask('/exit').catch(() => {})
    await until(() => read(status(), 'containerStatuses.app.restartCount') === 1 && isReady())
    expect(read(status(), 'containerStatuses.app.lastState.terminated')).toMatchObject({ exitCode: 3, reason: 'Error' })
  })

  it('is told to stop when it is deleted, and leaves no files', async () => {
    await cluster.api.create(configMap('yes'))
    await cluster.api.create(app())
    await until(isReady)
    await cluster.api.delete(key)
    await until(() => cluster.api.find(key) === undefined)
    await expect(access(folders.at(-1) ?? '')).rejects.toThrow('ENOENT')
  })

  it('of a Deployment is an address behind its Service only while it is ready', async () => {
    await cluster.api.create(configMap('yes'))
    const spec = read(app(), 'spec') as JsonObject
    const web = deployment('app', { replicas: 2, template: { metadata: { labels: { app: 'app' } }, spec } })
    await cluster.api.create({ ...web, metadata: { name: 'app', namespace: 'default' } })
    const service = { selector: { app: 'app' }, ports: [{ port: 80, targetPort: 'http' }] }
    await cluster.api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'app', namespace: 'default' },
      spec: service,
    })
    const ready = () =>
      cluster.api
        .list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, 'default')
        .filter((slice) => nameOf(slice).startsWith('app-'))
        .flatMap((slice) => (Array.isArray(slice.endpoints) ? slice.endpoints : []))
        .filter((endpoint) => read(endpoint, 'conditions.ready') === true)
    await until(() => ready().length === 2)
    const address = cluster.network.resolve(String(read(ready()[0], 'addresses.0')), 8080)
    expect(address?.host).toBe('127.0.0.1')
    await cluster.api.update(configMap('not any more'))
    await until(() => ready().length === 0)
  })
})
