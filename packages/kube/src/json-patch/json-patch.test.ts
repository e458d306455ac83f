import fc from 'fast-check'
import { applyPatch as applyWithRfc6902, type Operation } from 'rfc6902'
import { describe, expect, it } from 'vitest'
import { clone, type Json, type JsonPath } from '../json.ts'
import { applyPatch, PatchError } from './apply.ts'
import { diff } from './diff.ts'
import type { JsonPatchOperation } from './operation.ts'

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json)
const byName = { listKey: (path: JsonPath) => (path.at(-1) === 'items' ? 'name' : undefined) }

/** A document with one list of named items, each with a little content. */
const namedItems = fc
  .uniqueArray(fc.record({ name: fc.integer({ min: 0, max: 12 }), v: fc.integer({ min: 0, max: 2 }) }), {
    selector: (item) => item.name,
    maxLength: 10,
  })
  .map((items): Json => ({ items }))

function items(...names: string[]): Json {
  return { items: names.map((name) => ({ name })) }
}

describe('diff', () => {
  it('is empty for equal documents, whatever the key order', () => {
    expect(diff({ a: [1, { b: 2 }], c: 3 }, { c: 3, a: [1, { b: 2 }] })).toEqual([])
  })

  it('adds, removes and replaces keys, with pointers escaped', () => {
    expect(diff({ 'a/b': 1, gone: 1 }, { 'a/b': 2, 'm~n': null })).toEqual([
      { op: 'remove', path: '/gone' },
      { op: 'replace', path: '/a~1b', value: 2 },
      { op: 'add', path: '/m~0n', value: null },
    ])
  })

  it('appends and prepends to lists without touching what stays', () => {
    expect(diff(['a', 'b'], ['x', 'a', 'b'])).toEqual([{ op: 'add', path: '/0', value: 'x' }])
    expect(diff(['a', 'b'], ['a', 'b', 'x'])).toEqual([{ op: 'add', path: '/2', value: 'x' }])
    expect(diff(['a', 'b', 'c'], ['a', 'c'])).toEqual([{ op: 'remove', path: '/1' }])
  })

  it('inserts and removes keyed items instead of rewriting one into another', () => {
    expect(diff(items('app', 'log'), items('proxy', 'log'), byName)).toEqual([
      { op: 'remove', path: '/items/0' },
      { op: 'add', path: '/items/0', value: { name: 'proxy' } },
    ])
  })

  it('moves a keyed item with one operation', () => {
    expect(diff(items('a', 'b', 'c', 'd'), items('d', 'a', 'b', 'c'), byName)).toEqual([
      { op: 'move', from: '/items/3', path: '/items/0' },
    ])
    expect(diff(items('a', 'b', 'c', 'd'), items('b', 'c', 'd', 'a'), byName)).toEqual([
      { op: 'move', from: '/items/0', path: '/items/3' },
    ])
  })

  it('changes a keyed item at its new place', () => {
    const from = { items: [{ name: 'a', v: 1 }] }
    const to = { items: [{ name: 'new' }, { name: 'a', v: 2 }] }
    expect(diff(from, to, byName)).toEqual([
      { op: 'add', path: '/items/0', value: { name: 'new' } },
      { op: 'replace', path: '/items/1/v', value: 2 },
    ])
  })

  it('falls back to positions when keys are missing or not unique', () => {
    const from = { items: [{ name: 'a' }, { name: 'a', v: 1 }] }
    const to = { items: [{ name: 'a' }, { name: 'a', v: 2 }] }
    expect(diff(from, to, byName)).toEqual([{ op: 'replace', path: '/items/1/v', value: 2 }])
  })

  it('stays small and quick for thousands of changed items', () => {
    const from = { items: Array.from({ length: 5000 }, (_, i) => ({ name: i })) }
    const to = { items: Array.from({ length: 5000 }, (_, i) => ({ name: (i * 7) % 5000 })) }
    const patch = diff(from, to, byName)
    expect(patch.length).toBeLessThan(5000)
    expect(applyPatch(from, patch)).toEqual(to)
  })

  it('law: applying the difference gives the target, here and in rfc6902', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const patch = diff(a, b)
        expect(applyPatch(a, patch)).toEqual(b)
        if (typeof a === 'object' && a !== null && patch.every((operation) => operation.path !== '')) {
          const copy = clone(a)
          expect(applyWithRfc6902(copy, clone(patch as unknown as Json) as unknown as Operation[])).toEqual(
            patch.map(() => null),
          )
          expect(copy).toEqual(b)
        }
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('law: the same for keyed lists in any order', () => {
    fc.assert(
      fc.property(namedItems, namedItems, (a, b) => {
        const patch = diff(a, b, byName)
        expect(applyPatch(a, patch)).toEqual(b)
        const copy = clone(a)
        expect(applyWithRfc6902(copy, clone(patch as unknown as Json) as unknown as Operation[])).toEqual(
          patch.map(() => null),
        )
        expect(copy).toEqual(b)
      }),
      { numRuns: 1000, seed: 2 },
    )
  })
})

describe('applyPatch', () => {
  it('knows all six operations', () => {
    const patch: JsonPatchOperation[] = [
      { op: 'test', path: '/a', value: [1] },
      { op: 'add', path: '/a/-', value: 2 },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'remove', path: '/a/0' },
      { op: 'move', from: '/b/1', path: '/c' },
      { op: 'replace', path: '/c', value: 'x' },
    ]
    expect(applyPatch({ a: [1] }, patch)).toEqual({ a: [2], b: [1], c: 'x' })
  })

  it('replaces with add on an existing key', () => {
    expect(applyPatch({ a: 1 }, [{ op: 'add', path: '/a', value: 2 }])).toEqual({ a: 2 })
    expect(applyPatch({ a: 1 }, [{ op: 'add', path: '', value: [] }])).toEqual([])
  })

  it('does not change its inputs', () => {
    const document = { a: { b: [1] } }
    const value = { list: [1] }
    const patch: JsonPatchOperation[] = [
      { op: 'add', path: '/v', value },
      { op: 'add', path: '/v/list/0', value: 0 },
      { op: 'copy', from: '/v', path: '/w' },
      { op: 'remove', path: '/w/list/0' },
      { op: 'remove', path: '/a/b/0' },
    ]
    expect(applyPatch(document, patch)).toEqual({ a: { b: [] }, v: { list: [0, 1] }, w: { list: [1] } })
    expect(document).toEqual({ a: { b: [1] } })
    expect(value).toEqual({ list: [1] })
  })

  it('writes __proto__ as an ordinary key', () => {
    const result = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }])
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1}}')
    expect(() => applyPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }])).toThrow(PatchError)
  })

  it.each<[string, JsonPatchOperation, string]>([
    ['missing key', { op: 'remove', path: '/x' }, 'operation 0 (remove "/x"): there is no "x" in the document'],
    ['missing parent', { op: 'add', path: '/x/y', value: 1 }, 'there is no "x"'],
    ['index too large', { op: 'add', path: '/a/2', value: 1 }, 'index 2 is outside the list'],
    ['leading zero', { op: 'remove', path: '/a/00' }, '"00" is not a list index'],
    ['dash where nothing is added', { op: 'remove', path: '/a/-' }, '"-" is not a list index'],
    ['into a scalar', { op: 'add', path: '/a/0/b', value: 1 }, 'the path leads into a scalar'],
    ['no pointer', { op: 'remove', path: 'a' }, 'path is not a JSON pointer'],
    ['bad escape', { op: 'remove', path: '/a~2' }, 'path is not a JSON pointer'],
    ['test fails', { op: 'test', path: '/a', value: [2] }, 'the value differs'],
    ['move into itself', { op: 'move', from: '/a', path: '/a/0' }, 'a value cannot be moved into itself'],
    ['remove all', { op: 'remove', path: '' }, 'the whole document cannot be removed'],
    ['unknown', { op: 'merge', path: '' } as unknown as JsonPatchOperation, 'unknown operation'],
    ['no value', { op: 'add', path: '/z' } as unknown as JsonPatchOperation, 'value is missing'],
  ])('refuses: %s', (_name, operation, message) => {
    const apply = () => applyPatch({ a: [1] }, [operation])
    expect(apply).toThrow(PatchError)
    expect(apply).toThrow(message)
  })
})
