import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ServingCertificate } from '../contracts.ts'
import { SELF_CHECK_HEADER } from '../http/self-check.ts'
import { sampleReview } from './sample-review.ts'

export interface SelfCheck {
  readonly address: AddressInfo
  readonly certificate: ServingCertificate
  /** Of the configuration that has to have answered. */
  readonly generation: number
  /** Value of the header that marks the request. */
  readonly header: string
}

/** Milliseconds: the least that our manifests give a webhook. */
const PATIENCE = 3_000
const SAMPLE = sampleReview()

/**
 * Injects the sample Pod through the listener, as the API server would: a new TLS connection, the roots of the caBundle where they
 * are known, the whole way to the patch.
 *
 * @returns what does not work; undefined when all does
 */
export function checkSelf(check: SelfCheck): Promise<string | undefined> {
  const { address, certificate, header } = check
  const { caBundle } = certificate
  const host = address.address === '::' ? '::1' : address.address === '0.0.0.0' ? '127.0.0.1' : address.address
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const sent = request({
    host,
    port: address.port,
    method: 'POST',
    path: '/inject',
    agent: false,
    timeout: PATIENCE,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(SAMPLE),
      [SELF_CHECK_HEADER]: header,
    },
    // The name is the Service's, which this connection does not use.
    checkServerIdentity: () => undefined,
    ...(caBundle === undefined ? { rejectUnauthorized: false } : { ca: caBundle }),
  })
  const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE)
  sent.on('response', (answer) => {
    const problem = problemOf(answer, check)
    answer.resume()
    answer.on('close', () => resolve(problem))
  })
  sent.on('error', (error) => resolve(`the injector cannot reach itself: ${reasonOf(error)}`))
  sent.on('close', () => {
    clearTimeout(timer)
    resolve('the connection was closed without an answer')
  })
  sent.end(SAMPLE)
  return promise
}

/** Behind the semicolon Node.js gives advice for command lines. */
function reasonOf({ message }: Error): string {
  return message.split(';')[0] ?? message
}

function problemOf(answer: IncomingMessage, { certificate, generation }: SelfCheck): string | undefined {
  const served = (answer.socket as TLSSocket).getPeerX509Certificate()
  if (served?.fingerprint256 !== new X509Certificate(certificate.certificate).fingerprint256) {
    return 'the listener serves another certificate than the newest'
  }
  const outcome = answer.headers['x-proa-outcome']
  if (outcome === undefined) return 'another server answers at the address'
  if (!String(outcome).startsWith('injected/')) return `the sample Pod was not injected: ${outcome}`
  const answered = Number(answer.headers['x-proa-generation'])
  return answered === generation ? undefined : `configuration ${answered} answers, not ${generation}`
}
