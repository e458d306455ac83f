import { quoteGo } from '../go-text.ts'
import { type FieldSchema, type FieldType, structSchema } from '../schema/schema.ts'
import { MergeError } from './merge-error.ts'

/** How a field that both sides have is merged. */
export interface MergeRule {
  /** Type of the value, or of the items where the value is a list. */
  readonly type: FieldType
  /** Whether a list merges by item; otherwise the patch's list replaces the original's. */
  readonly merge: boolean
  readonly replace: boolean
  /** `''` when there is none. */
  readonly mergeKey: string
}

/** The rule of a map field. */
export function mapRule(type: FieldType, key: string): MergeRule {
  const field = lookup(type, key)
  return rule(field, field.type)
}

/** The rule of a list field. */
export function listRule(type: FieldType, key: string): MergeRule {
  const field = lookup(type, key)
  if (field.type.kind === 'list') return rule(field, field.type.of)
  if (field.pointer) return rule(field, field.type)
  throw new MergeError(`expected slice or array type, but got: ${goKind(type)}`)
}

function rule(field: FieldSchema, type: FieldType): MergeRule {
  return {
    type,
    merge: field.strategies.includes('merge'),
    replace: field.strategies.includes('replace'),
    mergeKey: field.mergeKey ?? '',
  }
}

function lookup(type: FieldType, key: string): FieldSchema {
  if (type.kind !== 'struct') {
    throw new MergeError(`merging an object in json but data type is not struct, instead is: ${goKind(type)}`)
  }
  const field = structSchema(type.struct).byJson(key)
  if (field !== undefined) return field
  const name = type.struct.replace(/^v1\./, '')
  throw new MergeError(`unable to find api field in struct ${name} for the json field ${quoteGo(key)}`)
}

/** Go's `reflect.Kind` of a type. */
export function goKind(type: FieldType): string {
  switch (type.kind) {
    case 'list':
    case 'bytes':
      return 'slice'
    case 'quantity':
    case 'intOrString':
    case 'time':
    case 'microTime':
    case 'any':
      return 'struct'
    default:
      return type.kind
  }
}
