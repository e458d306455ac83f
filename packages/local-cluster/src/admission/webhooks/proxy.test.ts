import { connect, type Socket } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority, serverCertificate } from '../../../testing/admission/certificates.ts'
import {
  creation,
  namespace,
  objectsOf,
  resourceType,
  webhookConfiguration,
} from '../../../testing/admission/cluster.ts'
import { tcpServer, webhookServer } from '../../../testing/admission/webhook-server.ts'
import { createNetwork } from '../../network/network.ts'
import { createAdmission } from '../admission.ts'

const HOST = '127.0.0.1'
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'object', namespace: 'shop' } }
let ca: Authority
const stop = new AbortController()
beforeAll(async () => {
  ca = await authority('proa test authority')
})
afterAll(() => stop.abort())

function admission(proxyPort: number, more: JsonObject = {}, user = '') {
  const webhook = {
    name: 'hook.proa.test',
    clientConfig: { service: { name: 'hook', namespace: 'shop' }, caBundle: Buffer.from(ca.pem).toString('base64') },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
    ...more,
  }
  return createAdmission({
    objects: objectsOf(namespace('shop'), webhookConfiguration('hooks', [webhook])),
    network: createNetwork(),
    proxy: { httpsProxy: `http://${user}${HOST}:${proxyPort}` },
    signal: stop.signal,
  })
}

const ask = (admit: ReturnType<typeof admission>) => admit(creation(resourceType('ConfigMap'), object))
const POST =
  'Internal error occurred: failed calling webhook "hook.proa.test": failed to call webhook: Post "https://hook.shop.svc:443/?timeout=10s": '

// The words were recorded from a real API server with HTTPS_PROXY.
describe('an API server behind a proxy', () => {
  it.each([
    ['HTTP/1.1 503 Service Unavailable\r\n\r\n', 'Service Unavailable'],
    ['HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', 'Forbidden'],
    ['HTTP/1.1 407\r\n\r\n', 'unknown status code'],
    ['hello there\r\n\r\n', 'malformed HTTP status code "there"'],
    ['', 'unexpected EOF'],
    ['HTTP/1.1 200', 'unexpected EOF'],
  ])('hears %j', async (answer, words) => {
    let request = ''
    const proxy = await tcpServer((socket) =>
      socket.once('data', (data) => {
        request = data.toString()
        socket.end(answer)
      }),
    )
    await expect(ask(admission(proxy.port))).rejects.toMatchObject({ message: POST + words })
    expect(request).toBe(
      'CONNECT hook.shop.svc:443 HTTP/1.1\r\nHost: hook.shop.svc:443\r\nUser-Agent: Go-http-client/1.1\r\n\r\n',
    )
    await proxy.close()
  })

  it('hears nothing when the proxy is not there', async () => {
    const gone = await tcpServer(() => undefined)
    await gone.close()
    await expect(ask(admission(gone.port))).rejects.toMatchObject({
      message: `${POST}proxyconnect tcp: dial tcp ${HOST}:${gone.port}: connect: connection refused`,
    })
  })

  it('hears nothing in time', async () => {
    const silent = await tcpServer(() => undefined)
    await expect(ask(admission(silent.port, { timeoutSeconds: 1 }))).rejects.toMatchObject({
      message: `${POST.replace('10s', '1s')}context deadline exceeded`,
    })
    await silent.close()
  })

  it('reaches the webhook through a proxy that does its work, with user and password', async () => {
    const certificate = await serverCertificate(ca, { dns: ['hook.shop.svc'] })
    const webhook = await webhookServer(certificate, ({ answer }) => answer({ allowed: true, warnings: ['through'] }))
    let request = ''
    const tunnels = new Set<Socket>()
    const proxy = await tcpServer((socket) =>
      socket.once('data', (data) => {
        request = data.toString()
        const upstream = connect(webhook.port, HOST, () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
          socket.pipe(upstream).pipe(socket)
        })
        tunnels.add(upstream)
        upstream.on('error', () => socket.destroy())
      }),
    )
    const { warnings } = await ask(admission(proxy.port, {}, 'ann:secret@'))
    expect(warnings).toEqual(['through'])
    expect(request).toContain(`Proxy-Authorization: Basic ${Buffer.from('ann:secret').toString('base64')}\r\n`)
    for (const tunnel of tunnels) tunnel.destroy()
    await proxy.close()
    await webhook.close()
  })
})
