import { CURRENT_MINOR } from '../release.ts'
import { enumTable, enumValuesSince, messageTable } from './descriptors.gen.ts'
import { valuesEnumTable, valuesEnumValuesSince, valuesMessageTable } from './values-descriptors.gen.ts'

/** An Istio release, `1.<minor>`: 8 for Istio 1.8. Larger than {@link CURRENT_MINOR} (also `Infinity`) means the newest. */
export type IstioMinor = number

export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'double'

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'enum'; readonly enum: EnumDescriptor }
  /** `google.protobuf.BoolValue` and its like: a scalar that can be unset. */
  | { readonly kind: 'wrapper'; readonly scalar: Scalar; readonly name: string }
  | { readonly kind: 'duration' }
  | { readonly kind: 'struct' }
  /** `google.protobuf.Value`: any JSON, null included. */
  | { readonly kind: 'value' }
  | { readonly kind: 'message'; readonly name: string }

export interface FieldDescriptor {
  readonly protoName: string
  readonly jsonName: string
  /** The name of the field of the Go struct, and of its getter after `Get`. */
  readonly goName: string
  readonly type: FieldType
  readonly repeated: boolean
  /** True for `map<string, T>`; no other key type occurs. */
  readonly map: boolean
  /** The Go name of the oneof that the field is a member of. */
  readonly oneof: string | undefined
  /** First and last minor release with this field. */
  readonly since: IstioMinor
  readonly until: IstioMinor
}

export interface MessageDescriptor {
  /** `istio.mesh.v1alpha1.ProxyConfig` */
  readonly name: string
  /** `v1alpha1.ProxyConfig`, as `%T` prints the Go type. */
  readonly goType: string
  /** In declaration order. */
  readonly fields: readonly FieldDescriptor[]
}

export interface EnumDescriptor {
  /** `istio.mesh.v1alpha1.AuthenticationPolicy` */
  readonly name: string
  /** `v1alpha1.AuthenticationPolicy` */
  readonly goType: string
  readonly numbers: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<number, string>
  /** The minor release that brought a value; absent for values as old as the enum. */
  readonly since: ReadonlyMap<string, IstioMinor>
}

const tables = { ...messageTable, ...valuesMessageTable }
const enumValues = { ...enumTable, ...valuesEnumTable }
const valuesSince = { ...enumValuesSince, ...valuesEnumValuesSince }
const messages = new Map<string, MessageDescriptor>()
const enums = new Map<string, EnumDescriptor>()

/** The description of a message of the table; throws for an unknown name, which is a programming error. */
export function messageDescriptor(name: string): MessageDescriptor {
  const known = messages.get(name)
  if (known !== undefined) return known
  const lines = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (lines === undefined) throw new TypeError(`no message ${name} in the tables`)
  const descriptor = { name, goType: goTypeName(name), fields: lines.map(parseField) }
  messages.set(name, descriptor)
  return descriptor
}

const fieldsByRelease = new Map<string, readonly FieldDescriptor[]>()

/** The fields of a message as that release has them. */
export function fieldsOf(name: string, minor: IstioMinor): readonly FieldDescriptor[] {
  const release = Math.min(minor, CURRENT_MINOR)
  const key = `${release} ${name}`
  const known = fieldsByRelease.get(key)
  if (known !== undefined) return known
  const present = messageDescriptor(name).fields.filter((field) => release >= field.since && release <= field.until)
  const fields = present.map((field) => (isPlainIn(present, field) ? { ...field, oneof: undefined } : field))
  fieldsByRelease.set(key, fields)
  return fields
}

/** A scalar that is alone in its oneof was a plain field before the oneof's other members came. */
function isPlainIn(present: readonly FieldDescriptor[], field: FieldDescriptor): boolean {
  if (field.oneof === undefined || field.type.kind !== 'scalar') return false
  return present.every((other) => other === field || other.oneof !== field.oneof)
}

const LINE =
  /^(\w+): (repeated )?(map<string, )?([\w.]+)>?(?: as ([\w-]+))?(?: in (\w+))?(?: since (\d+))?(?: until (\d+))?$/

function parseField(line: string): FieldDescriptor {
  const match = LINE.exec(line)
  if (match === null) throw new TypeError(`unreadable line in descriptors.gen.ts: ${line}`)
  const [, protoName = '', repeated, map, type = '', jsonName, oneof, since, until] = match
  return {
    protoName,
    jsonName: jsonName ?? toJsonName(protoName),
    goName: toGoName(protoName),
    type: fieldType(type),
    repeated: repeated !== undefined,
    map: map !== undefined,
    oneof: oneof === undefined ? undefined : toGoName(oneof),
    since: since === undefined ? 0 : Number(since),
    until: until === undefined ? Number.POSITIVE_INFINITY : Number(until),
  }
}

const WRAPPERS: ReadonlyMap<string, Scalar> = new Map([
  ['google.protobuf.BoolValue', 'bool'],
  ['google.protobuf.StringValue', 'string'],
  ['google.protobuf.Int32Value', 'int32'],
  ['google.protobuf.Int64Value', 'int64'],
  ['google.protobuf.UInt32Value', 'uint32'],
  ['google.protobuf.UInt64Value', 'uint64'],
  ['google.protobuf.DoubleValue', 'double'],
])

function fieldType(type: string): FieldType {
  const wrapped = WRAPPERS.get(type)
  if (wrapped !== undefined) return { kind: 'wrapper', scalar: wrapped, name: type }
  if (type === 'google.protobuf.Duration') return { kind: 'duration' }
  if (type === 'google.protobuf.Struct') return { kind: 'struct' }
  if (type === 'google.protobuf.Value') return { kind: 'value' }
  if (Object.hasOwn(enumValues, type)) return { kind: 'enum', enum: enumDescriptor(type) }
  if (Object.hasOwn(tables, type)) return { kind: 'message', name: type }
  return { kind: 'scalar', scalar: type as Scalar }
}

function enumDescriptor(name: string): EnumDescriptor {
  const known = enums.get(name)
  if (known !== undefined) return known
  const entries = Object.entries(enumValues[name] ?? {})
  const descriptor = {
    name,
    goType: goTypeName(name),
    numbers: new Map(entries),
    names: new Map(entries.map(([value, number]) => [number, value])),
    since: new Map(
      entries.flatMap(([value]): [string, number][] => {
        const since = Object.hasOwn(valuesSince, `${name}.${value}`) ? valuesSince[`${name}.${value}`] : undefined
        return since === undefined ? [] : [[value, since]]
      }),
    ),
  }
  enums.set(name, descriptor)
  return descriptor
}

/** Whether a message or an enum has that full name. */
export function isTypeName(name: string): boolean {
  return Object.hasOwn(tables, name) || Object.hasOwn(enumValues, name)
}

/** `istio.mesh.v1alpha1.ProxyConfig.ProxyHeaders` is Go's `v1alpha1.ProxyConfig_ProxyHeaders`. */
function goTypeName(name: string): string {
  const parts = name.split('.')
  const version = parts.findIndex((part) => /^v\d/.test(part))
  return `${parts[version]}.${parts.slice(version + 1).join('_')}`
}

/** Up to 1.13 Istio used another protobuf library (gogo), whose errors name Go types. */
export const LAST_GOGO_MINOR = 13

/** protoc's rule for default json names. */
function toJsonName(protoName: string): string {
  return protoName.replace(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('_', '')
}

/** protoc-gen-go's rule: an underscore stays unless a lower-case letter follows (`Consecutive_5XxErrors`). */
function toGoName(protoName: string): string {
  let result = ''
  let startOfWord = true
  for (let i = 0; i < protoName.length; i++) {
    const character = protoName.charAt(i)
    if (character === '_' && /[a-z]/.test(protoName.charAt(i + 1))) {
      startOfWord = true
      continue
    }
    result += startOfWord ? character.toUpperCase() : character
    startOfWord = !/[a-zA-Z]/.test(character)
  }
  return result
}
