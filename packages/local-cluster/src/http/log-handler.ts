import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import type { Backend, Call, LogQuery } from '../api/backend.ts'
import { badRequest } from '../api/errors.ts'
import { part } from '../api/metadata.ts'
import { getObject } from '../api/read.ts'
import { isTrue } from './request-info.ts'

/** `kubectl logs`: the lines of one container as plain text. */
export async function sendLog(
  backend: Backend,
  call: Call,
  query: URLSearchParams,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const pod = getObject(backend, { ...call, subresource: '' })
  const container = chooseContainer(pod, call.name, query.get('container') ?? '')
  const ended = new AbortController()
  const end = (): void => ended.abort()
  response.on('close', end)
  signal.addEventListener('abort', end)
  try {
    const lines = backend.logs(pod, logQuery(container, query, backend.now()), ended.signal)
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.flushHeaders()
    for await (const line of lines) {
      if (ended.signal.aborted) break
      if (!response.write(`${line}\n`)) await once(response, 'drain', { signal: ended.signal }).catch(() => {})
    }
  } finally {
    signal.removeEventListener('abort', end)
    response.end()
  }
}

function logQuery(container: string, query: URLSearchParams, now: number): LogQuery {
  const tail = query.get('tailLines')
  return {
    container,
    follow: isTrue(query.get('follow')),
    tailLines: tail === null || !/^\d+$/.test(tail) ? undefined : Number(tail),
    since: sinceOf(query, now),
    timestamps: isTrue(query.get('timestamps')),
  }
}

function sinceOf(query: URLSearchParams, now: number): number | undefined {
  const seconds = query.get('sinceSeconds')
  if (seconds !== null && /^\d+$/.test(seconds)) return now - Number(seconds) * 1000
  const time = Date.parse(query.get('sinceTime') ?? '')
  return Number.isNaN(time) ? undefined : time
}

/** A Pod with one container needs no choice. */
function chooseContainer(pod: JsonObject, name: string, wanted: string): string {
  const spec = part(pod, 'spec')
  const [containers, init, ephemeral] = [
    names(spec, 'containers'),
    names(spec, 'initContainers'),
    names(spec, 'ephemeralContainers'),
  ]
  if (wanted !== '') {
    if ([...containers, ...init, ...ephemeral].includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${name}`)
  }
  const [only] = containers
  if (containers.length === 1 && only !== undefined) return only
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${others}`,
  )
}

function names(spec: JsonObject, list: string): readonly string[] {
  const containers = getOwn(spec, list)
  return isArray(containers)
    ? containers.flatMap((one) => (isObject(one) && typeof one.name === 'string' ? [one.name] : []))
    : []
}
