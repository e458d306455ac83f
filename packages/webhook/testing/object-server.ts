import type { ServerResponse } from 'node:http'
import type { JsonObject } from '@proa/kube'
import {
  answer,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
  statusOf,
} from '../../kube-client/testing/scripted-server.ts'

/** A server that keeps objects of some collections, lists and watches them. */
export interface ObjectServer extends ScriptedServer {
  /** @param collection path of the collection without namespace: `/api/v1/configmaps` */
  put(collection: string, object: JsonObject): void
  remove(collection: string, name: string): void
  /** From now on the collection is refused with this status, or served again. */
  refuse(collection: string, status: JsonObject | undefined): void
}

interface Watch {
  readonly collection: string
  readonly name: string | undefined
  readonly response: ServerResponse
}

/** Collections that nobody ever put something in do not exist, unless they are named here. */
export async function objectServer(collections: readonly string[] = []): Promise<ObjectServer> {
  let version = 1
  const stored = new Map<string, Map<string, JsonObject>>(collections.map((one) => [one, new Map()]))
  const refused = new Map<string, JsonObject>()
  const watches = new Set<Watch>()
  const log: { readonly version: number; readonly collection: string; readonly name: string; readonly line: string }[] =
    []

  const tell = (collection: string, type: string, object: JsonObject): void => {
    const name = nameOf(object)
    const line = `${JSON.stringify({ type, object })}\n`
    log.push({ version, collection, name, line })
    for (const watch of watches) {
      if (watch.collection === collection && (watch.name === undefined || watch.name === name))
        watch.response.write(line)
    }
  }
  const server = await scriptedServer((request, response) => {
    const collection = request.path.replace(/\/namespaces\/[^/]+(?=\/)/, '')
    const refusal = refused.get(collection)
    if (refusal !== undefined) return answer(response, Number(refusal.code), refusal)
    const group = /^\/apis\/[^/]+\/[^/]+$/.test(collection)
    if (group && [...stored.keys()].some((one) => one.startsWith(`${collection}/`))) {
      return answer(response, 200, { resources: [{ kind: 'ProxyConfig', name: 'proxyconfigs', namespaced: true }] })
    }
    const objects = stored.get(collection)
    if (objects === undefined)
      return answer(response, 404, statusOf(404, 'NotFound', 'the server could not find the requested resource'))
    const name = nameSelector(request)
    if (request.query.get('watch') !== '1') {
      const items = [...objects.values()].filter((object) => name === undefined || nameOf(object) === name)
      return answer(response, 200, { metadata: { resourceVersion: String(version) }, items })
    }
    response.writeHead(200).flushHeaders()
    const from = Number(request.query.get('resourceVersion'))
    for (const one of log) {
      if (one.version > from && one.collection === collection && (name === undefined || one.name === name))
        response.write(one.line)
    }
    const watch = { collection, name, response }
    watches.add(watch)
    response.on('close', () => watches.delete(watch))
  })
  return {
    ...server,
    put(collection, object) {
      const objects = stored.get(collection) ?? new Map<string, JsonObject>()
      stored.set(collection, objects)
      const name = nameOf(object)
      const isNew = !objects.has(name)
      version++
      const next = {
        ...object,
        metadata: { ...(object.metadata as JsonObject), resourceVersion: String(version), uid: name },
      }
      objects.set(name, next)
      tell(collection, isNew ? 'ADDED' : 'MODIFIED', next)
    },
    remove(collection, name) {
      const object = stored.get(collection)?.get(name)
      if (object === undefined) return
      stored.get(collection)?.delete(name)
      version++
      tell(collection, 'DELETED', {
        ...object,
        metadata: { ...(object.metadata as JsonObject), resourceVersion: String(version) },
      })
    },
    refuse(collection, status) {
      if (status === undefined) refused.delete(collection)
      else refused.set(collection, status)
      for (const watch of watches) if (watch.collection === collection) watch.response.destroy()
    },
  }
}

function nameOf(object: JsonObject): string {
  return String((object.metadata as JsonObject).name)
}

function nameSelector({ query }: SeenRequest): string | undefined {
  return /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1]
}
