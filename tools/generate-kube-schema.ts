/**
 * Writes packages/kube/src/schema/pod-schema.gen.ts: what Kubernetes' own
 * sources say about every type below a Pod.
 *
 *   node tools/generate-kube-schema.ts --version 1.36.1 --openapi swagger.json \
 *     --go core/v1/types.go --go meta/v1/types.go
 *
 * The inputs are `api/openapi-spec/swagger.json` of kubernetes/kubernetes, and
 * `types.go` of the Go modules k8s.io/api and k8s.io/apimachinery at the same
 * release. The Go declarations give the Go side (field names, pointers,
 * omitempty); where both sources speak (which fields there are, their JSON
 * types, merge keys and strategies) they have to agree, or nothing is written.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const OUTPUT = new URL('../packages/kube/src/schema/pod-schema.gen.ts', import.meta.url)
const ROOTS = ['Pod', 'PodTemplateSpec', 'PodTemplate']

/** Types that the API machinery writes by hand: how the table spells them, and their OpenAPI definition. */
const SPECIAL: Readonly<Record<string, { code: string; openapi: string }>> = {
  'resource.Quantity': { code: 'q', openapi: 'api.resource.Quantity' },
  'intstr.IntOrString': { code: 'x', openapi: 'util.intstr.IntOrString' },
  'metav1.Time': { code: 't', openapi: 'apis.meta.v1.Time' },
  'metav1.MicroTime': { code: 'u', openapi: 'apis.meta.v1.MicroTime' },
  'metav1.FieldsV1': { code: 'a', openapi: 'apis.meta.v1.FieldsV1' },
}
const BASIC: Readonly<Record<string, string>> = { string: 's', bool: 'b', int32: 'i', int64: 'l', float64: 'f' }
const OPENAPI_TYPE: Readonly<Record<string, string>> = {
  s: 'string',
  b: 'boolean',
  i: 'integer',
  l: 'integer',
  f: 'number',
}
/** Named types of packages that are not read. */
const FOREIGN: Readonly<Record<string, string>> = { 'types.UID': 's<types.UID>' }

interface GoField {
  readonly goName: string
  readonly type: string
  readonly tag: string
}
/** Name to struct fields, or to the type it stands for. */
type GoTypes = Map<string, readonly GoField[] | string>

interface Field {
  readonly json: string
  readonly goName: string
  readonly code: string
  readonly embedded: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly mergeKey: string | undefined
  readonly strategy: string | undefined
}

interface OpenApiProperty {
  readonly type?: string
  readonly $ref?: string
  readonly items?: OpenApiProperty
  readonly additionalProperties?: OpenApiProperty
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-patch-strategy'?: string
}
type Definitions = Record<string, { properties?: Record<string, OpenApiProperty> } | undefined>

const problems: string[] = []

function main(): void {
  const { values } = parseArgs({
    options: { version: { type: 'string' }, openapi: { type: 'string' }, go: { type: 'string', multiple: true } },
  })
  if (values.version === undefined || values.openapi === undefined || values.go === undefined) {
    throw new Error('usage: generate-kube-schema --version 1.X.Y --openapi swagger.json --go types.go [--go types.go]')
  }
  const types: GoTypes = new Map()
  for (const file of values.go) readGoTypes(readFileSync(file, 'utf8'), file, types)
  const structs = closure(types)
  const { definitions } = JSON.parse(readFileSync(values.openapi, 'utf8')) as { definitions: Definitions }
  for (const name of structs.keys()) compareWithOpenApi(name, structs, definitions)
  if (problems.length > 0) throw new Error(`the Go types and the OpenAPI disagree:\n${problems.join('\n')}`)
  writeFileSync(OUTPUT, render(values.version, structs))
}

/** Collects the type declarations of one Go file. */
function readGoTypes(text: string, file: string, types: GoTypes): void {
  const meta = /^package v1\b/m.test(text) && text.includes('type ObjectMeta struct')
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const qualify = (type: string): string => (meta ? type.replace(/(^|[\]*])([A-Z]\w*)$/, '$1metav1.$2') : type)
  const add = (name: string, value: readonly GoField[] | string): void => {
    const key = meta ? `metav1.${name}` : name
    if (types.has(key)) throw new Error(`${file}: type ${name} is declared twice`)
    types.set(key, value)
  }
  for (const [, name = '', body = ''] of bare.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    add(
      name,
      body.split('\n').flatMap((line) => parseField(line, qualify)),
    )
  }
  for (const [, name = '', type = ''] of bare.matchAll(/^type (\w+) ([\w.*[\]{}]+)\s*(?:\/\/.*)?$/gm)) {
    add(name, qualify(type))
  }
}

function parseField(line: string, qualify: (type: string) => string): GoField[] {
  if (line.trim() === '') return []
  const named = /^\s*(\w+)\s+([\w.*[\]{}]+)\s+`([^`]*)`\s*(?:\/\/.*)?$/.exec(line)
  if (named !== null) return [{ goName: named[1] ?? '', type: qualify(named[2] ?? ''), tag: named[3] ?? '' }]
  const embedded = /^\s*([\w.]+)\s+`([^`]*)`\s*(?:\/\/.*)?$/.exec(line)
  if (embedded !== null) return [{ goName: '', type: qualify(embedded[1] ?? ''), tag: embedded[2] ?? '' }]
  if (/^\s*(\w+)\s+([\w.*[\]{}]+)\s*$/.test(line)) return [] // No tag: a field that is never in JSON.
  throw new Error(`this struct field is not understood: ${line}`)
}

/** Every struct below the roots, in the order they are met. */
function closure(types: GoTypes): Map<string, Field[]> {
  const structs = new Map<string, Field[]>()
  const visit = (name: string): void => {
    const declaration = types.get(name)
    if (!Array.isArray(declaration)) throw new Error(`there is no Go struct ${name}`)
    const short = shortName(name)
    if (structs.has(short)) return
    structs.set(short, [])
    const used = new Set<string>()
    structs.set(
      short,
      (declaration as readonly GoField[]).flatMap((field) => readField(field, types, used)),
    )
    for (const next of used) visit(next)
  }
  for (const root of ROOTS) visit(root)
  return structs
}

/** Core v1 and meta v1 are both `v1.` in Go's messages, so the table drops the package. */
function shortName(name: string): string {
  return name.replace(/^metav1\./, '')
}

function readField(field: GoField, types: GoTypes, used: Set<string>): Field[] {
  const [json = '', ...options] = (tagValue(field.tag, 'json') ?? '-').split(',')
  if (json === '-') return []
  const embedded = field.goName === '' && options.includes('inline')
  if (embedded !== (json === '')) throw new Error(`unusual tag of ${field.goName} ${field.type}: ${field.tag}`)
  return [
    {
      json,
      goName: field.goName === '' ? shortName(field.type) : field.goName,
      code: typeCode(field.type, types, used),
      embedded,
      omitEmpty: options.includes('omitempty'),
      omitZero: options.includes('omitzero'),
      mergeKey: tagValue(field.tag, 'patchMergeKey'),
      strategy: tagValue(field.tag, 'patchStrategy'),
    },
  ]
}

function tagValue(tag: string, key: string): string | undefined {
  return new RegExp(`(?:^|\\s)${key}:"([^"]*)"`).exec(tag)?.[1]
}

/** The table's spelling of a Go type: prefixes `*`, `[]`, `{}` (a named map: `<Name>{}`), then a letter or a struct. */
function typeCode(type: string, types: GoTypes, used: Set<string>): string {
  if (type.startsWith('*')) return `*${typeCode(type.slice(1), types, used)}`
  if (type === '[]byte') return 'y'
  if (type.startsWith('[]')) return `[]${typeCode(type.slice(2), types, used)}`
  const map = /^map\[[\w.]+\](.*)$/.exec(type)
  if (map !== null) return `{}${typeCode(map[1] ?? '', types, used)}`
  const known = BASIC[type] ?? SPECIAL[type]?.code ?? FOREIGN[type]
  if (known !== undefined) return known
  const declaration = types.get(type)
  if (declaration === undefined) throw new Error(`there is no Go type ${type}`)
  if (typeof declaration !== 'string') {
    used.add(type)
    return shortName(type)
  }
  const code = typeCode(declaration, types, used)
  if (code.startsWith('{}')) return `<${shortName(type)}>${code}`
  return code === 's' ? `s<${shortName(type)}>` : code
}

/** Fields with those of embedded structs in their place, as JSON sees them. */
function flatten(name: string, structs: ReadonlyMap<string, Field[]>): Field[] {
  return (structs.get(name) ?? []).flatMap((field) => (field.embedded ? flatten(field.code, structs) : [field]))
}

function compareWithOpenApi(name: string, structs: ReadonlyMap<string, Field[]>, definitions: Definitions): void {
  const definition =
    definitions[`io.k8s.api.core.v1.${name}`] ?? definitions[`io.k8s.apimachinery.pkg.apis.meta.v1.${name}`]
  // Embedded structs have no definition of their own; they are compared where they are embedded.
  if (definition === undefined) {
    const isEmbedded = [...structs.values()].flat().some((field) => field.embedded && field.code === name)
    if (!isEmbedded) problems.push(`${name}: no OpenAPI definition`)
    return
  }
  const properties = definition.properties ?? {}
  const fields = flatten(name, structs)
  for (const field of fields) {
    const property = properties[field.json]
    if (property === undefined) problems.push(`${name}.${field.json}: not in the OpenAPI`)
    else compareField(`${name}.${field.json}`, field, property)
  }
  for (const json of Object.keys(properties)) {
    if (!fields.some((field) => field.json === json)) problems.push(`${name}.${json}: not in the Go type`)
  }
}

function compareField(where: string, field: Field, property: OpenApiProperty): void {
  const key = property['x-kubernetes-patch-merge-key']
  const strategy = property['x-kubernetes-patch-strategy']
  if (key !== field.mergeKey) problems.push(`${where}: merge key ${field.mergeKey} in Go, ${key} in the OpenAPI`)
  if (strategy !== field.strategy)
    problems.push(`${where}: strategy ${field.strategy} in Go, ${strategy} in the OpenAPI`)
  compareType(where, field.code.replace(/^\*|^<\w+>/, ''), property)
}

function compareType(where: string, code: string, property: OpenApiProperty): void {
  if (code.startsWith('[]')) {
    if (property.type !== 'array') problems.push(`${where}: a list in Go, ${property.type} in the OpenAPI`)
    else compareType(`${where}[]`, code.slice(2), property.items ?? {})
    return
  }
  if (code.startsWith('{}')) {
    if (property.type !== 'object') problems.push(`${where}: a map in Go, ${property.type} in the OpenAPI`)
    else compareType(`${where}{}`, code.slice(2), property.additionalProperties ?? {})
    return
  }
  const basic = OPENAPI_TYPE[code.replace(/<.*/, '')]
  const special = Object.values(SPECIAL).find((entry) => entry.code === code)?.openapi
  const found = property.$ref ?? property.type ?? ''
  const same = basic !== undefined ? found === basic : found.endsWith(`.${special ?? code}`)
  if (!same) problems.push(`${where}: ${code} in Go, ${found} in the OpenAPI`)
}

function render(version: string, structs: ReadonlyMap<string, Field[]>): string {
  const lines = [...structs].map(([name, fields]) => `${name} ${fields.map(renderField).join(' ')}`.trimEnd())
  return `// Generated by tools/generate-kube-schema.ts from Kubernetes ${version} (OpenAPI and Go types, Apache 2.0). Do not edit.
// One line per struct; the notation is explained in schema-table.ts.
export const KUBERNETES_VERSION = '${version}'
export const POD_SCHEMA = \`
${lines.join('\n')}
\`
`
}

function renderField(field: Field): string {
  if (field.embedded) return `&${field.code}`
  const derived = field.json.charAt(0).toUpperCase() + field.json.slice(1)
  const flags = `${field.omitEmpty ? '?' : ''}${field.omitZero ? '!' : ''}`
  const goName = field.goName === derived ? '' : `=${field.goName}`
  const strategy = field.strategy === undefined ? '' : `~${field.strategy}`
  const key = field.mergeKey === undefined ? '' : `@${field.mergeKey}`
  return `${field.json}${flags}${goName}:${field.code}${key}${strategy}`
}

main()
