import { Agent, request } from 'node:https'
import { type Json, type JsonObject, parseYaml } from '@proa/kube'

export interface Answer {
  readonly code: number
  readonly body: Json
  readonly text: string
  readonly warnings: readonly string[]
}

export interface Client {
  send(method: string, path: string, body?: Json, headers?: Readonly<Record<string, string>>): Promise<Answer>
  close(): void
}

/** A client that sends what it is told and no more: with the certificate of a kubeconfig, or a token, or nothing. */
export function httpsClient(
  cluster: { readonly url: string; readonly ca: string; readonly kubeconfig: string },
  credentials: 'admin' | 'nobody' | { readonly token: string } = 'admin',
): Client {
  const certificate = credentials === 'admin' ? adminCertificate(cluster.kubeconfig) : {}
  const agent = new Agent({ keepAlive: true, ca: cluster.ca, ...certificate })
  const token = typeof credentials === 'object' ? { authorization: `Bearer ${credentials.token}` } : {}
  return {
    send(method, path, body, headers = {}) {
      const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
      const length =
        body === undefined || body === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
      return new Promise((resolve, reject) => {
        const sent = request(
          new URL(`${cluster.url}${path}`),
          { method, agent, headers: { 'user-agent': 'test/1', ...token, ...length, ...headers } },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () => {
              const answer = Buffer.concat(chunks).toString('utf8')
              const warning = response.headers.warning
              const warnings = warning === undefined ? [] : warning.split(/, (?=299 )/)
              resolve({ code: response.statusCode ?? 0, body: parsed(answer), text: answer, warnings })
            })
          },
        )
        sent.on('error', reject)
        sent.end(text)
      })
    },
    close: () => agent.destroy(),
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function adminCertificate(kubeconfig: string): { cert: string; key: string } {
  const config = parseYaml(kubeconfig) as unknown as { users: readonly { user: JsonObject }[] }
  const user = config.users[0]?.user ?? {}
  const decode = (key: string): string => Buffer.from(String(user[key]), 'base64').toString('utf8')
  return { cert: decode('client-certificate-data'), key: decode('client-key-data') }
}
