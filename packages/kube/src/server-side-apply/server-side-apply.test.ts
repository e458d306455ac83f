import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArray, isObject, type Json, type JsonObject } from '../json.ts'
import { type ApplyInput, type ApplyResult, applyConfiguration, trackUpdate } from './server-side-apply.ts'

const NOW = '2026-01-02T03:04:05Z'
const LATER = '2026-01-02T03:04:06Z'

function deployment(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', ...metadata }, spec }
}

function apply(input: Partial<ApplyInput> & Pick<ApplyInput, 'applied' | 'live'>): ApplyResult {
  return applyConfiguration({ manager: 'alice', now: NOW, ...input })
}

function applied(result: ApplyResult): JsonObject {
  if (result.outcome !== 'applied') throw new Error(JSON.stringify(result))
  return result.object
}

function entries(object: JsonObject): readonly JsonObject[] {
  const metadata = isObject(object.metadata) ? object.metadata : {}
  return isArray(metadata.managedFields) ? metadata.managedFields.filter(isObject) : []
}

function ownedBy(object: JsonObject, manager: string): Json | undefined {
  return entries(object).find((entry) => entry.manager === manager)?.fieldsV1
}

describe('applying', () => {
  it('makes the one who applies the owner of exactly what it applied', () => {
    const object = applied(apply({ live: undefined, applied: deployment({ replicas: 2 }, { labels: { app: 'web' } }) }))
    expect(entries(object)).toEqual([
      {
        manager: 'alice',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: NOW,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } },
      },
    ])
  })

  it('refuses to change what somebody else owns, in the words of the API server', () => {
    const live = trackUpdate({ before: undefined, after: deployment({ replicas: 1 }), manager: 'kubectl', now: NOW })
    expect(apply({ live, applied: deployment({ replicas: 2 }) })).toEqual({
      outcome: 'conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
      causes: [
        { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.replicas' },
      ],
    })
  })

  it('lists several conflicts by their owners', () => {
    const live = applied(apply({ manager: 'bob', live: undefined, applied: deployment({ replicas: 1, paused: true }) }))
    expect(apply({ live, applied: deployment({ replicas: 2, paused: false }) })).toMatchObject({
      message: 'Apply failed with 2 conflicts: conflicts with "bob":\n- .spec.paused\n- .spec.replicas',
    })
  })

  it('takes the field over when it is forced to', () => {
    const live = applied(apply({ manager: 'bob', live: undefined, applied: deployment({ replicas: 1 }) }))
    const object = applied(apply({ live, applied: deployment({ replicas: 2 }), force: true }))
    expect(object.spec).toMatchObject({ replicas: 2 })
    expect(ownedBy(object, 'bob')).toBeUndefined()
  })

  it('shares a field with those who want the same value', () => {
    const live = applied(apply({ manager: 'bob', live: undefined, applied: deployment({ replicas: 1 }) }))
    const result = apply({ live, applied: deployment({ replicas: 1 }) })
    expect(entries(applied(result)).map(({ manager }) => manager)).toEqual(['alice', 'bob'])
  })

  it('removes what is not applied any more, but for what others own too', () => {
    const first = deployment({}, { labels: { a: '1', b: '1' } })
    const live = applied(apply({ live: undefined, applied: first }))
    const shared = applied(apply({ manager: 'bob', live, applied: deployment({}, { labels: { b: '1' } }) }))
    const object = applied(apply({ live: shared, applied: deployment({}) }))
    expect(object.metadata).toMatchObject({ labels: { b: '1' } })
    expect(object.metadata).not.toHaveProperty('labels.a')
  })

  it('tells list items apart by their keys, with the defaults of the keys', () => {
    const pod = (ports: Json): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { containers: [{ name: 'app', image: 'a', ports }] },
    })
    const object = applied(
      apply({ live: undefined, applied: pod([{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }]) }),
    )
    expect(JSON.stringify(ownedBy(object, 'alice'))).toContain('k:{\\"containerPort\\":53,\\"protocol\\":\\"TCP\\"}')
    expect(
      apply({ live: object, applied: pod([{ containerPort: 53 }, { containerPort: 53, protocol: 'TCP' }]) }),
    ).toEqual({
      outcome: 'invalid',
      code: 500,
      message:
        'failed to create typed patch object (shop/p; /v1, Kind=Pod): .spec.containers[name="app"].ports: duplicate entries for key [containerPort=53,protocol="TCP"]',
    })
  })

  it('refuses fields that the kind does not have', () => {
    expect(apply({ live: undefined, applied: deployment({ replicas: 1, nonsense: true }) })).toEqual({
      outcome: 'invalid',
      code: 500,
      message:
        'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.nonsense: field not declared in schema',
    })
  })

  it('refuses managedFields in the configuration', () => {
    expect(apply({ live: undefined, applied: deployment({}, { managedFields: [] }) })).toEqual({
      outcome: 'invalid',
      code: 400,
      message: 'metadata.managedFields must be nil',
    })
  })

  it('lets kubectl take over what it applied before without the server, and renews its annotation', () => {
    const name = 'kubectl.kubernetes.io/last-applied-configuration'
    const map = (data: JsonObject, metadata: JsonObject = {}): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'm', namespace: 'shop', ...metadata },
      data,
    })
    const created = map({ a: '1', b: '1' }, { annotations: { [name]: JSON.stringify(map({ a: '1', b: '1' })) } })
    const live = trackUpdate({ before: undefined, after: created, manager: 'kubectl-client-side-apply', now: NOW })
    expect(apply({ live, applied: map({ a: '2' }) })).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    })
    const object = applied(apply({ live, applied: map({ a: '2' }), manager: 'kubectl' }))
    expect(object).toMatchObject({
      data: { a: '2', b: '1' },
      metadata: {
        annotations: {
          [name]:
            '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"m","namespace":"shop"}}\n',
        },
      },
    })
    // Not what somebody changed meanwhile.
    const changed = trackUpdate({
      before: live,
      after: { ...live, data: { a: '3', b: '1' } },
      manager: 'bob',
      now: LATER,
    })
    expect(apply({ live: changed, applied: map({ a: '2' }), manager: 'kubectl' })).toMatchObject({
      outcome: 'conflict',
    })
  })

  it('gives what nobody owned to before-first-apply', () => {
    const object = applied(apply({ live: deployment({ replicas: 1 }), applied: deployment({ paused: true }) }))
    expect(ownedBy(object, 'before-first-apply')).toEqual({ 'f:spec': { 'f:replicas': {} } })
  })

  it('refuses to change the roleRef of a binding that nobody owned, in the words of a real 1.36', () => {
    const binding = (role: string, more: JsonObject = {}): JsonObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'r', namespace: 'default', labels: { a: 'b' } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
      ...more,
    })
    const live = binding('x', { subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 'default' }] })
    expect(apply({ live, applied: binding('other') })).toMatchObject({
      outcome: 'conflict',
      message:
        'Apply failed with 1 conflict: conflict with "before-first-apply" using rbac.authorization.k8s.io/v1: .roleRef',
    })
    // The same is no conflict: both own it then, and what is not applied stays with the first.
    const object = applied(apply({ live, applied: binding('x') }))
    expect(ownedBy(object, 'before-first-apply')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:roleRef': {},
      'f:subjects': {},
    })
    expect(object.subjects).toEqual(live.subjects)
  })
})

describe('other writes', () => {
  it('take over what they change', () => {
    const live = applied(apply({ live: undefined, applied: deployment({ replicas: 1, paused: true }) }))
    const after = trackUpdate({
      before: live,
      after: { ...live, spec: { replicas: 2, paused: true } },
      manager: 'kubectl',
      now: LATER,
    })
    expect(ownedBy(after, 'alice')).toEqual({ 'f:spec': { 'f:paused': {} } })
    expect(ownedBy(after, 'kubectl')).toEqual({ 'f:spec': { 'f:replicas': {} } })
  })

  it('leave the entries and their times alone when they change nothing', () => {
    const live = applied(apply({ live: undefined, applied: deployment({ replicas: 1 }) }))
    expect(entries(trackUpdate({ before: live, after: live, manager: 'kubectl', now: LATER }))).toEqual(entries(live))
  })

  it('drop the owners with an empty list, and nobody is tracked until the next apply', () => {
    const live = applied(apply({ live: undefined, applied: deployment({ replicas: 1 }) }))
    const reset = trackUpdate({
      before: live,
      after: deployment({ replicas: 1 }, { managedFields: [] }),
      manager: 'x',
      now: NOW,
    })
    expect(entries(reset)).toEqual([])
    expect(entries(trackUpdate({ before: reset, after: deployment({ replicas: 2 }), manager: 'x', now: NOW }))).toEqual(
      [],
    )
  })

  it('keep ten entries and put the oldest together', () => {
    let object = trackUpdate({
      before: undefined,
      after: deployment({}, { labels: { l0: '' } }),
      manager: 'm0',
      now: NOW,
    })
    for (let index = 1; index <= 12; index++) {
      const labels = Object.fromEntries(Array.from({ length: index + 1 }, (_, label) => [`l${label}`, '']))
      const now = `2026-01-02T03:05:${String(index).padStart(2, '0')}Z`
      const { managedFields } = object.metadata as JsonObject
      object = trackUpdate({
        before: object,
        after: deployment({}, { labels, managedFields: managedFields ?? null }),
        manager: `m${index}`,
        now,
      })
    }
    expect(entries(object)).toHaveLength(10)
    expect(entries(object).map(({ manager }) => manager)).toContain('ancient-changes')
  })
})

describe('the laws', () => {
  const names = ['a', 'b', 'c', '__proto__', 'constructor']
  const map = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2'), { maxKeys: 4, noNullPrototype: true })
  const container = fc.record({
    name: fc.constantFrom('x', 'y', 'z'),
    image: fc.constantFrom('1', '2'),
    args: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
  })
  const config = fc
    .record(
      {
        labels: map,
        replicas: fc.constantFrom(1, 2),
        containers: fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [] },
    )
    .map(({ labels, replicas, containers }) =>
      deployment(
        {
          ...(replicas === undefined ? {} : { replicas }),
          ...(containers === undefined ? {} : { template: { spec: { containers } } }),
        },
        labels === undefined ? {} : { labels },
      ),
    )
  const { spec: _spec, ...nothing } = deployment({})
  const forced = (manager: string, live: JsonObject | undefined, configuration: JsonObject): JsonObject =>
    applied(apply({ manager, live, applied: configuration, force: true }))
  const check = (property: fc.IProperty<[JsonObject, JsonObject]>): void =>
    fc.assert(property, { seed: 3, numRuns: 200 })

  it('applying twice is applying once', () => {
    check(
      fc.property(config, config, (one, two) => {
        const once = forced('alice', forced('bob', undefined, one), two)
        expect(apply({ live: once, applied: two, now: LATER })).toEqual({
          outcome: 'applied',
          object: once,
          changed: false,
        })
      }),
    )
  })

  it('who forced it meets no conflict, and the others do', () => {
    check(
      fc.property(config, config, (one, two) => {
        const object = forced('alice', forced('bob', undefined, one), two)
        expect(apply({ live: object, applied: two }).outcome).toBe('applied')
      }),
    )
  })

  it('who applies nothing owns nothing', () => {
    check(
      fc.property(config, config, (one, two) => {
        const object = forced('alice', forced('bob', forced('alice', undefined, one), two), nothing)
        expect(ownedBy(object, 'alice')).toBeUndefined()
      }),
    )
  })

  it('what the others own survives when one of them leaves', () => {
    check(
      fc.property(config, config, (one, two) => {
        const both = forced('bob', forced('alice', undefined, one), two)
        const left = forced('alice', both, nothing)
        expect(ownedBy(left, 'bob')).toEqual(ownedBy(both, 'bob'))
        expect(apply({ manager: 'bob', live: left, applied: two })).toMatchObject({
          outcome: 'applied',
          changed: false,
        })
      }),
    )
  })

  it('nonsense is refused or applied, and never breaks anything', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
    const kinds = fc.constantFrom<readonly [string, string]>(
      ['v1', 'Pod'],
      ['apps/v1', 'Deployment'],
      ['example.com/v1', 'Widget'],
    )
    const entry = fc.record({
      manager: json,
      operation: fc.constantFrom('Apply', 'Update', 'x'),
      apiVersion: fc.constantFrom('v1', ''),
      fieldsType: fc.constantFrom('FieldsV1', ''),
      fieldsV1: fc.oneof(
        json,
        fc.constantFrom<Json>({ 'f:__proto__': { '.': {}, 'k:{"a":1}': {} }, 'v:1': {} }, { 'k:[]': {} }),
      ),
    }) as fc.Arbitrary<JsonObject>
    const property = fc.property(
      kinds,
      json,
      json,
      fc.oneof(json, fc.array(entry, { maxLength: 2 })),
      ([apiVersion, kind], live, wanted, managedFields) => {
        const object = (spec: Json, metadata: JsonObject): JsonObject => ({
          apiVersion,
          kind,
          metadata: { name: 'x', ...metadata },
          spec,
        })
        const stored = object(
          { containers: live, template: live, replicas: live },
          { managedFields: managedFields as Json, labels: live },
        )
        const result = apply({
          live: stored,
          applied: object({ containers: wanted, replicas: wanted }, { labels: wanted }),
          force: true,
        })
        expect(['applied', 'conflict', 'invalid']).toContain(result.outcome)
        trackUpdate({
          before: stored,
          after: object({ containers: wanted }, { managedFields: managedFields as Json }),
          manager: 'm',
          now: NOW,
        })
      },
    )
    fc.assert(property, { seed: 5, numRuns: 500 })
  })
})
