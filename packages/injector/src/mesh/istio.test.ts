/**
 * The same documents through real Istio releases (testdata/gen) and through this code: results are compared
 * as text, errors word for word. What is not compared is named in {@link isNotCompared}.
 */
import { readFileSync } from 'node:fs'
import { isArray, isObject, type Json, parseYaml } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { messageDescriptor } from './descriptor.ts'
import {
  applyMeshConfig,
  applyProxyConfigAnnotation,
  defaultMeshConfig,
  MESH_CONFIG,
  MeshConfigError,
  PROXY_CONFIG,
  proxyConfigToJson,
  readMessage,
  validateMeshConfig,
  validateProxyConfigAnnotation,
  writeMessage,
} from './index.ts'

interface Answer {
  readonly ok?: string
  readonly err?: string
}

const testdata = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8')
const cases = JSON.parse(testdata('cases.json')) as readonly { op: string; text: string }[]

function answer(op: string, text: string, minor: number): Answer {
  try {
    return run(op, text, minor)
  } catch (error) {
    if (error instanceof MeshConfigError) return { err: error.message }
    throw error
  }
}

function run(op: string, text: string, minor: number): Answer {
  switch (op) {
    case 'read':
    case 'strict': {
      const options = { minor, allowUnknown: op === 'read' }
      return { ok: writeMessage(PROXY_CONFIG, readMessage(PROXY_CONFIG, yaml(text), options)) }
    }
    case 'readMesh':
      return { ok: writeMessage(MESH_CONFIG, readMessage(MESH_CONFIG, yaml(text), { minor })) }
    case 'apply': {
      const mesh = applyProxyConfigAnnotation(defaultMeshConfig(minor), text, minor)
      return { ok: proxyConfigToJson(readMessage(PROXY_CONFIG, mesh.defaultConfig ?? null, { minor }), minor) }
    }
    case 'mesh': {
      const mesh = applyMeshConfig(defaultMeshConfig(minor), text, minor)
      const err = validateMeshConfig(mesh, minor)
      return err === undefined ? { ok: writeMessage(MESH_CONFIG, mesh) } : { err }
    }
    default: {
      const err = validateProxyConfigAnnotation(text, minor)
      return err === undefined ? { ok: '' } : { err }
    }
  }
}

function yaml(text: string): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text)
  } catch (error) {
    throw new MeshConfigError(String(error), '', error)
  }
}

/** Only that there is an error counts where its text depends on the YAML library. */
function normalize(value: Answer): Answer {
  const yamlError = /yaml|YamlError|error converting|line \d|\d+:\d+: /i
  return value.err !== undefined && yamlError.test(value.err) ? { err: 'YAML' } : value
}

/** Up to 1.13: null inside maps and oneofs, -0, zones of IPv6 addresses. */
const GOGO_ODDITIES = new Set([
  'tracing: {zipkin: null}',
  'tracing: {sampling: -0.0}',
  'tracing: {customTags: {a: null}}',
  'discoveryAddress: "[fe80::1%eth0]:1"',
])

/** Up to 1.13 it was random which of several members of a oneof won. */
function isNotCompared(op: string, text: string, minor: number): boolean {
  if (minor > 13) return false
  const name = op === 'readMesh' || op === 'mesh' ? MESH_CONFIG : PROXY_CONFIG
  return GOGO_ODDITIES.has(text) || (text.startsWith('{"') && hasRivals(name, JSON.parse(text) as Json))
}

function hasRivals(name: string, json: Json): boolean {
  if (!isObject(json)) return false
  const fields = messageDescriptor(name).fields.filter((f) => (json[f.jsonName] ?? json[f.protoName] ?? null) !== null)
  const oneofs = fields.flatMap((field) => field.oneof ?? [])
  if (new Set(oneofs).size < oneofs.length) return true
  return fields.some(({ type, ...field }) => {
    if (type.kind !== 'message') return false
    const value = json[field.jsonName] ?? json[field.protoName] ?? null
    const items = isArray(value) ? value : field.map && isObject(value) ? Object.values(value) : [value]
    return items.some((item) => hasRivals(type.name, item))
  })
}

describe.each([
  ['1.8', 8],
  ['1.12', 12],
  ['1.16', 16],
  ['1.21', 21],
  ['1.24', 24],
  ['current', 31],
])('Istio %s', (release, minor) => {
  const answers = testdata(`istio-${release}.jsonl`).trimEnd().split('\n')
  const rows = cases.map((row, index) => [row.op, row.text, answers[index] ?? ''] as const)
  it.each(rows.filter(([op, text]) => !isNotCompared(op, text, minor)))('%s %s', (op, text, line) => {
    expect(normalize(answer(op, text, minor))).toEqual(normalize(JSON.parse(line) as Answer))
  })
})
