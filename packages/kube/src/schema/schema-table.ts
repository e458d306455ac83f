/**
 * Reads the generated table. One line is one struct:
 *
 *     Name member member …
 *
 * A member is `&Embedded` (Go's embedding: its fields are promoted), or
 * `json` `?` (omitempty) `!` (omitzero) `=GoName` (when it is not the JSON name
 * with a capital) `:type` `@mergeKey` `~strategy`. A type is a pointer `*`, a
 * list `[]`, a map of strings `{}` (`<Name>{}` when the Go type has a name),
 * then a letter (see {@link SCALARS}; `s<Name>` is a named string) or a struct.
 */
import { POD_SCHEMA } from './pod-schema.gen.ts'
import type { FieldSchema, FieldType, ScalarKind } from './schema.ts'

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  s: 'string',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  q: 'quantity',
  x: 'intOrString',
  t: 'time',
  u: 'microTime',
  y: 'bytes',
  a: 'any',
}

/** A member of a struct: a field, or the name of an embedded struct. */
export type TableMember = { readonly embedded: string } | FieldSchema

let lines: Map<string, string> | undefined

/** The members of a struct in declaration order, or `undefined` when the table has no such struct. */
export function readStruct(name: string): TableMember[] | undefined {
  lines ??= new Map(
    POD_SCHEMA.trim()
      .split('\n')
      .map((line) => [line.split(' ', 1)[0] ?? '', line]),
  )
  return lines.get(name)?.split(' ').slice(1).map(readMember)
}

function readMember(text: string): TableMember {
  if (text.startsWith('&')) return { embedded: text.slice(1) }
  const match = /^(\w+)(\??)(!?)(?:=(\w+))?:(\*?)([^@~]+)(?:@(\w+))?(?:~([\w,]+))?$/.exec(text)
  if (match === null) throw new Error(`the generated schema is damaged at ${text}`)
  const [, json = '', omitEmpty, omitZero, goName, pointer, type = '', mergeKey, strategy] = match
  return {
    json,
    go: goName ?? json.charAt(0).toUpperCase() + json.slice(1),
    type: readType(type),
    pointer: pointer === '*',
    omitEmpty: omitEmpty === '?',
    omitZero: omitZero === '!',
    mergeKey,
    strategies: strategy === undefined ? [] : (strategy.split(',') as FieldSchema['strategies']),
  }
}

function readType(text: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', of: readType(text.slice(2)) }
  const map = /^(?:<(\w+)>)?\{\}(.*)$/.exec(text)
  if (map !== null) return { kind: 'map', of: readType(map[2] ?? ''), named: qualify(map[1]) }
  const scalar = /^([a-z])(?:<([\w.]+)>)?$/.exec(text)
  const kind = SCALARS[scalar?.[1] ?? '']
  if (kind !== undefined) return { kind, named: qualify(scalar?.[2]) }
  return { kind: 'struct', struct: `v1.${text}` }
}

function qualify(name: string | undefined): string | undefined {
  return name === undefined || name.includes('.') ? name : `v1.${name}`
}
