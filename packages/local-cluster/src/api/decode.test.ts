import { type JsonObject, readTyped } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ResourceDefinition } from '../resources/definition.ts'
import { createRegistry } from '../resources/registry.ts'
import { decodeAs } from './decode.ts'

const registry = createRegistry()

function type(apiVersion: string, kind: string): ResourceDefinition {
  const found = registry.byKind(apiVersion, kind)
  if (found === undefined) throw new Error(`${kind} is served`)
  return found
}

function decoded(apiVersion: string, kind: string, rest: JsonObject): JsonObject {
  const {
    apiVersion: _version,
    kind: _kind,
    ...object
  } = decodeAs(type(apiVersion, kind), { apiVersion, kind, ...rest }).object
  return object
}

describe('reading an object as its type', () => {
  it.each<[string, string, string, JsonObject, JsonObject]>([
    ['null is the same as missing', 'v1', 'ConfigMap', { data: null }, {}],
    ['a null in a map of texts is the empty text', 'v1', 'ConfigMap', { data: { a: null } }, { data: { a: '' } }],
    [
      'empty maps and lists are left out',
      'v1',
      'ConfigMap',
      { data: {}, metadata: { labels: {}, finalizers: [] } },
      { metadata: {} },
    ],
    [
      'a zero that Go leaves out is left out',
      'apps/v1',
      'Deployment',
      { spec: { paused: false, minReadySeconds: 0 } },
      { spec: {} },
    ],
    [
      'a zero that means something stays',
      'apps/v1',
      'Deployment',
      { spec: { replicas: 0 } },
      { spec: { replicas: 0 } },
    ],
    [
      'an empty struct stays',
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { podSelector: {} } },
      { spec: { podSelector: {} } },
    ],
  ])('%s', (_rule, apiVersion, kind, object, expected) => {
    expect(decoded(apiVersion, kind, object)).toEqual(expected)
  })

  it('writes quantities in their one form', () => {
    const resources = { limits: { cpu: '1000m', memory: 1024 }, requests: { cpu: 0.5 } }
    const pod = decoded('v1', 'Pod', { spec: { containers: [{ name: 'c', resources }] } })
    expect(pod.spec).toEqual({
      containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1024' }, requests: { cpu: '500m' } } }],
    })
  })

  it('names unknown fields by their whole path', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { foo: 1, containers: [{ name: 'c', bar: { baz: 2 } }] } }
    expect(decodeAs(type('v1', 'Pod'), pod).unknown).toEqual([
      'unknown field "spec.foo"',
      'unknown field "spec.containers[0].bar"',
    ])
  })

  it('comes to the same for Pods as the reader that was compared with Go', () => {
    const text = fc.option(fc.constantFrom('', 'a'), { nil: null })
    const number = fc.option(fc.constantFrom(0, 7), { nil: null })
    const bool = fc.option(fc.boolean(), { nil: null })
    const container = fc.record(
      {
        name: fc.constantFrom('c', ''),
        image: text,
        tty: bool,
        stdin: bool,
        workingDir: text,
        args: fc.option(fc.array(fc.constantFrom('x', '')), { nil: null }),
        ports: fc.array(
          fc.record(
            { containerPort: fc.constantFrom(0, 80), hostPort: number, name: text },
            { requiredKeys: ['containerPort'] },
          ),
        ),
      },
      { requiredKeys: ['name'] },
    )
    const spec = fc.record(
      {
        containers: fc.array(container, { minLength: 1 }),
        hostNetwork: bool,
        terminationGracePeriodSeconds: number,
        automountServiceAccountToken: bool,
        nodeSelector: fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', 'x')), { nil: null }),
        priority: number,
        shareProcessNamespace: bool,
        nodeName: text,
      },
      { requiredKeys: ['containers'] },
    )
    fc.assert(
      fc.property(spec, (wanted) => {
        const pod = { spec: wanted } as unknown as JsonObject
        expect(decoded('v1', 'Pod', pod)).toEqual(readTyped('v1.Pod', pod))
      }),
      { seed: 10 },
    )
  })
})
