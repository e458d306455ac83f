import type { IncomingMessage } from 'node:http'
import { isObject, type Json, type JsonObject } from '@proa/kube'
import type { ClusterConnection } from '../config/load.ts'
import { ConnectionError, StatusError } from '../errors.ts'
import type { Timing } from '../timing.ts'
import type { Query, WaitOptions } from '../types.ts'
import { codeOf, connectionProblem } from './connection-problem.ts'
import { type Outgoing, readBody, send } from './exchange.ts'
import { type LinkedSignal, linkedSignal } from './linked-signal.ts'
import { refusal } from './status.ts'
import type { WarningCollection } from './warnings.ts'

export interface RequesterOptions {
  readonly connection: ClusterConnection
  readonly timing: Timing
  readonly warnings: WarningCollection
  /** Milliseconds that a request may take, with all its tries. */
  readonly timeout: number
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal
}

export interface Call {
  readonly method: string
  /** `/api/v1/namespaces/x/pods` */
  readonly path: string
  readonly query?: Query
  readonly body?: JsonObject | readonly Json[] | undefined
  readonly contentType?: string
  readonly accept?: string
}

/** Sends requests and reads their answers as JSON. */
export interface Requester {
  /** @throws StatusError, ConnectionError, KubeConfigError */
  json(call: Call, options?: WaitOptions): Promise<JsonObject>
  /** The same, for answers that are text. */
  text(call: Call, options?: WaitOptions): Promise<string>
  /** The answer with its body unread; for watches. The signal ends it. */
  stream(call: Call, signal: AbortSignal): Promise<IncomingMessage>
}

/** Tries of one request: enough for a server that says "in a second" while it starts. */
const MOST_TRIES = 10

export function requester(options: RequesterOptions): Requester {
  const { connection, timing, closed, warnings } = options

  const attempt = async (outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> => {
    const response = await send(outgoing, await connection.access(), signal)
    warnings.add(response.headers.warning)
    return response
  }

  /** Until an answer that is not "come again later"; the body of a refusal is read. */
  const persist = async (outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> => {
    let renewed = false
    for (let tries = 1; ; tries++) {
      const response = await attempt(outgoing, signal).catch((error: unknown) => {
        if (tries <= 2 && outgoing.method === 'GET' && isReset(error)) return undefined
        throw error
      })
      if (response === undefined) continue
      const code = response.statusCode ?? 0
      if (code >= 200 && code < 300) return response
      const body = await readBody(response)
      if (code === 401 && !renewed && connection.forget()) {
        renewed = true
        continue
      }
      const wait = tries < MOST_TRIES ? retryAfter(code, response.headers['retry-after']) : undefined
      if (wait === undefined) throw refusal(code, body)
      await timing.sleep(wait, signal)
      if (signal.aborted) throw refusal(code, body)
    }
  }

  const fail = (error: unknown, limit: LinkedSignal, { signal, timeout = options.timeout }: WaitOptions): Error => {
    if (error instanceof StatusError) return error
    if (closed.aborted) return new ConnectionError(`the client of ${connection.server} was closed`, { cause: error })
    if (signal?.aborted === true) {
      return new ConnectionError(`the request to ${connection.server} was given up`, { cause: error })
    }
    if (!limit.timedOut) return connectionProblem(connection.server, error)
    const message = `the API server ${connection.server} gave no answer within ${timeout / 1000} s`
    return new ConnectionError(`${message} (look at VPN, firewall and proxy)`, { cause: error, timedOut: true })
  }

  const read = async <T>(call: Call, wait: WaitOptions, parse: (body: string) => T): Promise<T> => {
    const signals = wait.signal === undefined ? [closed] : [closed, wait.signal]
    const limit = linkedSignal(signals, wait.timeout ?? options.timeout)
    try {
      const response = await persist(outgoingOf(connection.server, call), limit.signal)
      return parse(await readBody(response))
    } catch (error) {
      throw fail(error, limit, wait)
    } finally {
      limit.unlink()
    }
  }

  return {
    json: (call, wait = {}) => read(call, wait, (body) => parseObject(body, connection.server)),
    text: (call, wait = {}) => read({ accept: '*/*', ...call }, wait, (body) => body),
    async stream(call, ended) {
      const limit = linkedSignal([ended, closed], options.timeout)
      try {
        const response = await persist(outgoingOf(connection.server, call), limit.signal)
        // The limit is for the head of the answer; the body lasts as long as the watch.
        limit.clearTimeout()
        response.once('close', limit.unlink)
        return response
      } catch (error) {
        limit.unlink()
        throw fail(error, limit, {})
      }
    },
  }
}

function outgoingOf(server: string, { method, path, query, body, contentType, accept }: Call): Outgoing {
  const url = new URL(server + path)
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
  return { method, url, body: body === undefined ? undefined : JSON.stringify(body), contentType, accept }
}

/** A connection that was kept open may be closed by the server in the moment when it is used again. */
function isReset(error: unknown): boolean {
  return /^(ECONNRESET|EPIPE)$/.test(codeOf(error))
}

/** As client-go: 429 and 5xx are tried again when the server says when. */
function retryAfter(code: number, header: string | undefined): number | undefined {
  if ((code !== 429 && code < 500) || header === undefined || !/^\d+$/.test(header)) return undefined
  return Number(header) * 1000
}

function parseObject(text: string, server: string): JsonObject {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new ConnectionError(`what answers at ${server} is no API server: its answer is not JSON`, { cause })
  }
  if (isObject(value)) return value
  throw new ConnectionError(`what answers at ${server} is no API server: its answer is not an object`)
}
