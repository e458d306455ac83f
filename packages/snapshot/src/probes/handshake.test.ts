import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer as createPlainServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { clusterOf, type ServedCertificateProbe, SNAPSHOT_API_VERSION, SNAPSHOT_KIND } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import { bundleFingerprints, createAuthority, issueServingCertificate } from '@proa/pki'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scriptedServer } from '../../../kube-client/testing/scripted-server.ts'
import { base64 } from '../../testing/mesh.ts'
import { createReader } from '../take/reader.ts'
import { dial, shakeHands } from './handshake.ts'
import { probeServedCertificates } from './served-certificate.ts'

const DAY = 86_400_000
const now = new Date()

async function port(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function tlsServer() {
  const authority = await createAuthority({ commonName: 'root', validFor: DAY, now })
  const serving = await issueServingCertificate(authority, { dnsNames: ['x.y.svc'], validFor: DAY, now })
  const chain = serving.certificate + authority.certificate
  const asked: string[] = []
  const server = createTlsServer({
    cert: chain,
    key: serving.privateKey,
    SNICallback: (name, done) => {
      asked.push(name)
      done(null)
    },
  })
  return { authority, chain, asked, port: await port(server) }
}

const options = { serverName: 'x.y.svc', timeout: 5000 }
const hands = async (to: number, more = {}) => shakeHands(await dial('127.0.0.1', to, options), { ...options, ...more })

describe('shakeHands', () => {
  it('tells the chain as it is sent, whoever signed it, and asks for the name', async () => {
    const server = await tlsServer()
    const handshake = await hands(server.port)
    expect(handshake.kind === 'served' ? bundleFingerprints(handshake.chain) : handshake).toEqual(
      bundleFingerprints(server.chain),
    )
    expect(server.asked).toEqual(['x.y.svc'])
  })

  it('says that what listens speaks no TLS', async () => {
    const plain = await port(createPlainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    expect(await hands(plain)).toMatchObject({ kind: 'failed', at: 'handshake' })
    const closes = await port(createPlainServer((socket) => socket.destroy()))
    expect(await hands(closes)).toMatchObject({ kind: 'failed', at: 'handshake' })
  })

  it('waits for silence no longer than it is told', async () => {
    const silent = await port(createPlainServer((socket) => void socket.on('error', () => socket.destroy())))
    expect(await hands(silent, { timeout: 50 })).toEqual({
      kind: 'failed',
      at: 'handshake',
      message: 'no handshake within 0.05 s',
    })
  })
})

async function probe(objects: readonly JsonObject[], direct = false): Promise<readonly ServedCertificateProbe[]> {
  const server = await scriptedServer(() => undefined)
  onTestFinished(() => server.close())
  const snapshot = { objects, unread: [], probes: [], logs: [], takenAt: now.toISOString() } as const
  const source = { kind: 'files', paths: [] } as const
  const cluster = clusterOf({ apiVersion: SNAPSHOT_API_VERSION, kind: SNAPSHOT_KIND, source, ...snapshot })
  const reader = createReader(await server.client(), { signal: undefined, timeout: 5000 })
  return probeServedCertificates(reader, cluster, { now, direct })
}

const webhook = (clientConfig: JsonObject): JsonObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
  webhooks: [{ name: 'sidecar-injector.istio.io', clientConfig }],
})

describe('probes without the API server', () => {
  it('of a webhook with a URL', async () => {
    const { authority, port: number } = await tlsServer()
    const url = `https://127.0.0.1:${number}/inject`
    const [found] = await probe([webhook({ url, caBundle: base64(authority.certificate) })])
    expect(found).toMatchObject({ url, outcome: { kind: 'served', verifiedBy: [{ index: 0, verifies: true }] } })
  })

  it.each<[string, string]>([
    ['https://no-such-host.invalid/inject', 'resolve'],
    ['no URL', 'resolve'],
    ['https://127.0.0.1:1/inject', 'connect'],
  ])('of %s', async (url, at) => {
    expect(await probe([webhook({ url })])).toMatchObject([{ url, outcome: { kind: 'failed', at } }])
  })

  it('of Pods that are dialled, where this runs in the cluster', async () => {
    const { authority, port: number } = await tlsServer()
    const service = { namespace: 'y', name: 'x', port: 8443 }
    const objects: JsonObject[] = [
      webhook({ service, caBundle: base64(authority.certificate) }),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'y', name: 'x' },
        spec: {
          ports: [
            { name: 'other', port: 443 },
            { name: 'webhook', port: 8443 },
          ],
        },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { namespace: 'y', name: 'x-1', labels: { 'kubernetes.io/service-name': 'x' } },
        endpoints: [
          { addresses: ['127.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'x-a' } },
          { addresses: ['127.0.0.2'], conditions: { ready: false } },
        ],
        ports: [{ name: 'webhook', port: number }],
      },
    ]
    const [found, ...others] = await probe(objects, true)
    expect(others).toEqual([])
    expect(found).toMatchObject({
      service,
      pod: { namespace: 'y', name: 'x-a', port: number },
      outcome: { kind: 'served', verifiedBy: [{ verifies: true }] },
    })
  })
})
