import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dumpYaml, type JsonObject, parseYaml } from '@proa/kube'
import { expect, it, onTestFinished } from 'vitest'
import { tcpServer } from '../../../packages/local-cluster/testing/admission/webhook-server.ts'
import { temporaryFolder } from '../harness/folders.ts'
import { type Local, startLocal } from '../harness/local.ts'
import { ISTIOD } from './control-plane.ts'
import { findingsOf, stageIn } from './stage.ts'

const SERVER = { apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: 'kube-apiserver-local' }

export function itFindsProxies(): void {
  it('INJ161: the API server calls webhooks through an HTTP proxy', async () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const data = join(folder.path, 'state')
    // It knows nothing of Services.
    const proxy = await tcpServer((socket) => socket.once('data', () => socket.end(UNAVAILABLE)), '127.0.0.1')
    onTestFinished(proxy.close)
    const httpsProxy = `http://127.0.0.1:${proxy.port}`
    const before = await startLocal({ data, proxy: { httpsProxy, noProxy: '127.0.0.1,localhost' } })
    const namespace = await broken(before, httpsProxy)
    const finding = await found(before, namespace)
    // The file on the node of the control plane, which the kubelet makes the Pod from.
    const manifest = join(folder.path, 'kube-apiserver.yaml')
    writeFileSync(manifest, dumpYaml(staticPod(httpsProxy, '127.0.0.1,localhost')))
    for (const command of finding.fix?.commands ?? []) {
      const here = command.replace(/^sudo /, '').replace('/etc/kubernetes/manifests/kube-apiserver.yaml', manifest)
      execFileSync('sh', ['-e', '-c', here])
    }
    const fixed = parseYaml(readFileSync(manifest, 'utf8')) as JsonObject
    await before.client.delete(SERVER)
    await before.client.create(fixed)
    await before.stop()
    const after = await startLocal({ data, proxy: { httpsProxy, noProxy: noProxyOf(fixed) } })
    onTestFinished(after.stop)
    await after.runInjectors(2)
    const stage = stageIn(after)
    await stage.nextPodIs(namespace, 'injected')
    expect(findingsOf(await stage.doctor()).map(({ id }) => id)).not.toContain('INJ161')
  })
}

const UNAVAILABLE = 'HTTP/1.1 503 Service Unavailable\r\n\r\n'

/** An installation whose webhooks are not reached, and a Deployment without a Pod. */
async function broken(cluster: Local, httpsProxy: string): Promise<string> {
  const { code, stderr } = await cluster.proa('install', '--failure-policy', 'Fail', '--no-check')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await cluster.client.create(ISTIOD)
  await cluster.client.create(staticPod(httpsProxy, '127.0.0.1,localhost'))
  const stage = stageIn(cluster)
  const namespace = await cluster.createNamespace(cluster.injected)
  expect(await stage.deploy(namespace)).toMatch(/failed calling webhook .*: Service Unavailable$/)
  return namespace
}

async function found(cluster: Local, namespace: string) {
  const stage = stageIn(cluster)
  const reports = [await stage.doctor('deploy', `${namespace}/web`), await stage.doctor()]
  for (const report of reports) expect({ first: findingsOf(report)[0]?.id, code: report.exitCode }).toEqual(WRONG)
  const [first] = findingsOf(reports[0] ?? ({ findings: [] } as never))
  if (first === undefined) throw new Error('nothing was found')
  return first
}

const WRONG = { first: 'INJ161', code: 2 }

function staticPod(httpsProxy: string, noProxy: string): JsonObject {
  const env = [
    { name: 'HTTPS_PROXY', value: httpsProxy },
    { name: 'NO_PROXY', value: noProxy },
  ]
  const labels = { component: 'kube-apiserver', tier: 'control-plane' }
  const command = ['kube-apiserver', '--service-cluster-ip-range=10.96.0.0/16']
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: SERVER.name, namespace: SERVER.namespace, labels },
    spec: {
      hostNetwork: true,
      nodeName: 'local',
      containers: [{ name: 'kube-apiserver', image: 'registry.example/kube-apiserver:v1.36.3', command, env }],
    },
  }
}

function noProxyOf(pod: JsonObject): string {
  const { containers } = pod.spec as unknown as { containers: [{ env: { name: string; value: string }[] }] }
  return containers[0].env.find(({ name }) => name === 'NO_PROXY')?.value ?? ''
}
