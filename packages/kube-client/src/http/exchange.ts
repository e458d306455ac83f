import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { RequestAccess } from '../config/access.ts'

export interface Outgoing {
  readonly method: string
  readonly url: URL
  readonly body?: string | undefined
  readonly contentType?: string | undefined
  readonly accept?: string | undefined
}

/** Told to servers in their audit log. */
const USER_AGENT = 'proa/0.1'

/**
 * Sends one request; resolves with the head of the answer. Its body is still to be read, and it fails when `signal` is aborted.
 */
export function send(
  outgoing: Outgoing,
  { headers, agent, tls }: RequestAccess,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { method, url, body, contentType, accept = 'application/json' } = outgoing
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = start(url, {
      method,
      agent,
      ...tls,
      signal,
      headers: {
        'User-Agent': USER_AGENT,
        Accept: accept,
        ...headers,
        ...(body === undefined
          ? {}
          : { 'Content-Type': contentType ?? 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      },
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.on('socket', (socket) => socket.setNoDelay(true))
    request.end(body)
  })
}

/** 500 objects of the greatest size that etcd takes would be more; nobody has them. */
const LONGEST_BODY = 512 * 1024 * 1024

export async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    const bytes = chunk as Buffer
    length += bytes.length
    if (length > LONGEST_BODY) {
      response.destroy()
      throw new Error(`the answer is longer than ${LONGEST_BODY} bytes`)
    }
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
