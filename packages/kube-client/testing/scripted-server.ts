import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Json, JsonObject } from '@proa/kube'
import { type Authority, createAuthority, type IssuedCertificate, issueServingCertificate } from '@proa/pki'
import { type ClientOptions, createClient, type KubeClient, loadKubeConfig } from '../src/index.ts'

const DAY = 86_400_000

let made: Promise<{ authority: Authority; serving: IssuedCertificate }> | undefined

/** One authority and one certificate for 127.0.0.1 serve all tests of a file. */
export function testCertificates(): Promise<{ authority: Authority; serving: IssuedCertificate }> {
  made ??= (async () => {
    const now = new Date()
    const authority = await createAuthority({ commonName: 'test', validFor: DAY, now })
    const serving = await issueServingCertificate(authority, {
      dnsNames: ['localhost', 'api.test'],
      ipAddresses: ['127.0.0.1'],
      validFor: DAY,
      now,
    })
    return { authority, serving }
  })()
  return made
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly message: IncomingMessage
}

export type Script = (request: SeenRequest, response: ServerResponse) => void

export interface ScriptedServer {
  readonly url: string
  readonly server: Server
  /** As a file's text, with a token. */
  kubeconfig(user?: JsonObject): string
  client(options?: ClientOptions): Promise<KubeClient>
  close(): Promise<void>
}

/** A real HTTPS server that answers as the test says. */
export async function scriptedServer(script: Script, options: ServerOptions = {}): Promise<ScriptedServer> {
  const { authority, serving } = await testCertificates()
  const server = createServer(
    { cert: serving.certificate, key: serving.privateKey, ...options },
    (message, response) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('end', () => {
        const url = new URL(message.url ?? '/', 'https://server')
        const body = Buffer.concat(chunks).toString('utf8')
        const { method = '', headers } = message
        script({ method, path: url.pathname, query: url.searchParams, headers, body, message }, response)
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clients: KubeClient[] = []
  const kubeconfig = (user: JsonObject = { token: 'secret-token' }): string =>
    kubeconfigText({ server: url, 'certificate-authority-data': base64(authority.certificate) }, user)
  return {
    url,
    server,
    kubeconfig,
    async client(clientOptions) {
      const client = createClient(await loadKubeConfig({ text: kubeconfig(), env: {} }), clientOptions)
      clients.push(client)
      return client
    },
    async close() {
      for (const client of clients) client.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function kubeconfigText(cluster: JsonObject, user: JsonObject): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

export function answer(response: ServerResponse, code: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

export function statusOf(code: number, reason: string, message: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message }
}
