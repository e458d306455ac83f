import { formatPath, getOwn, isArray, isObject, type Json, type JsonObject, type JsonPath } from '@proa/kube'
import { textAt } from '../reading.ts'
import type { SnapshotSource, Unread, UnreadReason } from './types.ts'
import { type ContainerLog, type Probe, SNAPSHOT_API_VERSION, SNAPSHOT_KIND, type Snapshot } from './types.ts'

/** What should be a snapshot and is none; `path` is where, as `objects[3].metadata`. */
export class SnapshotFormatError extends Error {
  override readonly name = 'SnapshotFormatError'
  readonly path: string
  /** What is wrong there, without the path. */
  readonly reason: string

  constructor(path: JsonPath, reason: string) {
    const place = formatPath(path)
    super(place === '' ? reason : `${place}: ${reason}`)
    this.path = place
    this.reason = reason
  }
}

/** Whether the value calls itself a snapshot, of whatever version. */
export function isSnapshot(value: Json): value is JsonObject {
  if (!isObject(value) || getOwn(value, 'kind') !== SNAPSHOT_KIND) return false
  const version = getOwn(value, 'apiVersion')
  return typeof version === 'string' && groupOf(version) === groupOf(SNAPSHOT_API_VERSION)
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, apiVersion.indexOf('/'))

/**
 * A saved snapshot. Fields, probes and reasons of later releases are passed over; lists that are left out are empty.
 *
 * @throws SnapshotFormatError
 */
export function parseSnapshot(json: Json): Snapshot {
  const object = objectIn(json, [])
  if (!isSnapshot(object)) {
    const found = `${textAt(object, 'apiVersion')} ${textAt(object, 'kind')}`
    throw new SnapshotFormatError([], `not a snapshot of ${SNAPSHOT_API_VERSION}: it says "${found}"`)
  }
  if (object.apiVersion !== SNAPSHOT_API_VERSION) {
    const wanted = `this release reads ${SNAPSHOT_API_VERSION}`
    throw new SnapshotFormatError(['apiVersion'], `${textAt(object, 'apiVersion')} is of another release; ${wanted}`)
  }
  const version = optionalText(object, 'kubernetesVersion', [])
  return {
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: timeIn(object, 'takenAt'),
    source: sourceIn(object),
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    objects: items(object, 'objects', kubernetesObject),
    unread: items(object, 'unread', unreadIn),
    probes: items(object, 'probes', probeIn),
    logs: items(object, 'logs', logIn),
  }
}

function items<T>(parent: JsonObject, key: string, read: (value: Json, path: JsonPath) => T | undefined): readonly T[] {
  const list = getOwn(parent, key) ?? []
  if (!isArray(list)) throw new SnapshotFormatError([key], 'a list is expected')
  return list.flatMap((value, index) => {
    const one = read(value, [key, index])
    return one === undefined ? [] : [one]
  })
}

function kubernetesObject(value: Json, path: JsonPath): JsonObject {
  const object = objectIn(value, path)
  text(object, 'apiVersion', path)
  text(object, 'kind', path)
  text(objectIn(getOwn(object, 'metadata'), [...path, 'metadata']), 'name', [...path, 'metadata'])
  return object
}

function sourceIn(parent: JsonObject): SnapshotSource {
  const source = objectIn(getOwn(parent, 'source'), ['source'])
  const kind = text(source, 'kind', ['source'])
  if (kind === 'cluster') return { kind, server: text(source, 'server', ['source']) }
  if (kind !== 'files' && kind !== 'bug-report') {
    throw new SnapshotFormatError(['source', 'kind'], `"${kind}" is none of cluster, files, bug-report`)
  }
  const paths = getOwn(source, 'paths')
  return { kind, paths: isArray(paths) ? paths.filter((one) => typeof one === 'string') : [] }
}

const REASONS: Readonly<Record<UnreadReason, true>> = {
  forbidden: true,
  timeout: true,
  unreachable: true,
  'not-given': true,
  'not-served': true,
  error: true,
}

function unreadIn(value: Json, path: JsonPath): Unread {
  const object = objectIn(value, path)
  const reason = text(object, 'reason', path)
  const namespace = optionalText(object, 'namespace', path)
  const name = optionalText(object, 'name', path)
  return {
    apiVersion: text(object, 'apiVersion', path),
    kind: text(object, 'kind', path),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    // A reason that is not known yet is a reason all the same.
    reason: Object.hasOwn(REASONS, reason) ? (reason as UnreadReason) : 'error',
    message: optionalText(object, 'message', path) ?? '',
  }
}

function logIn(value: Json, path: JsonPath): ContainerLog {
  const object = objectIn(value, path)
  return {
    namespace: text(object, 'namespace', path),
    pod: text(object, 'pod', path),
    container: text(object, 'container', path),
    previous: getOwn(object, 'previous') === true,
    tail: text(object, 'tail', path),
  }
}

function probeIn(value: Json, path: JsonPath): Probe | undefined {
  const object = objectIn(value, path)
  const kind = text(object, 'kind', path)
  const outcome = objectIn(getOwn(object, 'outcome'), [...path, 'outcome'])
  const inside = [...path, 'outcome']
  const result = text(outcome, 'kind', inside)
  if (kind === 'pod-creation') {
    text(object, 'namespace', path)
    objectIn(getOwn(object, 'labels') ?? {}, [...path, 'labels'])
    if (result === 'created') objectIn(getOwn(outcome, 'pod'), [...inside, 'pod'])
    else if (result === 'refused' || result === 'not-possible') text(outcome, 'message', inside)
    else return undefined
    const warnings = result === 'created' ? { warnings: texts(outcome, 'warnings') } : {}
    return { labels: {}, ...object, outcome: { ...outcome, ...warnings } } as unknown as Probe
  }
  if (kind !== 'served-certificate') return undefined
  if (result === 'failed') text(outcome, 'message', inside)
  else if (result !== 'served') return undefined
  else return { ...object, outcome: servedIn(outcome, inside) } as unknown as Probe
  return object as unknown as Probe
}

function servedIn(outcome: JsonObject, path: JsonPath): JsonObject {
  text(outcome, 'chain', path)
  const verdicts = getOwn(outcome, 'verifiedBy') ?? []
  if (!isArray(verdicts)) throw new SnapshotFormatError([...path, 'verifiedBy'], 'a list is expected')
  for (const [index, verdict] of verdicts.entries()) {
    text(objectIn(verdict, [...path, 'verifiedBy', index]), 'configuration', [...path, 'verifiedBy', index])
  }
  return { ...outcome, verifiedBy: verdicts }
}

function texts(object: JsonObject, key: string): readonly string[] {
  const list = getOwn(object, key)
  return isArray(list) ? list.filter((one) => typeof one === 'string') : []
}

function objectIn(value: Json | undefined, path: JsonPath): JsonObject {
  if (isObject(value)) return value
  throw new SnapshotFormatError(path, value === undefined ? 'is missing' : 'an object is expected')
}

function text(object: JsonObject, key: string, path: JsonPath): string {
  const value = getOwn(object, key)
  if (typeof value === 'string') return value
  throw new SnapshotFormatError([...path, key], value === undefined ? 'is missing' : 'a text is expected')
}

function optionalText(object: JsonObject, key: string, path: JsonPath): string | undefined {
  return getOwn(object, key) === undefined ? undefined : text(object, key, path)
}

function timeIn(object: JsonObject, key: string): string {
  const value = text(object, key, [])
  if (!Number.isNaN(Date.parse(value))) return value
  throw new SnapshotFormatError([key], `"${value}" is no time (RFC 3339 is expected)`)
}
