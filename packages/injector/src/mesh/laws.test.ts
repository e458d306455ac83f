import { isObject, type Json, setOwn } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FieldDescriptor, fieldsOf } from './descriptor.ts'
import {
  applyMeshConfig,
  applyToMessage,
  defaultMeshConfig,
  effectiveProxyConfig,
  MESH_CONFIG,
  MeshConfigError,
  type Message,
  mergeProxyConfig,
  messageView,
  PROXY_CONFIG,
  proxyConfigToJson,
  readInjectorValues,
  readMessage,
  validateMeshConfig,
  validateProxyConfig,
  validateProxyConfigAnnotation,
  writeMessage,
} from './index.ts'

const RUNS = { numRuns: 150, seed: 8 }
const minors = fc.constantFrom(8, 12, 13, 15, 16, 21, 24, 31)

/** Documents of a message type: mostly well-typed. */
function documents(name: string, minor: number, depth = 0): fc.Arbitrary<Json> {
  const fields = depth > 3 ? [] : fieldsOf(name, minor)
  const record = Object.fromEntries(fields.map((field) => [field.jsonName, fieldValues(field, minor, depth)]))
  return fc.record(record, { requiredKeys: [] }).map((json) => json as Json)
}

function fieldValues(field: FieldDescriptor, minor: number, depth: number): fc.Arbitrary<Json> {
  const single = values(field, minor, depth)
  if (field.repeated) return fc.array(single, { maxLength: 2 })
  if (!field.map) return single
  return fc.array(fc.tuple(fc.constantFrom('a', 'b', '__proto__', '<'), single), { maxLength: 2 }).map((entries) => {
    const map: Record<string, Json> = {}
    for (const [key, value] of entries) setOwn(map, key, value)
    return map
  })
}

function values({ type }: FieldDescriptor, minor: number, depth: number): fc.Arbitrary<Json> {
  switch (type.kind) {
    case 'message':
      return documents(type.name, minor, depth + 1)
    case 'enum':
      return fc.constantFrom(
        ...[...type.enum.numbers.keys()].filter((value) => minor >= (type.enum.since.get(value) ?? 0)),
      )
    case 'duration':
      return fc.integer({ min: 0, max: 5000 }).map((ms) => `${ms}ms`)
    case 'struct':
      return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }).map((json) => json as Json)
    case 'value':
      return fc.jsonValue().map((json) => json as Json)
    default:
      if (type.scalar === 'string') return fc.string({ maxLength: 5 })
      if (type.scalar === 'bool') return fc.boolean()
      return type.scalar === 'double' ? fc.double({ noNaN: true, noDefaultInfinity: true }) : fc.nat(70000)
  }
}

function domainErrorsOnly(action: () => unknown): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof MeshConfigError)) throw error
    expect(error.message).not.toBe('')
  }
}

describe('a message', () => {
  it.each([PROXY_CONFIG, MESH_CONFIG])('%s survives being written and read again', (name) => {
    const sample = minors.chain((minor) => fc.tuple(fc.constant(minor), documents(name, minor)))
    fc.assert(
      fc.property(sample, ([minor, json]) => {
        const message = readMessage(name, json, { minor })
        const text = writeMessage(name, message)
        expect(readMessage(name, JSON.parse(text) as Json, { minor, allowUnknown: false })).toEqual(message)
      }),
      RUNS,
    )
  })

  it('read over another one replaces exactly the fields it mentions', () => {
    fc.assert(
      fc.property(documents(PROXY_CONFIG, 31), documents(PROXY_CONFIG, 31), (first, second) => {
        const base = readMessage(PROXY_CONFIG, first)
        const over = readMessage(PROXY_CONFIG, second)
        const applied = applyToMessage(PROXY_CONFIG, base, over)
        for (const [name, value] of Object.entries(over)) expect(applied[name]).toEqual(value)
        expect(applyToMessage(PROXY_CONFIG, applied, over)).toEqual(applied)
      }),
      RUNS,
    )
  })
})

describe('merging', () => {
  const pairs = minors.chain((minor) =>
    fc.tuple(fc.constant(minor), documents(PROXY_CONFIG, minor), documents(PROXY_CONFIG, minor)),
  )

  it('with nothing changes nothing, twice is once, and the inputs stay as they were', () => {
    fc.assert(
      fc.property(pairs, ([minor, first, second]) => {
        const a = readMessage(PROXY_CONFIG, first, { minor })
        const b = readMessage(PROXY_CONFIG, second, { minor })
        const before = JSON.stringify([a, b])
        const merged = mergeProxyConfig(a, b, minor)
        expect(mergeProxyConfig(a, {}, minor)).toEqual(a)
        expect(mergeProxyConfig(merged, b, minor)).toEqual(merged)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
      RUNS,
    )
  })

  it('never loses a metadata key since 1.10', () => {
    fc.assert(
      fc.property(pairs, ([minor, first, second]) => {
        if (minor < 10) return
        const a = readMessage(PROXY_CONFIG, first, { minor })
        const b = readMessage(PROXY_CONFIG, second, { minor })
        const keys = [a, b].flatMap(({ proxyMetadata }) => (isObject(proxyMetadata) ? Object.keys(proxyMetadata) : []))
        const { proxyMetadata } = mergeProxyConfig(a, b, minor)
        for (const key of keys) expect(Object.hasOwn(proxyMetadata as Message, key)).toBe(true)
      }),
      RUNS,
    )
  })

  it('gives every field of the effective config an origin', () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), ([minor, first, second], manual) => {
        const mesh = { ...defaultMeshConfig(minor), defaultConfig: mergeProxyConfig({}, first, minor) }
        const { config, origins, annotationError } = effectiveProxyConfig(
          { mesh, annotation: JSON.stringify(second), mode: manual ? 'kube-inject' : 'webhook' },
          minor,
        )
        expect(annotationError).toBeUndefined()
        expect([...origins.keys()].sort()).toEqual(Object.keys(config).sort())
      }),
      RUNS,
    )
  })
})

describe('whatever comes in', () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }).map((json) => json as Json),
    documents(MESH_CONFIG, 31),
    fc.dictionary(
      fc.constantFrom('defaultConfig', 'extensionProviders', 'tracing', 'concurrency', '__proto__'),
      fc.jsonValue(),
    ),
  ) as fc.Arbitrary<Json>

  it('is read or refused with a domain error', () => {
    fc.assert(
      fc.property(anything, minors, (json, minor) => {
        domainErrorsOnly(() => readMessage(PROXY_CONFIG, json, { minor, allowUnknown: false }))
        domainErrorsOnly(() => readInjectorValues(json))
        domainErrorsOnly(() => validateMeshConfig(applyMeshConfig(defaultMeshConfig(minor), json, minor), minor))
        domainErrorsOnly(() => {
          const config = mergeProxyConfig({}, json, minor)
          validateProxyConfig(config, minor)
          proxyConfigToJson(config, minor)
          messageView(PROXY_CONFIG, config, minor).string?.()
        })
      }),
      RUNS,
    )
  })

  it('annotations of any text', () => {
    fc.assert(
      fc.property(fc.string(), minors, (text, minor) => {
        validateProxyConfigAnnotation(text, minor)
        effectiveProxyConfig({ mesh: defaultMeshConfig(minor), annotation: text }, minor)
      }),
      RUNS,
    )
  })
})
