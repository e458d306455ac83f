import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  applyPatch,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type JsonPatchOperation,
  type MutableJsonObject,
  parseYamlDocuments,
} from '@proa/kube'
import type { Kind } from '../src/snapshot/kinds.ts'
import { ALL_KINDS, KINDS, kindOf } from '../src/snapshot/kinds.ts'
import {
  type ContainerLog,
  type Probe,
  SNAPSHOT_API_VERSION,
  SNAPSHOT_KIND,
  type Snapshot,
  type SnapshotSource,
  type Unread,
} from '../src/snapshot/types.ts'

/** `packages/doctor/fixtures` */
export const FIXTURES = join(import.meta.dirname, '../fixtures')

/** What a document `kind: Fixture` says beside the objects; see fixtures/README.md. */
interface Settings {
  readonly base?: 'healthy' | 'empty'
  readonly takenAt?: string
  readonly kubernetesVersion?: string
  readonly source?: SnapshotSource
  /** `Kind namespace/name`, or `Kind name`; `Kind *` for all of them. */
  readonly without?: readonly string[]
  /** JSON Patches by `Kind namespace/name`. */
  readonly patch?: Readonly<Record<string, readonly JsonPatchOperation[]>>
  /** Instead of the probes of the base. */
  readonly probes?: readonly Probe[]
  readonly logs?: readonly ContainerLog[]
  /** Kinds that could not be read: a name of `KINDS`, or the whole entry. */
  readonly unread?: readonly (Kind | Unread)[]
}

interface FixtureFile {
  readonly settings: Settings
  readonly objects: readonly JsonObject[]
}

function readFixtureFile(file: string): FixtureFile {
  const documents = parseYamlDocuments(withCertificates(readFileSync(file, 'utf8'))).map(({ value }) => value)
  const all = documents.filter(isObject)
  const settings = Object.assign({}, ...all.filter((one) => one.kind === 'Fixture'))
  return { settings: settings as unknown as Settings, objects: all.filter((one) => one.kind !== 'Fixture') }
}

/**
 * Puts the certificates of fixtures/certificates in the place of their names: `"$(pem:foreign-leaf+foreign-root)"`, in double
 * quotes, and `$(base64:foreign-root)`; wrongly wrapped ones too.
 */
function withCertificates(text: string): string {
  return text.replace(/\$\((pem|base64|base64x2|der):([\w+-]+)\)/g, (_, form: string, names: string) => {
    const read = (name: string): string => readFileSync(join(FIXTURES, 'certificates', `${name}.pem`), 'utf8')
    const pem = names.split('+').map(read).join('')
    if (form === 'pem') return pem.replaceAll('\n', '\\n')
    if (form === 'der') return pem.replaceAll(/-----.*-----|\n/g, '')
    const encoded = Buffer.from(pem).toString('base64')
    return form === 'base64' ? encoded : Buffer.from(encoded).toString('base64')
  })
}

/** `fires.yaml`, `quiet-trap.yaml` … of a check, as paths. */
export function fixturesOf(id: string): readonly { readonly title: string; readonly file: string }[] {
  const folder = join(FIXTURES, id)
  // Then only the test of that check fails, and not all of them.
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => ({ title: basename(name, '.yaml'), file: join(folder, name) }))
}

/** The healthy cluster with what a fixture changes: objects are merged (RFC 7396) over those of the same name, or added. */
export function loadFixture(file: string): Snapshot {
  const own = readFixtureFile(file)
  const base = own.settings.base === 'empty' || file === HEALTHY ? NOTHING : readFixtureFile(HEALTHY)
  const objects = new Map(base.objects.map((object) => [keyOf(object), object]))
  for (const object of own.objects) {
    const known = objects.get(keyOf(object))
    objects.set(keyOf(object), known === undefined ? object : (merge(known, object) as JsonObject))
  }
  for (const key of own.settings.without ?? []) remove(objects, key)
  for (const [key, operations] of Object.entries(own.settings.patch ?? {})) {
    const object = objects.get(key)
    if (object === undefined) throw new Error(`${file}: patch: there is no "${key}"`)
    objects.set(key, applyPatch(object, operations) as JsonObject)
  }
  return snapshotOf({ ...base.settings, ...own.settings }, [...objects.values()])
}

export const HEALTHY = join(FIXTURES, 'healthy.yaml')
const NOTHING: FixtureFile = { settings: { takenAt: '2026-11-20T12:00:00Z' }, objects: [] }

function snapshotOf(settings: Settings, objects: readonly JsonObject[]): Snapshot {
  return {
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: settings.takenAt ?? '',
    source: settings.source ?? { kind: 'cluster', server: 'https://10.0.0.1:6443' },
    ...(settings.kubernetesVersion === undefined ? {} : { kubernetesVersion: settings.kubernetesVersion }),
    objects,
    unread: (settings.unread ?? []).map((one) => (typeof one === 'string' ? forbidden(one) : one)),
    probes: settings.probes ?? [],
    logs: settings.logs ?? [],
  }
}

function forbidden(kind: Kind): Unread {
  if (!ALL_KINDS.includes(kind)) throw new Error(`unread: there is no kind "${kind}"`)
  const { apiVersion, kind: name } = KINDS[kind]
  return { apiVersion, kind: name, reason: 'forbidden', message: `User "dev" cannot list resource "${name}"` }
}

/** The name of `KINDS` where it is one: `KnativeService shop/web`. */
function keyOf(object: JsonObject): string {
  const metadata = isObject(object.metadata) ? object.metadata : {}
  const kind = kindOf(String(object.apiVersion), String(object.kind)) ?? String(object.kind)
  const namespace = typeof metadata.namespace === 'string' ? `${metadata.namespace}/` : ''
  return `${kind} ${namespace}${String(metadata.name)}`
}

function remove(objects: Map<string, JsonObject>, key: string): void {
  const all = key.endsWith(' *') ? [...objects.keys()].filter((one) => one.startsWith(key.slice(0, -1))) : [key]
  if (!all.every((one) => objects.has(one)) || all.length === 0) throw new Error(`without: there is no "${key}"`)
  for (const one of all) objects.delete(one)
}

/** RFC 7396. */
export function merge(target: Json, change: Json): Json {
  if (!isObject(change) || isArray(change)) return change
  const result: MutableJsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key] ?? null, value)
  }
  return result
}
