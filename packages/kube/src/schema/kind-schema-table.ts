/**
 * Reads the generated table of kinds. One line is one type of the OpenAPI:
 *
 *     Name#group/version/Kind^mapType member member …
 *
 * `#…` and `^…` are there where the type is a kind, or says how it is owned. A type without properties has
 * `-code` instead of members. A member is
 *
 *     json ! :type ^relation(keys) @mergeKey ~strategy |one|of=default
 *
 * `!` marks a required field; the relation is the list type or the map type; the rest is there where the
 * OpenAPI says it. A type is a list `[]`, a map of strings `{}`, a letter (see {@link SCALARS}) or the name
 * of a type without its usual prefix (see {@link PREFIXES}).
 */
import type { Json } from '../json.ts'
import { KIND_SCHEMA } from './kind-schema.gen.ts'
import type { KindField, KindFieldType, KindScalar, KindType } from './kind-schema.ts'

const PREFIXES: Readonly<Record<string, string>> = {
  '+': 'io.k8s.apimachinery.pkg.',
  '*': 'io.k8s.apiextensions-apiserver.pkg.apis.',
}

const SCALARS: Readonly<Record<string, KindScalar>> = {
  s: 'string',
  y: 'bytes',
  t: 'time',
  b: 'boolean',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  q: 'quantity',
  x: 'intOrString',
  a: 'any',
  o: 'object',
}

export interface KindTable {
  /** By the full name of the OpenAPI. */
  readonly types: ReadonlyMap<string, KindType>
  /** By `apiVersion/Kind`. */
  readonly kinds: ReadonlyMap<string, KindType>
}

let table: KindTable | undefined

/** The whole table, read at the first call. */
export function kindTable(): KindTable {
  table ??= readTable()
  return table
}

function readTable(): KindTable {
  const types = new Map<string, KindType>()
  const kinds = new Map<string, KindType>()
  for (const line of KIND_SCHEMA.trim().split('\n')) {
    const type = readType(line)
    types.set(type.name, type)
    if (type.gvk !== undefined) {
      const { group, version, kind } = type.gvk
      kinds.set(`${group === '' ? '' : `${group}/`}${version}/${kind}`, type)
    }
  }
  return { types, kinds }
}

function readType(line: string): KindType {
  const [head = '', ...members] = line.split(' ')
  const match = /^([^#^]+)(?:#([^/]*)\/(\w+)\/(\w+))?(?:\^(\w+))?$/.exec(head)
  if (match === null) throw new Error(`the generated table of kinds is damaged at ${head}`)
  const [, name = '', group, version = '', kind = '', mapType] = match
  const plain = members.length === 1 && members[0]?.startsWith('-') ? SCALARS[members[0].slice(1)] : undefined
  const fields = plain === undefined ? members.map(readMember) : []
  return {
    name: fullName(name),
    gvk: group === undefined ? undefined : { group, version, kind },
    mapType: mapType as KindType['mapType'],
    plain,
    fields: new Map(fields.map((field) => [field.name, field])),
  }
}

function fullName(name: string): string {
  const prefix = PREFIXES[name.charAt(0)]
  return prefix === undefined ? `io.k8s.api.${name}` : prefix + name.slice(1)
}

const MEMBER =
  /^([\w$-]+)(!?):([^^@~|=]+)(?:\^(\w+)(?:\(([\w,]+)\))?)?(?:@(\w+))?(?:~([\w,]+))?((?:\|[^|=]+)*)(?:=(.+))?$/

function readMember(text: string): KindField {
  const match = MEMBER.exec(text)
  if (match === null) throw new Error(`the generated table of kinds is damaged at ${text}`)
  const [, name = '', required, type = '', relation, keys, mergeKey, strategy, values = '', standard] = match
  return {
    name,
    required: required === '!',
    type: readFieldType(type),
    relation: relation as KindField['relation'],
    keys: keys?.split(',') ?? [],
    mergeKey,
    strategies: (strategy?.split(',') ?? []) as KindField['strategies'],
    values: values === '' ? [] : values.slice(1).split('|'),
    standard: standard === undefined ? undefined : (JSON.parse(standard) as Json),
  }
}

function readFieldType(text: string): KindFieldType {
  if (text.startsWith('[]')) return { kind: 'list', of: readFieldType(text.slice(2)) }
  if (text.startsWith('{}')) return { kind: 'map', of: readFieldType(text.slice(2)) }
  const scalar = SCALARS[text]
  return scalar === undefined ? { kind: 'type', name: fullName(text) } : { kind: 'scalar', scalar }
}
