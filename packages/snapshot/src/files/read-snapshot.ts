import {
  ALL_KINDS,
  type ContainerLog,
  KINDS,
  type Kind,
  parseSnapshot,
  SNAPSHOT_API_VERSION,
  SNAPSHOT_KIND,
  type Snapshot,
  SnapshotFormatError,
  type Unread,
} from '@proa/doctor'
import { type JsonObject, YamlError } from '@proa/kube'
import { sharing } from '../take/sharing.ts'
import { type BugReportPart, bugReportPart, eventsOf, logOf, serverVersionOf } from './bug-report.ts'
import { type Budget, type Text, textsOf } from './content.ts'
import { findFiles } from './find-files.ts'
import { parseLarge } from './large-json.ts'
import { type Content, contentOf, contentOfJson, kindsOf } from './objects.ts'
import { fileProblem, SnapshotError } from './snapshot-error.ts'

export interface ReadOptions {
  readonly now: () => Date
  /** The text behind the path `-`. */
  readonly stdin?: (() => Promise<string>) | undefined
  /** Told of files in folders and archives that are passed over, and why. */
  readonly note?: ((text: string) => void) | undefined
}

/** What has been read so far. */
interface Reading {
  readonly objects: JsonObject[]
  readonly logs: ContainerLog[]
  readonly snapshots: Snapshot[]
  /** Kinds of which it is known that there are no others. */
  readonly known: Set<Kind>
  /** Tables of events name ages: they are read when the time is known. */
  readonly eventTables: string[]
  readonly share: (object: JsonObject) => JsonObject
  version: string | undefined
  isBugReport: boolean
  /** The newest file of the archives. */
  changed: Date | undefined
}

/**
 * A snapshot from files: objects as YAML or JSON, saved snapshots, archives of `istioctl bug-report`, each as a file, packed,
 * in a tar, or in a folder. Of a kind that does not occur nothing is known. Nothing is written to disk.
 *
 * @throws SnapshotError
 */
export async function readSnapshot(paths: readonly string[], options: ReadOptions): Promise<Snapshot> {
  const reading: Reading = {
    objects: [],
    logs: [],
    snapshots: [],
    known: new Set(),
    eventTables: [],
    share: sharing(),
    version: undefined,
    isBugReport: false,
    changed: undefined,
  }
  const budget: Budget = { bytes: 0, files: 0 }
  for (const path of paths) await readPath(path, budget, reading, options)
  if (isEmpty(reading)) {
    const kinds = 'kubectl get pods,services,namespaces,mutatingwebhookconfigurations -A -o yaml'
    throw new SnapshotError(
      paths.join(', '),
      `there is no Kubernetes object that the doctor looks at; save some by: ${kinds}`,
    )
  }
  return put(reading, paths, options.now())
}

function isEmpty({ objects, snapshots, eventTables, known }: Reading): boolean {
  return objects.length + snapshots.length + eventTables.length + known.size === 0
}

async function readPath(path: string, budget: Budget, reading: Reading, options: ReadOptions): Promise<void> {
  if (path === '-') {
    if (options.stdin === undefined) throw new SnapshotError('-', 'there is no standard input to read from')
    const text = await options.stdin()
    readText({ label: 'standard input', path: '-', text, explicit: true }, reading, options)
    return
  }
  for await (const file of findFiles(path)) {
    if (!file.explicit && !isWorthReading(file.path)) continue
    try {
      for await (const text of textsOf(file, budget, isReadFromArchive)) readText(text, reading, options)
    } catch (error) {
      throw error instanceof SnapshotError ? error : fileProblem(file.file, error)
    }
  }
}

const KUBERNETES_FILE = /\.(?:ya?ml|json)(?:\.gz)?$/i
const ARCHIVE_FILE = /\.(?:tar|tar\.gz|tgz)$/i

const isWorthReading = (path: string): boolean => isReadFromArchive(path) || ARCHIVE_FILE.test(path)

/** An archive in an archive is not: nobody makes such a thing but to break programs. */
function isReadFromArchive(path: string): boolean {
  const part = bugReportPart(path)
  return part === undefined ? KUBERNETES_FILE.test(path) && !ARCHIVE_FILE.test(path) : part.kind !== 'ignored'
}

function readText(text: Text, reading: Reading, options: ReadOptions): void {
  const part = text.explicit ? undefined : bugReportPart(text.path)
  if (part !== undefined) {
    reading.isBugReport = true
    if (text.changed !== undefined && (reading.changed === undefined || text.changed > reading.changed)) {
      reading.changed = text.changed
    }
    readPart(part, text, reading, options)
  } else readObjects(text, reading, options)
}

function readPart(part: BugReportPart, text: Text, reading: Reading, options: ReadOptions): void {
  if (part.kind === 'log') reading.logs.push(logOf(part, text.text))
  else if (part.kind === 'events') {
    reading.eventTables.push(text.text)
    reading.known.add('Event')
  } else if (part.kind === 'version') reading.version ??= serverVersionOf(text.text)
  else if (part.kind === 'objects' && readObjects(text, reading, options)) {
    for (const kind of part.asked) reading.known.add(kind)
  }
}

/** Whether it is what kubectl writes; an empty list is, too. */
function readObjects(text: Text, reading: Reading, options: ReadOptions): boolean {
  const content = inParts(text, reading) ?? parsed(text, options)
  if (content === undefined) return false
  const { objects, snapshots, listed, others, foreign } = content
  const isNothing = objects.length + snapshots.length + listed.length + others === 0
  const [first] = foreign
  if (text.explicit && first !== undefined) {
    throw new SnapshotError(text.label, `${first.what}; give objects as "kubectl get -o yaml" writes them`, {
      line: first.line,
    })
  }
  if (isNothing) options.note?.(`${text.label}: passed over: ${first?.what ?? 'it is empty'}`)
  for (const object of objects) reading.objects.push(reading.share(object))
  for (const json of snapshots) {
    const snapshot = snapshotIn(json, text)
    reading.snapshots.push({ ...snapshot, objects: snapshot.objects.map(reading.share) })
  }
  for (const kind of listed) reading.known.add(kind)
  return first === undefined && (text.bytes !== undefined || text.text.trim() !== '')
}

function inParts({ bytes }: Text, { share }: Reading): Content | undefined {
  const json = bytes && parseLarge(bytes, share)
  return json === undefined ? undefined : contentOfJson(json)
}

function parsed(text: Text, { note }: ReadOptions): Content | undefined {
  try {
    return contentOf(text.text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    if (text.explicit) {
      throw new SnapshotError(text.label, `it is neither YAML nor JSON: ${error.reason}`, {
        line: error.line,
        cause: error,
      })
    }
    note?.(`${text.label}: passed over: it is neither YAML nor JSON: ${error.reason}`)
    return undefined
  }
}

function snapshotIn(json: JsonObject, text: Text): Snapshot {
  try {
    return parseSnapshot(json)
  } catch (error) {
    if (!(error instanceof SnapshotFormatError)) throw error
    const advice = 'save it again by: proa doctor snapshot -o FILE'
    throw new SnapshotError(text.label, `the snapshot cannot be read: ${error.message}; ${advice}`, { cause: error })
  }
}

function put(reading: Reading, paths: readonly string[], now: Date): Snapshot {
  const { objects, snapshots, logs, known } = reading
  const [only] = snapshots
  if (only !== undefined && snapshots.length === 1 && objects.length + logs.length === 0 && !reading.isBugReport)
    return only
  const takenAt = takenAtOf(reading, now)
  // Releases that save them as objects have the same in the table, with less.
  const tables = kindsOf(objects).has('Event') ? [] : reading.eventTables
  const events = tables.flatMap((table) => eventsOf(table, takenAt))
  const all = [...snapshots.flatMap((one) => one.objects), ...objects, ...events]
  const version = reading.version ?? snapshots.find((one) => one.kubernetesVersion !== undefined)?.kubernetesVersion
  return {
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: takenAt.toISOString(),
    source: { kind: reading.isBugReport ? 'bug-report' : 'files', paths },
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    objects: all,
    unread: snapshots.length === 0 ? notGiven(all, known) : snapshots.flatMap((one) => one.unread),
    probes: snapshots.flatMap((one) => one.probes),
    logs: [...snapshots.flatMap((one) => one.logs), ...logs],
  }
}

/** Of a saved snapshot its own; of a bug report when its last file was written. */
function takenAtOf({ snapshots, changed }: Reading, now: Date): Date {
  const newest = snapshots.map(({ takenAt }) => Date.parse(takenAt)).toSorted((a, b) => b - a)[0]
  if (newest !== undefined) return new Date(newest)
  return changed !== undefined && changed.getTime() > 0 && changed < now ? changed : now
}

function notGiven(objects: readonly JsonObject[], known: ReadonlySet<Kind>): readonly Unread[] {
  const found = kindsOf(objects)
  return ALL_KINDS.filter((kind) => !found.has(kind) && !known.has(kind)).map((kind) => ({
    apiVersion: KINDS[kind].apiVersion,
    kind: KINDS[kind].kind,
    reason: 'not-given',
    message: 'the files have none',
  }))
}
