/** The types of the OpenAPI documents, from the table that package kube has. */
import {
  isObject,
  type Json,
  type JsonObject,
  type KindField,
  type KindFieldType,
  type KindScalar,
  type KindType,
  kindTypeByName,
} from '@proa/kube'

/** Where a document keeps its types: `#/components/schemas/` in version 3, `#/definitions/` in version 2. */
export interface Dialect {
  readonly prefix: string
  /** Version 2 has `$ref` alone; version 3 wraps it where something stands beside it. */
  readonly wraps: boolean
}

export const OPENAPI_V3: Dialect = { prefix: '#/components/schemas/', wraps: true }
export const OPENAPI_V2: Dialect = { prefix: '#/definitions/', wraps: false }

const SCALARS: Readonly<Record<KindScalar, JsonObject>> = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  time: { type: 'string', format: 'date-time' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  any: {},
  object: { type: 'object' },
}
/** Version 2 knows no `oneOf`. */
const SCALARS_V2: Readonly<Partial<Record<KindScalar, JsonObject>>> = {
  quantity: { type: 'string' },
  intOrString: { type: 'string', format: 'int-or-string' },
}

/** The given types and all that they name, by name. */
export function schemaClosure(roots: Iterable<string>, dialect: Dialect): JsonObject {
  const found = new Map<string, JsonObject>()
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const type = found.has(name) ? undefined : kindTypeByName(name)
    if (type === undefined) continue
    found.set(name, typeSchema(type, dialect))
    for (const field of type.fields.values()) open.push(...namesIn(field.type))
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function namesIn(type: KindFieldType): string[] {
  if (type.kind === 'type') return [type.name]
  return type.kind === 'scalar' ? [] : namesIn(type.of)
}

function typeSchema(type: KindType, dialect: Dialect): JsonObject {
  const gvk = type.gvk === undefined ? {} : { 'x-kubernetes-group-version-kind': [{ ...type.gvk }] }
  if (type.plain !== undefined) return { ...scalarSchema(type.plain, dialect), ...gvk }
  const fields = [...type.fields.values()]
  const required = fields.filter((field) => field.required).map((field) => field.name)
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, dialect)])),
    ...gvk,
    ...(type.mapType === undefined ? {} : { 'x-kubernetes-map-type': type.mapType }),
  }
}

function scalarSchema(scalar: KindScalar, dialect: Dialect): JsonObject {
  return (dialect.wraps ? undefined : SCALARS_V2[scalar]) ?? SCALARS[scalar]
}

function fieldSchema(field: KindField, dialect: Dialect): JsonObject {
  const type = fieldTypeSchema(field.type, dialect)
  const relation = field.type.kind === 'list' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type'
  const beside: Record<string, Json> = {
    ...(field.values.length === 0 ? {} : { enum: field.values }),
    ...(field.standard === undefined || !dialect.wraps ? {} : { default: field.standard }),
    ...(field.relation === undefined ? {} : { [relation]: field.relation }),
    ...(field.keys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': field.keys }),
    ...(field.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.mergeKey }),
    ...(field.strategies.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.strategies.join(',') }),
  }
  if (Object.keys(beside).length === 0) return type
  return dialect.wraps && isObject(type) && '$ref' in type ? { allOf: [type], ...beside } : { ...type, ...beside }
}

function fieldTypeSchema(type: KindFieldType, dialect: Dialect): JsonObject {
  switch (type.kind) {
    case 'scalar':
      return scalarSchema(type.scalar, dialect)
    case 'list':
      return { type: 'array', items: fieldTypeSchema(type.of, dialect) }
    case 'map':
      return { type: 'object', additionalProperties: fieldTypeSchema(type.of, dialect) }
    case 'type':
      return { $ref: dialect.prefix + type.name }
  }
}
