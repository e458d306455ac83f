import { readFileSync } from 'node:fs'
import type { Json, JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, httpsClient } from '../../testing/https-client.ts'
import { type LocalCluster, startLocalCluster } from '../start.ts'

interface Exchange {
  readonly request: readonly [method: string, path: string, body?: Json, headers?: Readonly<Record<string, string>>]
  /** What a real API server (1.36) answered; absent where this server differs and the request only prepares the next. */
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly warnings?: readonly string[]
}

const EXCHANGES = JSON.parse(
  readFileSync(new URL('testdata/answers.json', import.meta.url), 'utf8'),
) as readonly Exchange[]
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'answers' } }

describe('answers and refusals are those of a real API server', () => {
  let cluster: LocalCluster
  let client: Client
  beforeAll(async () => {
    cluster = await startLocalCluster({ nodes: [] })
    client = httpsClient(cluster)
    await client.send('POST', '/api/v1/namespaces', NAMESPACE)
    await cluster.quiet()
  })
  afterAll(async () => {
    client.close()
    await cluster.stop()
  })

  for (const [index, { request, ...expected }] of EXCHANGES.entries()) {
    const [method, path, body, headers] = request
    it(`${index + 1}: ${method} ${path} ${body === undefined ? '' : JSON.stringify(body).slice(0, 80)}`, async () => {
      const answer = await client.send(method, path, body, { 'user-agent': 'diff/1', ...headers })
      if (expected.code === undefined) return
      const status: JsonObject = isStatus(answer.body) ? answer.body : {}
      const { reason, message } = status
      expect({
        code: answer.code,
        ...(reason === undefined ? {} : { reason }),
        ...(message === undefined ? {} : { message: withoutUids(String(message)) }),
        ...(answer.warnings.length === 0 ? {} : { warnings: answer.warnings }),
      }).toEqual(expected)
    })
  }
})

function isStatus(body: Json): body is JsonObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && (body as JsonObject).kind === 'Status'
}

function withoutUids(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
}
