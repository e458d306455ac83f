import type { JsonObject } from '@proa/kube'
import { apiVersionOf } from '../resources/definition.ts'
import type { StoreChange } from '../store/store.ts'
import type { Backend, Call } from './backend.ts'
import { served } from './convert.ts'
import { expired, invalid, unforeseen } from './errors.ts'
import { withMetadata } from './metadata.ts'
import { parseVersion, versionProblem } from './read.ts'
import { type Selects, selection } from './selection.ts'
import { statusOf } from './status.ts'

export interface WatchQuery {
  readonly labelSelector: string
  readonly fieldSelector: string
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly bookmarks: boolean
  /** Undefined when the request does not say. */
  readonly sendInitialEvents: boolean | undefined
}

export interface WatchedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: JsonObject
}

/**
 * A place in the history of one collection. It holds a revision and nothing else: what comes next is read from the store's
 * window when the client is ready for it, so a slow client costs no memory; one that falls out of the window is told so.
 */
export interface WatchCursor {
  /** What has happened since the last call, at most a screenful; empty when nothing has. After ERROR there is nothing more. */
  next(): readonly WatchedEvent[]
  /** How far it is. Undefined while the list at its beginning is not out. */
  bookmark(): WatchedEvent | undefined
}

const BATCH = 500

export function openWatch(backend: Backend, call: Call, query: WatchQuery): WatchCursor {
  const selects = selection(call.type, query.labelSelector, query.fieldSelector)
  checkInitialEvents(query)
  const namespace = call.namespace === '' ? undefined : call.namespace
  const concerns = ({ key }: StoreChange): boolean =>
    key.bucket === call.type.bucket &&
    (namespace === undefined || key.namespace === namespace) &&
    (call.name === '' || key.name === call.name)
  const from = query.resourceVersion === '' ? 0 : parseVersion(query.resourceVersion)
  if (from === undefined) throw unforeseen(versionProblem(query.resourceVersion))
  const listsFirst = query.sendInitialEvents ?? from === 0
  const state = {
    revision: listsFirst || (from === 0 && query.sendInitialEvents === false) ? backend.store.revision : from,
    ended: false,
  }
  let initial: WatchedEvent[] | undefined = listsFirst ? initialEvents(backend, call, selects, namespace) : undefined
  if (initial !== undefined && query.sendInitialEvents === true && query.bookmarks) {
    initial.push(bookmarkOf(call, state.revision, { 'k8s.io/initial-events-end': 'true' }))
  }
  return {
    next() {
      if (initial !== undefined) {
        const events = initial.splice(0, BATCH)
        if (initial.length === 0) initial = undefined
        return events
      }
      if (state.ended) return []
      for (;;) {
        const changes = backend.store.changesAfter(state.revision, BATCH)
        if (changes === undefined) {
          state.ended = true
          return [gone(state.revision, backend.store.compacted)]
        }
        const last = changes.at(-1)
        if (last === undefined) return []
        state.revision = last.revision
        const events = changes.filter(concerns).flatMap((change) => visible(call, selects, change))
        if (events.length > 0) return events
      }
    },
    bookmark: () => (initial === undefined ? bookmarkOf(call, state.revision, undefined) : undefined),
  }
}

function checkInitialEvents({ sendInitialEvents, resourceVersionMatch }: WatchQuery): void {
  const refuse = (message: string): never => {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      { field: 'resourceVersionMatch', reason: 'FieldValueForbidden', message },
    ])
  }
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== '')
      refuse('Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    return
  }
  if (resourceVersionMatch !== 'NotOlderThan')
    refuse('Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
}

function initialEvents(backend: Backend, call: Call, selects: Selects, namespace: string | undefined): WatchedEvent[] {
  const all = backend.store.list(call.type.bucket, namespace).map((one) => served(call.type, one))
  return all
    .filter((one) => selects(one) && (call.name === '' || (one.metadata as JsonObject).name === call.name))
    .map((object) => ({ type: 'ADDED', object }))
}

/** A change as the watch's selector sees it: an object can come into sight and leave it without being created or deleted. */
function visible(call: Call, selects: Selects, change: StoreChange): readonly WatchedEvent[] {
  const now = served(call.type, change.object)
  const before = change.before === undefined ? undefined : served(call.type, change.before)
  const was = before !== undefined && selects(before)
  const is = change.type !== 'DELETED' && selects(now)
  if (is) return [{ type: was ? 'MODIFIED' : 'ADDED', object: now }]
  if (!was) return []
  if (change.type === 'DELETED') return [{ type: 'DELETED', object: now }]
  return [{ type: 'DELETED', object: withMetadata(before, { resourceVersion: String(change.revision) }) }]
}

function bookmarkOf(call: Call, revision: number, annotations: JsonObject | undefined): WatchedEvent {
  return {
    type: 'BOOKMARK',
    object: {
      kind: call.type.kind,
      apiVersion: apiVersionOf(call.type),
      metadata: {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(annotations === undefined ? {} : { annotations }),
      },
    },
  }
}

function gone(wanted: number, compacted: number): WatchedEvent {
  return { type: 'ERROR', object: statusOf(expired(`too old resource version: ${wanted} (${compacted + 1})`)) }
}
