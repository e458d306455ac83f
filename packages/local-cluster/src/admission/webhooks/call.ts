import type { IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import type { AdmissionDeps } from '../deps.ts'
import { createDialler, type Dialler } from './dial.ts'
import { CallError, codeOf, connectionProblem, messageOf } from './go-errors.ts'
import type { WebhookTarget } from './target.ts'

export interface WebhookAnswer {
  readonly status: number
  readonly contentType: string
  /** A whole number of seconds from `Retry-After`. */
  readonly retryAfter: number | undefined
  readonly body: string
}

/** One POST to a webhook. Rejects with CallError, whose message stands behind `failed calling webhook "x": `. */
export type PostToWebhook = (
  target: WebhookTarget,
  body: string,
  timeoutSeconds: number,
  signal: AbortSignal,
) => Promise<WebhookAnswer>

/** The connections of all webhooks, kept open and used again for the same clientConfig. */
export function createCaller(deps: AdmissionDeps): PostToWebhook {
  const agents = new Map<string, Agent>()
  deps.signal?.addEventListener('abort', () => {
    for (const agent of agents.values()) agent.destroy()
  })
  return async (target, body, timeoutSeconds, signal) => {
    const agent = tryAgent(agents, target, deps)
    const url = `${target.url}?timeout=${timeoutSeconds}s`
    try {
      return await post(agent, target, body, timeoutSeconds, signal)
    } catch (error) {
      const words = signal.aborted ? 'context deadline exceeded' : wordsOf(error, target)
      throw error instanceof BodyError
        ? new CallError(`${FAILED}unexpected error when reading response body. Please retry. Original error: ${words}`)
        : new CallError(`${FAILED}Post ${JSON.stringify(url)}: ${words}`)
    }
  }
}

export const FAILED = 'failed to call webhook: '

function tryAgent(agents: Map<string, Agent>, target: WebhookTarget, deps: AdmissionDeps): Agent {
  try {
    return agentFor(agents, target, deps)
  } catch (error) {
    throw new CallError(`could not get REST client: ${messageOf(error)}`)
  }
}

/** Go's client keeps this many idle connections per host, for this long. */
const IDLE_CONNECTIONS = 25
const IDLE_MILLISECONDS = 90_000
/** As many clients as the API server remembers. */
const MAX_AGENTS = 200

function agentFor(agents: Map<string, Agent>, target: WebhookTarget, deps: AdmissionDeps): Agent {
  const known = agents.get(target.key)
  if (known !== undefined) return known
  const agent = poolOf(createDialler(target, deps), {
    keepAlive: true,
    maxFreeSockets: IDLE_CONNECTIONS,
    timeout: IDLE_MILLISECONDS,
  })
  const oldest = agents.keys().next().value
  if (agents.size >= MAX_AGENTS && oldest !== undefined) {
    agents.get(oldest)?.destroy()
    agents.delete(oldest)
  }
  agents.set(target.key, agent)
  return agent
}

/** Node's pool of connections, opened by our dialler. */
function poolOf(dialler: Dialler, options: AgentOptions): Agent {
  const agent = new Agent(options)
  // Without a returned socket the agent waits for the callback.
  agent.createConnection = ((options: DialOptions, done: (error: Error | null, socket?: Duplex) => void) => {
    dialler.dial(options.dialSignal).then((socket) => done(null, socket), done)
  }) as unknown as typeof agent.createConnection
  return agent
}

interface DialOptions {
  readonly dialSignal: AbortSignal
}

/** The answer broke off inside its body. */
class BodyError extends Error {
  override readonly name = 'BodyError'
}

function wordsOf(error: unknown, target: WebhookTarget): string {
  const cause = error instanceof BodyError ? error.cause : error
  return cause instanceof CallError ? cause.message : connectionProblem(cause, target)
}

function post(
  agent: Agent,
  target: WebhookTarget,
  body: string,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    // The agent does not hand `signal` on to who opens the connection, but what it does not know.
    const forDialling: DialOptions = { dialSignal: signal }
    const request = httpsRequest({
      ...forDialling,
      agent,
      signal,
      method: 'POST',
      host: target.host,
      port: target.port,
      path: `${target.path}?timeout=${timeoutSeconds}s`,
      headers: {
        'user-agent': 'kube-apiserver-admission',
        accept: 'application/json, */*',
        'accept-encoding': 'gzip',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    })
    let answered = false
    request.on('error', (error) => {
      if (answered) return
      // The server closed an idle connection just when it was taken: Go asks again on another one.
      if (request.reusedSocket && codeOf(error) === 'ECONNRESET' && !signal.aborted) {
        post(agent, target, body, timeoutSeconds, signal).then(resolve, reject)
      } else reject(error)
    })
    request.once('response', (response) => {
      answered = true
      readAnswer(response).then(resolve, reject)
    })
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk)
  } catch (error) {
    throw new BodyError('the answer broke off', {
      cause: codeOf(error) === 'ECONNRESET' ? new CallError('unexpected EOF') : error,
    })
  }
  const raw = Buffer.concat(chunks)
  const retryAfter = Number(response.headers['retry-after'])
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    retryAfter: Number.isInteger(retryAfter) ? retryAfter : undefined,
    body: (response.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8'),
  }
}
