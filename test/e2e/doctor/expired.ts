import { once } from 'node:events'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { JsonObject } from '@proa/kube'
import {
  type Authority,
  authority,
  type ServerCertificate,
  serverCertificate,
} from '../../../packages/local-cluster/testing/admission/certificates.ts'
import { webhookServer } from '../../../packages/local-cluster/testing/admission/webhook-server.ts'
import { untilAll } from '../harness/until.ts'
import { INJECT } from '../suite/objects.ts'
import type { DoctorCase, Place } from './case.ts'
import { createStable, SYSTEM } from './objects.ts'

const STABLE = { 'istio.io/rev': 'stable' }
const NAME = 'istiod-stable'
const LABELS = { app: 'istiod', ...STABLE }
const DAY = 86_400_000
const HTTPS = 15017

/** Everything that is behind the webhook of the case. */
let ca: Authority | undefined

/** An injector whose certificates somebody else makes, and forgets. */
export const EXPIRED: DoctorCase = {
  id: 'INJ204',
  title: 'the certificate that is served has expired',
  namespace: STABLE,
  before: async (place) => {
    ca = await authority('istio')
    await place.create(injectorOf('registry.example/istiod:1'))
    await place.create(service())
    await createStable(place, { caBundle: btoa(ca.pem), service: { namespace: SYSTEM, name: NAME, path: '/inject' } })
    await serve(place, await certificate(ca, new Date(Date.now() - DAY)))
  },
  happens: /x509: certificate has expired or is not yet valid/,
  exitCode: 2,
  byHand: async (place) => {
    if (ca !== undefined) await serve(place, await certificate(ca, new Date(Date.now() + DAY)))
  },
}

function certificate(from: Authority, notAfter: Date): Promise<ServerCertificate> {
  const notBefore = new Date(notAfter.getTime() - 30 * DAY)
  return serverCertificate(from, { commonName: NAME, dns: [`${NAME}.${SYSTEM}.svc`], notBefore, notAfter })
}

/** From now on this is what the injector's Pod serves. What it is asked, it asks proa's injector. */
async function serve(place: Place, serving: ServerCertificate): Promise<void> {
  const { client, cluster, afterwards } = place
  const [injector] = cluster.injectors()
  const heard = injector?.log.find(({ msg }) => msg === 'listening')
  const server = await webhookServer(serving, async ({ review, answer }) => {
    const asking = request(`${heard?.https}/inject`, { method: 'POST', rejectUnauthorized: false })
    asking.setHeader('content-type', 'application/json').end(JSON.stringify(review))
    const [response] = await once(asking, 'response')
    answer((JSON.parse(await text(response)) as { readonly response: JsonObject }).response)
  })
  afterwards(server.close)
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace: SYSTEM, labelSelector: 'app=istiod' }
  const [pod = {}] = await untilAll(client, pods, 'the Pod of the injector', (all) =>
    JSON.stringify(all).includes('"podIP":'),
  )
  const { podIP } = pod.status as { readonly podIP: string }
  cluster.cluster.network.listen(podIP, HTTPS, { host: '127.0.0.1', port: server.port })
}

function injectorOf(image: string): JsonObject {
  const container = { name: 'discovery', image, ports: [{ containerPort: HTTPS }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: SYSTEM, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: { ...LABELS, [INJECT]: 'false' } }, spec: { containers: [container] } },
    },
  }
}

function service(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: SYSTEM, labels: LABELS },
    spec: { selector: LABELS, ports: [{ name: 'https-webhook', port: 443, targetPort: HTTPS }] },
  }
}
