/**
 * Writes testdata/cases.json of the injector's mesh folder: the hand-picked documents of picked-cases.json, and
 * random ones made from the message tables.
 *
 *   node tools/generate-mesh-cases.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { enumTable, messageTable } from '../packages/injector/src/mesh/descriptors.gen.ts'

const TESTDATA = 'packages/injector/src/mesh/testdata'
const PROXY_CONFIG = 'istio.mesh.v1alpha1.ProxyConfig'
const MESH_CONFIG = 'istio.mesh.v1alpha1.MeshConfig'

interface Case {
  /** What to do with the document; gen/fixture.go knows the operations. */
  readonly op: string
  readonly text: string
}

let seed = 20240117
/** A small linear congruential generator: the file must come out the same every time. */
function random(below: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
  return Math.floor((seed / 0x80000000) * below)
}

function pick<T>(items: readonly T[]): T {
  return items[random(items.length)] as T
}

const WORDS = ['', 'a', 'b:1', '/x/y', '<&>', 'é', 'zipkin.istio-system:9411', '0', 'true', '"']

function randomScalar(type: string): unknown {
  if (random(25) === 0) return pick([null, 'x', -1, 1.5, true, {}, []])
  if (Object.hasOwn(enumTable, type)) {
    const values = Object.entries(enumTable[type] ?? {})
    return pick(values)[random(2)]
  }
  switch (type) {
    case 'string':
      return pick(WORDS)
    case 'bool':
    case 'google.protobuf.BoolValue':
      return random(2) === 0
    case 'double':
      return pick([0, 1, 0.5, 99.99, 1e21])
    case 'google.protobuf.Duration':
      return pick(['0s', '5s', '1m', '500ms', '1.5s', '90m'])
    case 'google.protobuf.Struct':
      return pick([{}, { b: 1, a: [null, true] }])
    default:
      return pick([0, 1, 15, '7', 65535])
  }
}

function randomMessage(name: string, depth: number): unknown {
  const result: Record<string, unknown> = {}
  for (const line of messageTable[name] ?? []) {
    const [, proto = '', repeated, map, type = ''] = /^(\w+): (repeated )?(map<string, )?([\w.]+)/.exec(line) ?? []
    if (random(depth === 0 ? 6 : 3) !== 0 || depth > 4) continue
    const camel = proto.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const value = (): unknown =>
      Object.hasOwn(messageTable, type) ? randomMessage(type, depth + 1) : randomScalar(type)
    const many = Array.from({ length: random(3) }, value)
    if (repeated !== undefined) result[pick([camel, proto])] = many
    else if (map !== undefined)
      result[pick([camel, proto])] = Object.fromEntries(many.map((item, i) => [pick(['k', 'l', '<']) + i, item]))
    else result[pick([camel, camel, proto])] = value()
  }
  return result
}

function randomCases(op: string, message: string, count: number): Case[] {
  return Array.from({ length: count }, () => ({ op, text: JSON.stringify(randomMessage(message, 0)) }))
}

const picked = JSON.parse(readFileSync(`${TESTDATA}/picked-cases.json`, 'utf8')) as Record<string, string[]>
const cases = [
  ...Object.entries(picked).flatMap(([op, texts]) => texts.map((text) => ({ op, text }))),
  ...randomCases('apply', PROXY_CONFIG, 120),
  ...randomCases('readMesh', MESH_CONFIG, 80),
  ...randomCases('annotation', PROXY_CONFIG, 40),
]
writeFileSync(`${TESTDATA}/cases.json`, `[\n${cases.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`)
