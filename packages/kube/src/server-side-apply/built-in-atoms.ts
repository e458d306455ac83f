/** Atoms of the built-in kinds. */
import {
  type KindField,
  type KindFieldType,
  type KindScalar,
  type KindType,
  kindType,
  kindTypeByName,
} from '../schema/kind-schema.ts'
import {
  type Atom,
  type AtomReference,
  deducedAtom,
  type ListRule,
  type MapField,
  type MapRule,
  untypedAtom,
} from './atom.ts'

const ANY: Atom = { ...untypedAtom(), map: { relation: 'granular', field: () => undefined, element: deducedAtom } }

const SCALARS: Readonly<Record<KindScalar, Atom>> = {
  string: { scalar: 'string' },
  bytes: { scalar: 'string' },
  time: { scalar: 'untyped' },
  boolean: { scalar: 'boolean' },
  int32: { scalar: 'numeric' },
  int64: { scalar: 'numeric' },
  float64: { scalar: 'numeric' },
  quantity: { scalar: 'untyped' },
  intOrString: ANY,
  any: ANY,
  object: { map: { relation: 'granular', field: () => undefined, element: deducedAtom } },
}

const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const known = new Map<string, Atom>()

/** The atom of a built-in kind; `undefined` when it is none. */
export function builtInAtom(apiVersion: string, kind: string): Atom | undefined {
  const type = kindType(apiVersion, kind)
  return type === undefined ? undefined : typeAtom(type, undefined)
}

/** The atom of a type by its name in the OpenAPI. */
export function namedAtom(name: string, relation?: KindField['relation']): Atom {
  if (name === RAW_EXTENSION) return untypedAtom()
  const type = kindTypeByName(name)
  if (type === undefined) throw new Error(`the table of kinds names ${name}, but does not have it`)
  return typeAtom(type, relation)
}

function typeAtom(type: KindType, relation: KindField['relation']): Atom {
  if (type.plain !== undefined) return SCALARS[type.plain]
  const mapType = relation ?? type.mapType
  const key = `${type.name}^${mapType}`
  const atom = known.get(key) ?? { map: structRule(type, mapType === 'atomic') }
  known.set(key, atom)
  return atom
}

function structRule(type: KindType, atomic: boolean): MapRule {
  const fields = new Map<string, MapField>()
  for (const field of type.fields.values()) {
    fields.set(field.name, { atom: fieldAtom(field), standard: field.standard })
  }
  return { relation: atomic ? 'atomic' : 'granular', field: (name) => fields.get(name), element: undefined }
}

function fieldAtom(field: KindField): AtomReference {
  const { type } = field
  if (type.kind === 'list') return constant({ list: listRule(field, type.of) })
  if (type.kind === 'map') return constant({ map: mapRule(type.of, field.relation === 'atomic') })
  if (type.kind === 'type') return () => namedAtom(type.name, field.relation)
  return constant(SCALARS[type.scalar])
}

function constant(atom: Atom): AtomReference {
  return () => atom
}

/** Where no list type is given, the keys of strategic merge say the same. */
function listRule(field: KindField, of: KindFieldType): ListRule {
  const element = elementAtom(of)
  if (field.relation === 'atomic') return { relation: 'atomic', keys: [], element }
  if (field.relation !== undefined) return { relation: 'associative', keys: field.keys, element }
  if (!field.strategies.includes('merge')) return { relation: 'atomic', keys: [], element }
  return { relation: 'associative', keys: field.mergeKey === undefined ? [] : [field.mergeKey], element }
}

function mapRule(of: KindFieldType, atomic: boolean): MapRule {
  return { relation: atomic ? 'atomic' : 'granular', field: () => undefined, element: elementAtom(of) }
}

/** Of items and values: nothing says how they relate, so inner lists are one piece. */
function elementAtom(type: KindFieldType): AtomReference {
  switch (type.kind) {
    case 'type':
      return () => namedAtom(type.name)
    case 'list':
      return constant({ list: { relation: 'atomic', keys: [], element: elementAtom(type.of) } })
    case 'map':
      return constant({ map: mapRule(type.of, false) })
    case 'scalar':
      return constant(SCALARS[type.scalar])
  }
}
