import { type KindField, type KindFieldType, type KindScalar, kindTypeByName } from './kind-schema.ts'
import type { FieldSchema, FieldType, ScalarKind } from './schema.ts'

const SCALARS: Readonly<Record<KindScalar, ScalarKind>> = {
  string: 'string',
  bytes: 'bytes',
  time: 'time',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  quantity: 'quantity',
  intOrString: 'intOrString',
  any: 'any',
  object: 'any',
}

/**
 * A type of the OpenAPI (`io.k8s.api.apps.v1.Deployment`) as a struct: enough for strategic merges. Which fields are
 * pointers, and which are always printed, the OpenAPI does not tell.
 */
export function kindStruct(name: string): readonly FieldSchema[] | undefined {
  const type = kindTypeByName(name)
  return type === undefined || type.plain !== undefined ? undefined : [...type.fields.values()].map(field)
}

function field(known: KindField): FieldSchema {
  return {
    json: known.name,
    go: known.name.charAt(0).toUpperCase() + known.name.slice(1),
    type: fieldType(known.type),
    pointer: false,
    omitEmpty: !known.required,
    omitZero: false,
    mergeKey: known.mergeKey,
    strategies: known.strategies,
  }
}

function fieldType(type: KindFieldType): FieldType {
  switch (type.kind) {
    case 'scalar':
      return { kind: SCALARS[type.scalar], named: undefined }
    case 'list':
      return { kind: 'list', of: fieldType(type.of) }
    case 'map':
      return { kind: 'map', of: fieldType(type.of), named: undefined }
    case 'type': {
      const plain = kindTypeByName(type.name)?.plain
      return plain === undefined ? { kind: 'struct', struct: type.name } : { kind: SCALARS[plain], named: undefined }
    }
  }
}
