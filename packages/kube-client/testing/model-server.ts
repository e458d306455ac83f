import type { ServerResponse } from 'node:http'
import type { JsonObject } from '@proa/kube'
import { answer, type ScriptedServer, type SeenRequest, scriptedServer, statusOf } from './scripted-server.ts'

/** A collection of ConfigMaps with a history, as etcd and the API server keep it, and the ways in which they fail. */
export interface ModelServer extends ScriptedServer {
  put(name: string): void
  remove(name: string): void
  /** Forgets all history until now: who asks for it gets 410. */
  compact(): void
  /** Ends the watches: cleanly, in the middle of a line, with an ERROR event, or with a line that is no JSON. */
  endWatches(how: 'clean' | 'cut' | 'error' | 'garbage' | 'expired'): void
  bookmark(): void
  /** The next requests are answered so. */
  failNext(how: 'reset' | 'error' | 'expired'): void
  objects(): ReadonlyMap<string, JsonObject>
  /** How many watches are open and have been told everything. */
  readonly watches: number
}

interface LoggedChange {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: JsonObject
}

const PAGE = 2

export async function modelServer(): Promise<ModelServer> {
  let version = 10
  let compacted = 0
  let uids = 0
  const objects = new Map<string, JsonObject>()
  const snapshots = new Map<number, readonly JsonObject[]>()
  const log: LoggedChange[] = []
  const watches = new Set<ServerResponse>()
  const failures: ('reset' | 'error' | 'expired')[] = []

  const change = (type: LoggedChange['type'], object: JsonObject): void => {
    log.push({ version, type, object })
    const line = `${JSON.stringify({ type, object })}\n`
    // Cut inside characters and objects, as networks do.
    const bytes = Buffer.from(line)
    const middle = Math.floor(bytes.length / 2)
    for (const response of watches) {
      response.write(bytes.subarray(0, middle))
      response.write(bytes.subarray(middle))
    }
  }
  const list = ({ query }: SeenRequest, response: ServerResponse): void => {
    const [at = String(version), offset = '0'] = query.get('continue')?.split(':') ?? []
    if (query.get('continue') === null) snapshots.set(version, [...objects.values()])
    const snapshot = snapshots.get(Number(at))
    if (snapshot === undefined || (query.get('continue') !== null && Number(at) < compacted)) {
      answer(response, 410, statusOf(410, 'Expired', 'The provided continue parameter is too old'))
      return
    }
    // Smaller pages than asked for, so that few objects make several.
    const limit = query.get('limit') === null ? snapshot.length : PAGE
    const end = Number(offset) + limit
    const token = end < snapshot.length ? { continue: `${at}:${end}` } : {}
    answer(response, 200, {
      kind: 'List',
      metadata: { resourceVersion: at, ...token },
      items: snapshot.slice(Number(offset), end),
    })
  }
  const watch = ({ query }: SeenRequest, response: ServerResponse): void => {
    const from = Number(query.get('resourceVersion'))
    response.writeHead(200, { 'content-type': 'application/json' })
    if (from < compacted) {
      const object = statusOf(410, 'Expired', `too old resource version: ${from} (${compacted})`)
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      return
    }
    response.flushHeaders()
    for (const { type, object, version: at } of log)
      if (at > from) response.write(`${JSON.stringify({ type, object })}\n`)
    watches.add(response)
    response.on('close', () => watches.delete(response))
  }
  const server = await scriptedServer((request, response) => {
    const failure = failures.shift()
    if (failure === 'reset') return void request.message.socket.destroy()
    if (failure === 'error') return answer(response, 500, statusOf(500, 'InternalError', 'etcdserver: leader changed'))
    if (failure === 'expired') return answer(response, 410, statusOf(410, 'Expired', 'too old'))
    if (request.query.get('watch') === '1') watch(request, response)
    else list(request, response)
  })
  return {
    ...server,
    put(name) {
      version++
      const before = objects.get(name)
      const uid = before === undefined ? `uid-${++uids}` : (before.metadata as JsonObject).uid
      const object = {
        metadata: { name, namespace: 'ns', uid: uid ?? '', resourceVersion: String(version) },
        data: { text: `${name} at ${version}: ä€😀` },
      }
      objects.set(name, object)
      change(before === undefined ? 'ADDED' : 'MODIFIED', object)
    },
    remove(name) {
      const before = objects.get(name)
      if (before === undefined) return
      version++
      objects.delete(name)
      const metadata = { ...(before.metadata as JsonObject), resourceVersion: String(version) }
      change('DELETED', { ...before, metadata })
    },
    compact() {
      compacted = version
    },
    endWatches(how) {
      for (const response of watches) {
        watches.delete(response)
        if (how === 'clean') response.end()
        else if (how === 'garbage') response.end('{"type": oops}\n')
        else if (how === 'cut') response.write('{"type":"MODI', () => response.destroy())
        else {
          const object = how === 'error' ? statusOf(500, 'InternalError', 'boom') : statusOf(410, 'Expired', 'gone')
          response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
        }
      }
    },
    bookmark() {
      const object = { kind: 'ConfigMap', metadata: { resourceVersion: String(version) } }
      for (const response of watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    },
    failNext: (how) => void failures.push(how),
    objects: () => objects,
    get watches() {
      return watches.size
    },
  }
}
