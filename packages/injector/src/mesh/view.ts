import {
  type GoFunction,
  type GoMap,
  type GoNilPointer,
  type GoStruct,
  goFunction,
  goInteger,
  goKind,
  goSlice,
  stringMap,
  type Value,
} from '@proa/go-template'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { CURRENT_MINOR } from '../release.ts'
import {
  type FieldDescriptor,
  type FieldType,
  fieldsOf,
  type IstioMinor,
  isTypeName,
  messageDescriptor,
  type Scalar,
} from './descriptor.ts'
import type { Message } from './read.ts'
import { zeroOf } from './scalar.ts'
import { messageString } from './text-format.ts'
import { durationView, enumView, nilDuration, nilWrapper, structView, wrapperView } from './view-values.ts'
import { writeMessage } from './write.ts'

/** A name of the Go struct: a plain field, or a oneof with its members. */
type Member = { readonly field: FieldDescriptor } | { readonly oneof: readonly FieldDescriptor[] }

/** What a message's Go type offers; the same for all messages of that type and release. */
interface Shape {
  readonly name: string
  readonly minor: IstioMinor
  readonly goType: string
  /** Fields of the Go struct in declaration order. */
  readonly struct: ReadonlyMap<string, Member>
  /** Getters by name without `Get`: struct fields and the members of oneofs. */
  readonly getters: ReadonlyMap<string, Member>
}

const shapes = new Map<string, Shape>()
const viewed = new WeakMap<object, { readonly name: string; readonly message: Message }>()

/**
 * A message as templates see it: a pointer to the Go struct with its fields and nil-safe getters. Nothing is
 * converted before a template asks for it.
 *
 * @param minor fields that this release lacks do not exist; default: the newest release
 */
export function messageView(name: string, message: Message, minor: IstioMinor = CURRENT_MINOR): GoStruct {
  const shape = shapeOf(name, Math.min(minor, CURRENT_MINOR))
  const view: GoStruct = {
    [goKind]: 'struct',
    typeName: shape.goType,
    pointer: true,
    fieldNames: () => [...shape.struct.keys()],
    hasField: (field) => shape.struct.has(field),
    field: (field) => memberValue(shape, shape.struct.get(field), message),
    method: (method) => messageMethod(shape, method, message),
    string: () => messageString(name, message),
    json: () => JSON.parse(writeMessage(name, message)) as Value,
  }
  viewed.set(view, { name, message })
  return view
}

/** The nil pointer of a message type: its getters answer with zero values. */
function nilMessage(name: string, minor: IstioMinor): GoNilPointer {
  const shape = shapeOf(name, Math.min(minor, CURRENT_MINOR))
  return {
    [goKind]: 'nil-pointer',
    typeName: shape.goType,
    hasField: (field) => shape.struct.has(field),
    method: (method) => messageMethod(shape, method, undefined),
  }
}

/** The message behind a view, for functions that take messages. */
export function viewedMessage(value: Value): { readonly name: string; readonly message: Message } | undefined {
  return typeof value === 'object' && value !== null ? viewed.get(value) : undefined
}

function shapeOf(name: string, minor: IstioMinor): Shape {
  const key = `${minor} ${name}`
  const known = shapes.get(key)
  if (known !== undefined) return known
  const fields = fieldsOf(name, minor)
  const struct = new Map<string, Member>()
  const getters = new Map<string, Member>()
  for (const field of fields) {
    getters.set(field.goName, { field })
    if (field.oneof === undefined) struct.set(field.goName, { field })
    else {
      const oneof = { oneof: fields.filter((other) => other.oneof === field.oneof) }
      struct.set(field.oneof, oneof)
      getters.set(field.oneof, oneof)
    }
  }
  const shape = { name, minor, goType: messageDescriptor(name).goType, struct, getters }
  shapes.set(key, shape)
  return shape
}

function messageMethod(shape: Shape, method: string, message: Message | undefined): GoFunction | undefined {
  if (method === 'String') {
    return goFunction([], () => (message === undefined ? '<nil>' : messageString(shape.name, message)))
  }
  const member = method.startsWith('Get') ? shape.getters.get(method.slice(3)) : undefined
  return member === undefined ? undefined : goFunction([], () => memberValue(shape, member, message))
}

function memberValue(shape: Shape, member: Member | undefined, message: Message | undefined): Value {
  if (member === undefined) return undefined
  if ('oneof' in member) return oneofValue(shape, member.oneof, message)
  const { field } = member
  const present = message !== undefined && Object.hasOwn(message, field.jsonName)
  return fieldValue(field, present ? message[field.jsonName] : undefined, shape.minor)
}

/** A oneof is an interface: nil, or a pointer to a struct with the chosen member as its only field. */
function oneofValue(shape: Shape, members: readonly FieldDescriptor[], message: Message | undefined): Value {
  const chosen = members.find((field) => message !== undefined && Object.hasOwn(message, field.jsonName))
  if (chosen === undefined || message === undefined) return null
  // protoc-gen-go adds an underscore where a nested type has the name already.
  const clash = isTypeName(`${shape.name}.${chosen.goName}`) ? '_' : ''
  return {
    [goKind]: 'struct',
    typeName: `${shape.goType}_${chosen.goName}${clash}`,
    pointer: true,
    fieldNames: () => [chosen.goName],
    hasField: (name) => name === chosen.goName,
    field: () => fieldValue(chosen, message[chosen.jsonName], shape.minor),
  }
}

function fieldValue(field: FieldDescriptor, value: Json | undefined, minor: IstioMinor): Value {
  if (field.repeated) {
    const items = isArray(value) ? value.map((item) => singleValue(field.type, item, minor)) : null
    return goSlice(elementType(field.type), items)
  }
  if (field.map) return mapValue(field.type, isObject(value) ? value : undefined, minor)
  return singleValue(field.type, value, minor)
}

function singleValue(type: FieldType, value: Json | undefined, minor: IstioMinor): Value {
  switch (type.kind) {
    case 'scalar':
      return scalarValue(type.scalar, value ?? zeroOf(type.scalar))
    case 'enum':
      return enumView(type.enum, value)
    case 'wrapper':
      if (value === undefined) return nilWrapper(type.name, scalarValue(type.scalar, zeroOf(type.scalar)))
      return wrapperView(type.name, scalarValue(type.scalar, value), value === zeroOf(type.scalar))
    case 'duration':
      return typeof value === 'string' ? durationView(value) : nilDuration
    case 'struct':
      return structView(isObject(value) ? value : undefined)
    case 'value':
      return (value ?? null) as Value
    case 'message':
      return isObject(value) ? messageView(type.name, value, minor) : nilMessage(type.name, minor)
  }
}

/** A canonical scalar as the Go value of its kind. */
function scalarValue(scalar: Scalar, value: Json): Value {
  if (scalar === 'double') return Number(value)
  if (scalar === 'string' || scalar === 'bool') return value as string | boolean
  return goInteger(scalar, BigInt(value as string | number))
}

function elementType(type: FieldType): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar === 'double' ? 'float64' : type.scalar
    case 'enum':
      return type.enum.goType
    case 'message':
      return `*${messageDescriptor(type.name).goType}`
    default:
      return 'proto.Message'
  }
}

function mapValue(type: FieldType, entries: JsonObject | undefined, minor: IstioMinor): GoMap {
  if (type.kind === 'scalar' && type.scalar === 'string') {
    return stringMap((entries ?? null) as Readonly<Record<string, string>> | null)
  }
  const keys = stringMap((entries ?? null) as Readonly<Record<string, string>> | null)
  return {
    [goKind]: 'map',
    typeName: `map[string]${elementType(type)}`,
    zero: singleValue(type, undefined, minor),
    isNil: entries === undefined,
    size: keys.size,
    has: keys.has,
    get: (key) => (keys.has(key) ? singleValue(type, entries?.[key], minor) : undefined),
    keys: keys.keys,
  }
}
