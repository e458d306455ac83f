/**
 * What Kubernetes' own sources say about the types of a Pod: generated from its
 * OpenAPI and Go declarations by tools/generate-kube-schema.ts.
 */
import { kindStruct } from './kind-struct.ts'
import { readStruct } from './schema-table.ts'

export { KUBERNETES_VERSION } from './pod-schema.gen.ts'

/** Kinds of values that are neither lists, maps nor structs. */
export type ScalarKind =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'bytes'
  /** Any JSON (`metav1.FieldsV1`). */
  | 'any'

/** The Go type of a field, without its pointer. */
export type FieldType =
  /** `named`: the Go type's own name where it has one (`v1.PullPolicy`). */
  | { readonly kind: ScalarKind; readonly named: string | undefined }
  /** `struct` is a name for {@link structSchema}. */
  | { readonly kind: 'struct'; readonly struct: string }
  | { readonly kind: 'list'; readonly of: FieldType }
  /** A map with string keys. */
  | { readonly kind: 'map'; readonly of: FieldType; readonly named: string | undefined }

/** Values of the tag `patchStrategy`. */
export type PatchStrategy = 'merge' | 'replace' | 'retainKeys'

/** One field of a Go struct. */
export interface FieldSchema {
  /** Name in JSON: `hostIP`. */
  readonly json: string
  /** Name in Go: `HostIP`. */
  readonly go: string
  readonly type: FieldType
  /** Whether Go holds a pointer, so that an explicit zero is kept apart from nothing. */
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  /** The field that identifies the items of this list in a strategic merge. */
  readonly mergeKey: string | undefined
  /** How a strategic merge treats the field; `[]` is the default (maps merge, lists replace). */
  readonly strategies: readonly PatchStrategy[]
}

/** A Go struct of Kubernetes that has a JSON form. */
export interface StructSchema {
  /** Go's name with package: `v1.Container`. */
  readonly name: string
  /** All JSON fields in Go's order, those of embedded structs in their place. */
  readonly fields: readonly FieldSchema[]
  /** As declared in Go: fields, and names of embedded structs (`v1.VolumeSource`). */
  readonly members: readonly (FieldSchema | { readonly embedded: string })[]
  byJson(name: string): FieldSchema | undefined
  byGo(name: string): FieldSchema | undefined
}

const structs = new Map<string, StructSchema>()

/**
 * The struct of that Go name (`v1.Container`): everything that a Pod, a pod
 * template or its metadata can hold. Or that of a type of the OpenAPI
 * (`io.k8s.api.apps.v1.Deployment`), which knows less: see {@link kindStruct}.
 *
 * @throws Error when there is none; that is a mistake in the calling code
 */
export function structSchema(name: string): StructSchema {
  const known = structs.get(name)
  if (known !== undefined) return known
  const table = name.startsWith('v1.') ? readStruct(name.slice(3)) : kindStruct(name)
  if (table === undefined) throw new Error(`Kubernetes' schema has no struct ${name}`)
  const members = table.map((member) => ('embedded' in member ? { embedded: `v1.${member.embedded}` } : member))
  const fields = members.flatMap((member) => ('embedded' in member ? structSchema(member.embedded).fields : [member]))
  const byJson = new Map(fields.map((field) => [field.json, field]))
  const byGo = new Map(fields.map((field) => [field.go, field]))
  const schema: StructSchema = {
    name,
    fields,
    members,
    byJson: (json) => byJson.get(json),
    byGo: (go) => byGo.get(go),
  }
  structs.set(name, schema)
  return schema
}

/** A type as Go prints it: `[]v1.Container`, `map[string]string`, `resource.Quantity`. */
export function goTypeName(type: FieldType): string {
  switch (type.kind) {
    case 'struct':
      return type.struct
    case 'list':
      return `[]${goTypeName(type.of)}`
    case 'map':
      return type.named ?? `map[string]${goTypeName(type.of)}`
    default:
      return type.named ?? SCALAR_NAMES[type.kind]
  }
}

const SCALAR_NAMES: Readonly<Record<ScalarKind, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  bytes: '[]uint8',
  any: 'v1.FieldsV1',
}
