import type { JsonObject } from '@proa/kube'
import { afterEach, describe, expect, it } from 'vitest'
import { statusOf } from '../../../kube-client/testing/scripted-server.ts'
import { type ObjectServer, objectServer } from '../../testing/object-server.ts'
import { logLines, settled } from '../../testing/settling.ts'
import type { ConfigurationSource, PlainConfigurationOptions } from '../contracts.ts'
import { configMapNames } from './config-maps.ts'
import { configurationFromConfigMaps } from './configuration-source.ts'

const CONFIG_MAPS = '/api/v1/configmaps'
const NODES = '/api/v1/nodes'
const NAMESPACES = '/api/v1/namespaces'
const PROXY_CONFIGS = '/apis/networking.istio.io/v1beta1/proxyconfigs'

const open: { stop(): void | Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

async function start(
  options: Partial<PlainConfigurationOptions> = {},
  prepare: (server: ObjectServer) => void = () => {},
): Promise<{ server: ObjectServer; source: ConfigurationSource; log: ReturnType<typeof logLines> }> {
  const server = await objectServer([CONFIG_MAPS, NODES, NAMESPACES])
  open.push({ stop: server.close })
  prepare(server)
  const log = logLines()
  const source = configurationFromConfigMaps({ client: await server.client(), options: { env: {}, ...options }, log })
  open.push(source)
  return { server, source, log }
}

const map = (name: string, data: JsonObject): JsonObject => ({ metadata: { name, namespace: 'istio-system' }, data })
const config = (policy: string): string => `policy: ${policy}\ntemplates: {sidecar: "a: b"}`
const injector = (policy = 'enabled', values = '{}'): JsonObject =>
  map('istio-sidecar-injector', { config: config(policy), values })
const node = (name: string, kubeletVersion: string): JsonObject => ({
  metadata: { name },
  status: { nodeInfo: { kubeletVersion } },
})

function complete(server: ObjectServer): void {
  server.put(CONFIG_MAPS, map('istio', { mesh: 'rootNamespace: mesh' }))
  server.put(CONFIG_MAPS, injector())
}

describe('the configuration of ConfigMaps', () => {
  it.each([
    ['', 'istio-sidecar-injector', 'istio'],
    ['default', 'istio-sidecar-injector', 'istio'],
    ['canary', 'istio-sidecar-injector-canary', 'istio-canary'],
  ])('of revision "%s" is in %s and %s', (revision, injectorName, mesh) => {
    expect(configMapNames('istio-system', revision)).toEqual({
      namespace: 'istio-system',
      injector: injectorName,
      mesh,
    })
  })

  it('comes when they come, changes when they change, and stays when they go', async () => {
    const { server, source } = await start()
    await settled(source, ({ problem }) => problem !== undefined)
    expect(source.problem).toBe('ConfigMap istio-system/istio-sidecar-injector does not exist')
    complete(server)
    await settled(source, ({ current }) => current !== undefined)
    expect(source.current?.sources.mesh).toEqual({
      text: 'rootNamespace: mesh',
      source: 'ConfigMap istio-system/istio, key mesh',
    })
    server.put(CONFIG_MAPS, injector('disabled'))
    await settled(source, ({ current }) => current?.generation === 2)
    server.put(CONFIG_MAPS, injector('enabled', '['))
    await settled(source, ({ problem }) => problem !== undefined)
    expect(source.problem).toMatch(/^ConfigMap istio-system\/istio-sidecar-injector, key values, line 1: not YAML/)
    server.remove(CONFIG_MAPS, 'istio')
    await settled(source, ({ problem }) => problem === 'ConfigMap istio-system/istio was deleted')
    expect(source.current).toMatchObject({ generation: 2, configuration: { decision: { policy: 'disabled' } } })
  })

  it('says which key is missing', async () => {
    const { source } = await start({}, (server) => {
      complete(server)
      server.put(CONFIG_MAPS, map('istio-sidecar-injector', { config: config('enabled') }))
    })
    await settled(source, ({ problem }) => problem !== undefined)
    expect(source.problem).toBe('ConfigMap istio-system/istio-sidecar-injector has no key values')
  })

  it('says that it may not read them', async () => {
    const { source } = await start({}, (server) =>
      server.refuse(CONFIG_MAPS, statusOf(403, 'Forbidden', 'configmaps is forbidden')),
    )
    await settled(source, ({ problem }) => problem !== undefined)
    expect(source.problem).toBe('ConfigMap istio-system/istio-sidecar-injector: configmaps is forbidden')
  })

  it('is not read again for what is no change of it', async () => {
    const { server, source } = await start({}, complete)
    await settled(source, ({ current }) => current !== undefined)
    const first = source.current
    server.put(CONFIG_MAPS, injector())
    server.put(CONFIG_MAPS, map('unrelated', { config: '[' }))
    server.put(CONFIG_MAPS, injector('disabled'))
    await settled(source, ({ current }) => current !== first)
    expect(source.current?.generation).toBe(2)
  })
})

describe('what the cluster adds', () => {
  it('are the versions of its Nodes, where native sidecars depend on them', async () => {
    const { server, source } = await start({}, (one) => {
      complete(one)
      one.put(NODES, node('a', 'v1.34.1'))
    })
    await settled(source, ({ current }) => current !== undefined)
    expect(source.current?.options.nodes).toEqual([node('', 'v1.34.1')])
    server.put(NODES, node('b', 'v1.34.1'))
    server.put(NODES, node('old', 'v1.31.0'))
    await settled(source, ({ current }) => (current?.options.nodes?.length ?? 0) === 3)
    expect(source.current?.options.nodes).toEqual([node('a', 'v1.34.1'), node('b', 'v1.34.1'), node('old', 'v1.31.0')])
  })

  it('are no Nodes where it was decided already', async () => {
    const { source } = await start({ nativeSidecars: true }, complete)
    await settled(source, ({ current }) => current !== undefined)
    expect(source.current?.options.nodes).toBeUndefined()
  })

  it('are ProxyConfig resources, where there are any', async () => {
    const { server, source, log } = await start({}, (one) => {
      complete(one)
      one.put(PROXY_CONFIGS, { metadata: { name: 'p', namespace: 'shop' }, spec: { concurrency: 1 } })
    })
    await settled(source, ({ current }) => current?.options.proxyConfigs?.length === 1)
    server.put(PROXY_CONFIGS, { metadata: { name: 'p', namespace: 'shop' }, spec: { concurrency: 2 } })
    await settled(source, ({ current }) => current?.generation === 2)
    expect(source.current?.options.proxyConfigs).toMatchObject([{ spec: { concurrency: 2 } }])
    expect(log.lines).toEqual([])
  })

  it('is nothing that is missed when it is not there, or not to be read: it is told once', async () => {
    const { source, log } = await start({}, (one) => {
      complete(one)
      one.refuse(NODES, statusOf(403, 'Forbidden', 'nodes is forbidden'))
    })
    await settled(source, ({ current }) => current !== undefined)
    expect(source.problem).toBeUndefined()
    expect(source.current?.options).toEqual({ env: {} })
    expect(log.lines).toEqual(
      expect.arrayContaining([
        { level: 'info', message: 'the cluster has no ProxyConfig objects' },
        { level: 'warn', message: 'may not read Node objects: going on without' },
      ]),
    )
  })

  it('are Namespace objects on OpenShift, and only there', async () => {
    const prepare = (one: ObjectServer): void => {
      complete(one)
      one.put(NAMESPACES, { metadata: { name: 'shop', annotations: { 'openshift.io/sa.scc.uid-range': '1000/1' } } })
    }
    const { source } = await start({ env: { PLATFORM: 'openshift' } }, prepare)
    const { source: other } = await start({}, prepare)
    await settled(source, ({ current }) => current !== undefined)
    await settled(other, ({ current }) => current !== undefined)
    expect(source.namespaceObject('shop')).toMatchObject({ metadata: { name: 'shop' } })
    expect(source.namespaceObject('nope')).toBeUndefined()
    expect(other.namespaceObject('shop')).toBeUndefined()
  })
})
