/**
 * Asks a real API server what packages/local-cluster/src/http/testdata/answers.json expects, and writes down its answers:
 *
 *   node tools/record-api-answers.ts --server https://127.0.0.1:6443 --token …
 *
 * The requests are sent in their order, in a namespace `answers` that must not be there before (nor its CustomResourceDefinition)
 * and is deleted at the end. The server needs a controller manager and no scheduler. Requests without an expected answer
 * only prepare the next.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { parseArgs } from 'node:util'

const FILE = new URL('../packages/local-cluster/src/http/testdata/answers.json', import.meta.url)
const NAMESPACES = '/api/v1/namespaces'
const CRD_TRIES = 50

interface Exchange {
  readonly request: readonly [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]
  readonly code?: number
}

interface Answer {
  readonly code: number
  readonly text: string
  readonly warnings: readonly string[]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { server: { type: 'string' }, token: { type: 'string' } } })
  const { server, token } = values
  if (server === undefined || token === undefined)
    throw new Error('usage: record-api-answers --server URL --token TOKEN')
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true })
  const ask = (one: Exchange['request']): Promise<Answer> => send(server, token, agent, one)
  await ask(['POST', NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'answers' } }])
  await until(async () => (await ask(['GET', `${NAMESPACES}/answers/serviceaccounts/default`])).code === 200)
  const lines: string[] = []
  for (const { request: wanted, code } of JSON.parse(readFileSync(FILE, 'utf8')) as readonly Exchange[]) {
    const answer = await ask(wanted)
    lines.push(JSON.stringify({ request: wanted, ...(code === undefined ? {} : shown(answer)) }))
    if (wanted[0] === 'POST' && wanted[1].endsWith('/customresourcedefinitions'))
      await until(
        async () => (await ask(['GET', `/apis/diff.example.com/v1/namespaces/answers/apidiffs`])).code === 200,
      )
  }
  writeFileSync(FILE, `[\n${lines.join(',\n')}\n]\n`)
  await ask(['DELETE', `${NAMESPACES}/answers`])
  agent.destroy()
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < CRD_TRIES; attempt++) {
    if (await done()) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the server does not get ready')
}

function shown({ code, text, warnings }: Answer): Record<string, unknown> {
  const status = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  const refusal = status.kind === 'Status' ? status : {}
  return {
    code,
    ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
    ...(refusal.message === undefined ? {} : { message: steady(String(refusal.message)) }),
    ...(warnings.length === 0 ? {} : { warnings }),
  }
}

/** Without what differs from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
}

function send(
  server: string,
  token: string,
  agent: Agent,
  [method, path, body, headers]: Exchange['request'],
): Promise<Answer> {
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type =
    body === undefined || body === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const options = {
      method,
      agent,
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'diff/1', ...type, ...headers },
    }
    const sent = request(`${server}${path}`, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const warnings = response.headers.warning?.split(/, (?=299 )/) ?? []
        resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), warnings })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

await main()
