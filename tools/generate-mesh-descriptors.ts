/**
 * Writes the tables of messages under packages/injector/src/mesh from .proto files.
 *
 *   node tools/generate-mesh-descriptors.ts mesh <checkout of istio.io/api> [<minor>=<checkout of that release> …]
 *   node tools/generate-mesh-descriptors.ts values <checkout of istio/istio> [<minor>=<checkout of that release> …]
 *
 * The first checkout gives the shape of the messages. Each further `minor=checkout` (all older minors) tells
 * since when a field exists and which fields were removed again; without any, no field carries a release.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProtoEnum, type ProtoField, type ProtoFile, parseProto } from './proto-file.ts'

interface Job {
  /** Files of a checkout; older releases lack some, or have them elsewhere. */
  readonly files: readonly string[]
  readonly roots: readonly string[]
  readonly output: string
  /** Prefix of the exported names. */
  readonly prefix: string
  /** The type that stands for types of files that are not read; without it they are errors. */
  readonly foreign?: string
  /** Types with a JSON form of their own, read as {@link foreign}. */
  readonly opaque?: readonly string[]
}

const JOBS: Readonly<Record<string, Job>> = {
  mesh: {
    files: [
      'mesh/v1alpha1/proxy.proto',
      'mesh/v1alpha1/config.proto',
      'networking/v1alpha3/destination_rule.proto',
      'networking/v1alpha3/virtual_service.proto',
      'networking/v1alpha3/sidecar.proto',
      'networking/v1alpha3/workload_group.proto',
      'networking/v1alpha3/workload_entry.proto',
      'networking/v1alpha3/service_entry.proto',
      'networking/v1alpha3/gateway.proto',
      'networking/v1beta1/proxy_config.proto',
      'type/v1beta1/selector.proto',
    ],
    roots: [
      'istio.mesh.v1alpha1.ProxyConfig',
      'istio.mesh.v1alpha1.MeshConfig',
      'istio.networking.v1beta1.ProxyConfig',
    ],
    output: 'packages/injector/src/mesh/descriptors.gen.ts',
    prefix: '',
  },
  values: {
    files: ['operator/pkg/apis/istio/v1alpha1/values_types.proto', 'operator/pkg/apis/values_types.proto'],
    roots: ['istio.operator.v1alpha1.Values'],
    output: 'packages/injector/src/mesh/values-descriptors.gen.ts',
    prefix: 'values',
    // Types of Kubernetes and Go types without a shape: any JSON will do.
    foreign: 'google.protobuf.Value',
    opaque: ['IntOrString'],
  },
}
const SCALARS = new Set(['string', 'bool', 'bytes', 'int32', 'int64', 'uint32', 'uint64', 'float', 'double'])

interface Schema {
  readonly messages: Map<string, readonly ProtoField[]>
  readonly enums: Map<string, ProtoEnum>
}

function load(job: Job, root: string): Schema {
  const messages = new Map<string, readonly ProtoField[]>()
  const enums = new Map<string, ProtoEnum>()
  for (const name of job.files) {
    const file = read(join(root, name))
    for (const [key, fields] of file?.messages ?? []) messages.set(key, fields)
    for (const [key, values] of file?.enums ?? []) enums.set(key, values)
  }
  const schema = { messages, enums }
  for (const [name, fields] of messages) {
    messages.set(
      name,
      fields.map((field) => ({ ...field, type: resolve(schema, name, field.type, job) })),
    )
  }
  return schema
}

/** Older releases lack some of the files. */
function read(path: string): ProtoFile | undefined {
  try {
    return parseProto(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A type name means the innermost scope that knows it, as protoc looks it up. */
function resolve(schema: Schema, scope: string, type: string, job: Job): string {
  if (SCALARS.has(type)) return type
  if (job.opaque?.includes(type) === true && job.foreign !== undefined) return job.foreign
  const name = type.replace(/^\./, '')
  if (name.startsWith('google.')) return name
  for (let parts = scope.split('.'); ; parts = parts.slice(0, -1)) {
    const candidate = [...parts, name].join('.')
    if (schema.messages.has(candidate) || schema.enums.has(candidate)) return candidate
    // A type of a file that is not read: matters only if it is reachable, and then `reachable` complains.
    if (parts.length === 0) return job.foreign ?? name
  }
}

function reachable(job: Job, schema: Schema): { messages: string[]; enums: string[] } {
  const messages: string[] = []
  const enums: string[] = []
  const visit = (name: string): void => {
    if (messages.includes(name) || enums.includes(name)) return
    if (schema.enums.has(name)) {
      enums.push(name)
      return
    }
    const fields = schema.messages.get(name)
    if (SCALARS.has(name) || name.startsWith('google.protobuf.')) return
    if (fields === undefined) throw new Error(`unknown type ${name}`)
    messages.push(name)
    for (const field of fields) visit(field.type)
  }
  for (const root of job.roots) visit(root)
  return { messages, enums }
}

/** Adds the fields that only older releases have, at the place where they stood. */
function withRemovedFields(current: Schema, history: ReadonlyMap<number, Schema>): Schema {
  const messages = new Map(current.messages)
  const enums = new Map(current.enums)
  for (const minor of [...history.keys()].sort((a, b) => b - a)) {
    const old = history.get(minor)
    if (old === undefined) continue
    for (const [name, values] of old.enums) if (!enums.has(name)) enums.set(name, values)
    for (const [name, fields] of old.messages) messages.set(name, mergeFields(messages.get(name) ?? [], fields))
  }
  return { messages, enums }
}

function mergeFields(known: readonly ProtoField[], older: readonly ProtoField[]): readonly ProtoField[] {
  const merged = [...known]
  let position = 0
  for (const field of older) {
    const at = merged.findIndex((candidate) => candidate.name === field.name)
    if (at >= 0) position = at + 1
    else merged.splice(position++, 0, field)
  }
  return merged
}

/**
 * A field is "since" a release only if its message is older: a message that did not exist can only be
 * reached through a field that did not exist either (or it had another name then).
 */
function releases(name: string, field: string, current: Schema, history: ReadonlyMap<number, Schema>): string {
  const minors = [...history.keys()].sort((a, b) => a - b)
  const withMessage = minors.filter((minor) => history.get(minor)?.messages.has(name) === true)
  const withField = withMessage.filter((minor) =>
    history
      .get(minor)
      ?.messages.get(name)
      ?.some((f) => f.name === field),
  )
  const newest = (minors.at(-1) ?? 0) + 1
  const since = withField[0] ?? newest
  const parts: string[] = []
  if (since > (withMessage[0] ?? newest)) parts.push(` since ${since}`)
  const inCurrent = current.messages.get(name)?.some((f) => f.name === field) === true
  if (!inCurrent) parts.push(` until ${withField.at(-1)}`)
  return parts.join('')
}

function fieldText(field: ProtoField): string {
  const type = field.map === undefined ? field.type : `map<${field.map}, ${field.type}>`
  const json = field.jsonName === undefined ? '' : ` as ${field.jsonName}`
  return `${field.name}: ${field.repeated ? 'repeated ' : ''}${type}${json}${field.oneof === undefined ? '' : ` in ${field.oneof}`}`
}

function render(job: Job, current: Schema, history: ReadonlyMap<number, Schema>): string {
  const all = withRemovedFields(current, history)
  const { messages, enums } = reachable(job, all)
  const lines = [
    '// Written by tools/generate-mesh-descriptors.ts from .proto files of Istio; do not edit.',
    '',
    '/** Fields in declaration order: `name: [repeated] type [as jsonName] [in oneof] [since minor] [until minor]`. */',
    `export const ${exported(job, 'messageTable')}: Readonly<Record<string, readonly string[]>> = {`,
  ]
  for (const name of messages) {
    lines.push(`  '${name}': [`)
    for (const field of all.messages.get(name) ?? []) {
      lines.push(`    '${fieldText(field)}${releases(name, field.name, current, history)}',`)
    }
    lines.push('  ],')
  }
  lines.push(
    '}',
    '',
    '/** Enum values by number. */',
    `export const ${exported(job, 'enumTable')}: Readonly<Record<string, Readonly<Record<string, number>>>> = {`,
  )
  for (const name of enums) {
    const values = [...(all.enums.get(name) ?? [])].map(([value, number]) => `${value}: ${number}`)
    lines.push(`  '${name}': { ${values.join(', ')} },`)
  }
  lines.push('}', '', '/** `enum.VALUE` to the minor release that brought it, where the enum is older. */')
  lines.push(`export const ${exported(job, 'enumValuesSince')}: Readonly<Record<string, number>> = {`)
  for (const name of enums) {
    for (const value of all.enums.get(name)?.keys() ?? []) {
      const since = valueSince(name, value, history)
      if (since !== undefined) lines.push(`  '${name}.${value}': ${since},`)
    }
  }
  lines.push('}', '')
  return lines.join('\n')
}

function valueSince(name: string, value: string, history: ReadonlyMap<number, Schema>): number | undefined {
  const minors = [...history.keys()].filter((minor) => history.get(minor)?.enums.has(name) === true)
  const first = Math.min(...minors)
  const since = Math.min(...minors.filter((minor) => history.get(minor)?.enums.get(name)?.has(value) === true))
  if (minors.length === 0 || since === first) return undefined
  return Number.isFinite(since) ? since : Math.max(...minors) + 1
}

function exported(job: Job, name: string): string {
  return job.prefix === '' ? name : `${job.prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

const [kind = '', newest, ...older] = process.argv.slice(2)
const job = Object.hasOwn(JOBS, kind) ? JOBS[kind] : undefined
if (job === undefined || newest === undefined) {
  console.error('usage: node tools/generate-mesh-descriptors.ts mesh|values <checkout> [<minor>=<checkout> …]')
  process.exitCode = 2
} else {
  const history = new Map(
    older.map((arg) => [Number(arg.split('=')[0]), load(job, arg.slice(arg.indexOf('=') + 1))] as const),
  )
  writeFileSync(job.output, render(job, load(job, newest), history))
}
