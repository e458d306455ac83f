/** Atoms of custom resources, from the schema in their definition. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../json.ts'
import { type Atom, type AtomReference, deducedAtom, type MapField, untypedAtom } from './atom.ts'
import { namedAtom } from './built-in-atoms.ts'

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/**
 * @param schema `spec.versions[].schema.openAPIV3Schema`; undefined: whatever an object holds is owned by
 *   keys of maps, lists as one piece
 */
export function customResourceAtom(schema: JsonObject | undefined): Atom {
  const text: MapField = { atom: () => ({ scalar: 'string' }), standard: undefined }
  const own: Readonly<Record<string, MapField>> = {
    apiVersion: text,
    kind: text,
    metadata: { atom: () => namedAtom(OBJECT_META), standard: undefined },
  }
  const rest = schema === undefined ? deducedAtom() : schemaAtom(schema, false)
  const map = rest.map ?? deducedAtom().map
  if (map === undefined) return rest
  return { map: { ...map, field: (name) => (Object.hasOwn(own, name) ? own[name] : map.field(name)) } }
}

function schemaAtom(schema: JsonObject, above: boolean): Atom {
  const open = above || getOwn(schema, 'x-kubernetes-preserve-unknown-fields') === true
  if (getOwn(schema, 'x-kubernetes-int-or-string') === true) return { scalar: 'untyped' }
  switch (getOwn(schema, 'type')) {
    case 'object':
      return { map: mapRule(schema, open) }
    case 'array':
      return { list: listRule(schema, open) }
    case 'string': {
      const format = getOwn(schema, 'format')
      return { scalar: format === undefined || format === '' || format === 'byte' ? 'string' : 'untyped' }
    }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    default:
      return { scalar: 'untyped', list: listRule(schema, open), map: mapRule(schema, open) }
  }
}

function below(schema: Json | undefined, open: boolean): AtomReference {
  if (!isObject(schema)) return deducedAtom
  let atom: Atom | undefined
  return () => {
    atom ??= schemaAtom(schema, open)
    return atom
  }
}

function mapRule(schema: JsonObject, open: boolean): NonNullable<Atom['map']> {
  const properties = getOwn(schema, 'properties')
  const fields = new Map<string, MapField>()
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    const standard = isObject(property) ? getOwn(property, 'default') : undefined
    fields.set(name, { atom: below(property, open), standard })
  }
  const additional = getOwn(schema, 'additionalProperties')
  return {
    relation: getOwn(schema, 'x-kubernetes-map-type') === 'atomic' ? 'atomic' : 'granular',
    field: (name) => fields.get(name),
    element: elementOf(additional, open || fields.size === 0, open),
  }
}

function elementOf(additional: Json | undefined, free: boolean, open: boolean): AtomReference | undefined {
  if (isObject(additional)) return below(additional, open)
  if (additional === true) return deducedAtom
  return additional === undefined && free ? deducedAtom : undefined
}

function listRule(schema: JsonObject, open: boolean): NonNullable<Atom['list']> {
  const listType = getOwn(schema, 'x-kubernetes-list-type')
  const keys = getOwn(schema, 'x-kubernetes-list-map-keys')
  const items = getOwn(schema, 'items')
  return {
    relation: listType === 'map' || listType === 'set' ? 'associative' : 'atomic',
    keys: listType === 'map' && isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
    element: isObject(items) ? below(items, open) : untypedAtom,
  }
}
