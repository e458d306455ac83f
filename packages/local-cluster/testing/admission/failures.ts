import type { JsonObject } from '@proa/kube'
import { type Authority, authority, serverCertificate } from './certificates.ts'
import { jsonPatch, type TestServer, tcpServer, type WebhookCall, webhookServer } from './webhook-server.ts'

/**
 * Ways in which a webhook fails. Each is built with real sockets and certificates; `recorded.json` beside this file has what
 * a real API server (1.36) answered to each.
 */
export interface Failure {
  readonly name: string
  build(world: FailureWorld): Promise<Built>
}

export interface FailureWorld {
  readonly namespace: string
  /** The address under which servers are reached. */
  readonly host: string
  readonly ca: Authority
}

export interface Built {
  readonly server?: TestServer
  /** Default: the CA's bundle, base64. `''` for none. */
  readonly caBundle?: string
  /** Instead of a service. */
  readonly url?: string
  /** Changes to the Service, its slice, or the webhook. `null`: there is none. */
  readonly service?: JsonObject | null
  readonly endpoints?: readonly JsonObject[]
  readonly webhook?: JsonObject
}

export const SERVICE = 'hook'
const name = ({ namespace }: FailureWorld) => `${SERVICE}.${namespace}.svc`
const allow = ({ answer }: WebhookCall) => answer({ allowed: true })
const base64 = (text: string) => Buffer.from(text).toString('base64')

function answering(onCall: (call: WebhookCall) => void, more: Partial<Built> = {}): Failure['build'] {
  return async (world) => {
    const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: [name(world)] })
    return { server: await webhookServer(certificate, onCall), ...more }
  }
}

function raw(body: string, status = 200, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  return answering(({ response, review }) => {
    response.writeHead(status, headers).end(body.replace('{uid}', String(review.request.uid)))
  })
}

export const FAILURES: readonly Failure[] = [
  {
    name: 'a certificate of another authority',
    async build(world) {
      const other = await authority('another authority')
      const certificate = await serverCertificate(other, { commonName: 'hook', dns: [name(world)] })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a certificate of an authority with the same name and another key',
    async build(world) {
      const other = await authority('proa test authority')
      const certificate = await serverCertificate(other, { commonName: 'hook', dns: [name(world)] })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a self-signed certificate that is not in the bundle',
    async build(world) {
      const certificate = await serverCertificate(undefined, { commonName: 'hook', dns: [name(world)] })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'no bundle: the roots of the system',
    build: answering(allow, { caBundle: '' }),
  },
  {
    name: 'an expired certificate',
    async build(world) {
      const dates = { notBefore: new Date('2025-01-02T03:04:05Z'), notAfter: new Date('2026-01-02T03:04:05Z') }
      const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: [name(world)], ...dates })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a certificate that is not valid yet',
    async build(world) {
      const dates = { notBefore: new Date('2040-01-02T03:04:05Z'), notAfter: new Date('2041-01-02T03:04:05Z') }
      const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: [name(world)], ...dates })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'an expired authority in the bundle',
    async build(world) {
      const dates = { notBefore: new Date('2025-01-02T03:04:05Z'), notAfter: new Date('2026-01-02T03:04:05Z') }
      const old = await authority('old authority', dates)
      const certificate = await serverCertificate(old, { commonName: 'hook', dns: [name(world)] })
      return { server: await webhookServer(certificate, allow), caBundle: base64(old.pem) }
    },
  },
  {
    name: 'a certificate for other names',
    async build(world) {
      const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: ['a.example', '*.b.example'] })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a certificate with the name as Common Name only',
    async build(world) {
      const certificate = await serverCertificate(world.ca, { commonName: name(world) })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a certificate without any name',
    async build(world) {
      const certificate = await serverCertificate(world.ca, { commonName: 'hook' })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  {
    name: 'a certificate for clients',
    async build(world) {
      const wish = { commonName: 'hook', dns: [name(world)], usages: ['1.3.6.1.5.5.7.3.2'] }
      return { server: await webhookServer(await serverCertificate(world.ca, wish), allow) }
    },
  },
  {
    name: 'an intermediate authority that the server does not send',
    async build(world) {
      const middle = await authority('middle', {}, world.ca)
      const certificate = await serverCertificate(middle, { commonName: 'hook', dns: [name(world)] })
      return { server: await webhookServer(certificate, allow) }
    },
  },
  { name: 'a bundle that is no PEM', build: answering(allow, { caBundle: base64('no pem') }) },
  {
    name: 'an address as URL, and a certificate without addresses',
    async build(world) {
      const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: [name(world)] })
      const server = await webhookServer(certificate, allow)
      return { server, url: `https://${world.host}:${server.port}/inject` }
    },
  },
  {
    name: 'an address as URL, and a certificate for another address',
    async build(world) {
      const addresses = ['192.0.2.1', '2001:db8::1']
      const certificate = await serverCertificate(world.ca, { commonName: 'hook', addresses })
      const server = await webhookServer(certificate, allow)
      return { server, url: `https://${world.host}:${server.port}/inject` }
    },
  },
  {
    name: 'a URL with a name that does not exist',
    build: async () => ({ url: 'https://nobody.invalid/inject' }),
  },
  {
    name: 'a service that does not exist',
    build: async () => ({ service: null }),
  },
  {
    name: 'a service without endpoints',
    build: async () => ({ endpoints: [] }),
  },
  {
    name: 'endpoints that are not ready',
    build: async ({ host }) => ({ endpoints: [{ addresses: [host], conditions: { ready: false } }] }),
  },
  {
    name: 'a port that the service does not have',
    build: async ({ namespace }) => ({
      webhook: { clientConfig: { service: { name: SERVICE, namespace, path: '/inject', port: 8443 } } },
    }),
  },
  {
    name: 'a service that is a name elsewhere',
    build: async () => ({ service: { type: 'ExternalName', externalName: 'elsewhere.example' } }),
  },
  {
    name: 'nothing listens',
    async build() {
      const server = await tcpServer(() => undefined)
      await server.close()
      return { server: { port: server.port, close: async () => undefined } }
    },
  },
  {
    name: 'the connection is closed at once',
    build: async () => ({ server: await tcpServer((socket) => socket.end()) }),
  },
  {
    name: 'the connection is reset',
    build: async () => ({
      server: await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    }),
  },
  {
    name: 'plain HTTP',
    build: async () => ({
      server: await tcpServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
      ),
    }),
  },
  {
    name: 'another protocol',
    build: async () => ({ server: await tcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')) }),
  },
  {
    name: 'the connection is closed instead of an answer',
    build: answering(({ request }) => request.socket.destroy()),
  },
  {
    name: 'the answer breaks off',
    build: answering(({ response, request }) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"kind":', () => request.socket.destroy())
    }),
  },
  {
    name: 'an answer that is no HTTP',
    build: answering(({ request }) => request.socket.end('hello there\r\n\r\n')),
  },
  {
    name: 'no answer in time',
    build: answering(() => undefined, { webhook: { timeoutSeconds: 1 } }),
  },
  {
    name: 'no handshake in time',
    build: async () => ({ server: await tcpServer(() => undefined), webhook: { timeoutSeconds: 1 } }),
  },
  {
    name: 'a body that does not end in time',
    build: answering(({ response }) => response.writeHead(200).write('{'), { webhook: { timeoutSeconds: 1 } }),
  },
  ...[400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429, 500, 503, 504].map((status) => ({
    name: `status ${status}`,
    build: raw('<own words>\n', status, { 'content-type': 'text/plain; charset=utf-8' }),
  })),
  { name: 'status 500 in JSON', build: raw('{"a":1}', 500) },
  {
    name: 'a Status object',
    build: raw(
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"so it is","reason":"Forbidden","code":403}',
      403,
    ),
  },
  {
    name: 'a Status object with status 200',
    build: raw(
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"so it is","reason":"Forbidden","code":403}',
    ),
  },
  ...(
    [
      ['an empty body', ''],
      ['a page', '<html></html>'],
      ['a word', 'hello'],
      ['half an object', '{"kind": "AdmissionReview", '],
      ['an object without kind', '{}'],
      ['a list', '[]'],
      ['a text', '"text"'],
      ['a number', '3'],
      ['null', 'null'],
      ['another kind', '{"kind":"Pod","apiVersion":"v1"}'],
      ['another version', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2"}'],
      ['a response that is a text', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":"yes"}'],
      [
        'allowed that is a text',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"allowed":"yes"}}',
      ],
      [
        'a patch that is no base64',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"allowed":true,"patch":"*"}}',
      ],
      ['a missing response', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'],
      ['no kind but a response', '{"response":{"uid":"{uid}","allowed":true}}'],
      ['a number as uid', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":1}}'],
      [
        'warnings that are a text',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"warnings":"w"}}',
      ],
      [
        'audit annotations of numbers',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"auditAnnotations":{"a":1}}}',
      ],
      [
        'a status that is a text',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"status":"no"}}',
      ],
      ['a trailing word', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"} x'],
      [
        'another uid',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"other","allowed":true}}',
      ],
      [
        'v1beta1 instead of v1',
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","response":{"uid":"other","allowed":true}}',
      ],
    ] as const
  ).map(([what, body]) => ({ name: `answered with ${what}`, build: raw(body) })),
  ...(
    [
      ['patch without type', { allowed: true, patch: base64('[]') }],
      ['type without patch', { allowed: true, patchType: 'JSONPatch' }],
      ['an empty type', { allowed: true, patch: base64('[]'), patchType: '' }],
      [
        'another type',
        { allowed: true, patch: base64('[{"op":"add","path":"/a","value":1}]'), patchType: 'MergePatch' },
      ],
      ['a patch that is no JSON', { allowed: true, patch: base64('hello'), patchType: 'JSONPatch' }],
      ['a patch that is an object', { allowed: true, patch: base64('{}'), patchType: 'JSONPatch' }],
      ['a patch that is a list of texts', { allowed: true, patch: base64('["a"]'), patchType: 'JSONPatch' }],
      ['a patch that removes what is not there', jsonPatch({ op: 'remove', path: '/metadata/nothing' })],
      ['a patch that replaces what is not there', jsonPatch({ op: 'replace', path: '/metadata/nothing', value: 1 })],
      ['a patch below what is not there', jsonPatch({ op: 'add', path: '/metadata/nothing/there', value: 1 })],
      ['a patch with a failing test', jsonPatch({ op: 'test', path: '/kind', value: 'Other' })],
      [
        'a patch with a test of what is not there',
        jsonPatch({ op: 'test', path: '/metadata/nothing', value: 'Other' }),
      ],
      ['a patch with an unknown operation', jsonPatch({ op: 'merge', path: '/kind', value: 'Other' })],
      ['a patch with an index out of range', jsonPatch({ op: 'add', path: '/metadata/finalizers/5', value: 'a.b/c' })],
      ['a patch with a word as index', jsonPatch({ op: 'add', path: '/metadata/finalizers/x', value: 'a.b/c' })],
      [
        'a patch that copies what is not there',
        jsonPatch({ op: 'copy', from: '/metadata/nothing', path: '/metadata/b' }),
      ],
      [
        'a patch that moves what is not there',
        jsonPatch({ op: 'move', from: '/metadata/nothing', path: '/metadata/b' }),
      ],
      ['a patch that makes a wrong type', jsonPatch({ op: 'add', path: '/metadata/labels', value: 'text' })],
      ['a patch that makes a number where text belongs', jsonPatch({ op: 'add', path: '/data', value: { a: 1 } })],
      [
        'a patch that makes an invalid object',
        jsonPatch({ op: 'add', path: '/metadata/labels', value: { 'a b': 'c' } }),
      ],
      ['a patch with a negative index', jsonPatch({ op: 'add', path: '/metadata/finalizers/-1', value: 'a.b/c' })],
      ['a patch of the whole', jsonPatch({ op: 'add', path: '', value: {} })],
      ['a patch that removes an index out of range', jsonPatch({ op: 'remove', path: '/metadata/finalizers/7' })],
      [
        'a patch that replaces an index out of range',
        jsonPatch({ op: 'replace', path: '/metadata/finalizers/7', value: 'a.b/c' }),
      ],
      ['a patch below a text', jsonPatch({ op: 'add', path: '/kind/a', value: 1 })],
      ['a patch of null', { allowed: true, patch: base64('null'), patchType: 'JSONPatch' }],
      ['a patch that changes the kind', jsonPatch({ op: 'replace', path: '/kind', value: 'Secret' })],
      ['a patch that changes the name', jsonPatch({ op: 'replace', path: '/metadata/name', value: 'other' })],
      ['a patch that changes the namespace', jsonPatch({ op: 'replace', path: '/metadata/namespace', value: 'other' })],
      ['a patch without a path', jsonPatch({ op: 'add', value: 1 })],
      ['a patch without a value', jsonPatch({ op: 'add', path: '/data' })],
      ['a refusal without a status', { allowed: false }],
      ['a refusal with a message', { allowed: false, status: { message: 'no way' } }],
      ['a refusal with a reason', { allowed: false, status: { reason: 'Forbidden', code: 403 } }],
      ['a refusal with code 200', { allowed: false, status: { code: 200, status: 'Success', message: 'odd' } }],
      [
        'a refusal with code 429 and details',
        {
          allowed: false,
          status: { code: 429, reason: 'TooManyRequests', message: 'later', details: { retryAfterSeconds: 3 } },
        },
      ],
    ] satisfies readonly (readonly [string, JsonObject])[]
  ).map(([what, content]) => ({
    name: `answered with ${what}`,
    build: answering(({ answer }) => answer(content)),
  })),
  { name: 'side effects but for dry runs', build: answering(allow, { webhook: { sideEffects: 'NoneOnDryRun' } }) },
  {
    name: 'a match condition that fails',
    build: answering(allow, {
      webhook: { matchConditions: [{ name: 'fails', expression: 'object.data.nothing == "x"' }] },
    }),
  },
  {
    name: 'a match condition that fails, another is true',
    build: answering(allow, {
      webhook: {
        matchConditions: [
          { name: 'true', expression: 'true' },
          { name: 'fails', expression: 'object.metadata.finalizers[3] == "x"' },
        ],
      },
    }),
  },
]
