import { describe, expect, it } from 'vitest'
import { findByPath } from './json-path.ts'
import { renderTable } from './table.ts'

const NOW = Date.parse('2026-01-01T00:10:00Z')
const MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
  data: { a: '1' },
}
const TYPE = { group: '', kind: 'ConfigMap' }

describe('a table', () => {
  it('has the metadata of each object, unless asked otherwise', () => {
    expect(renderTable(TYPE, [MAP], { now: NOW })).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7' },
      rows: [
        {
          cells: ['m', 1, '10m'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: MAP.metadata },
        },
      ],
    })
    expect(renderTable(TYPE, [MAP], { now: NOW, includeObject: 'Object' })).toMatchObject({ rows: [{ object: MAP }] })
    expect(renderTable(TYPE, [MAP], { now: NOW, includeObject: 'None' })).toMatchObject({ rows: [{ object: null }] })
  })

  it('names its columns once in a watch', () => {
    expect(renderTable(TYPE, [MAP], { now: NOW, headers: false })).toMatchObject({ columnDefinitions: null })
  })

  it('of nothing has columns and no rows', () => {
    expect(renderTable(TYPE, [], { now: NOW, metadata: { resourceVersion: '9' } })).toMatchObject({
      metadata: { resourceVersion: '9' },
      rows: [],
    })
  })

  it('of a kind that nobody knows has the name and the age', () => {
    const table = renderTable({ group: 'example.com', kind: 'constructor' }, [MAP], { now: NOW })
    expect(table).toMatchObject({
      columnDefinitions: [{ name: 'Name' }, { name: 'Age', type: 'date' }],
      rows: [{ cells: ['m', '10m'] }],
    })
  })

  it('shows damaged objects instead of failing', () => {
    const damaged = { metadata: null, spec: 'x', status: [1] }
    for (const kind of ['Pod', 'Service', 'Node', 'Event', 'Endpoints']) {
      expect(renderTable({ group: '', kind }, [damaged], { now: NOW })).toMatchObject({ rows: [{}] })
    }
  })
})

describe('paths of columns', () => {
  const object = {
    spec: { hosts: ['a', 'b'], 'x-y': 1 },
    list: [
      { type: 'A', ok: true },
      { type: 'B', ok: false },
    ],
  }

  it.each([
    ['.spec.hosts', [['a', 'b']]],
    ['.spec.hosts[1]', ['b']],
    ['.spec.hosts[-1]', ['b']],
    ['.spec.hosts[*]', ['a', 'b']],
    ['{.spec.x-y}', [1]],
    [".spec['x-y']", [1]],
    ['.list[?(@.type=="B")].ok', [false]],
    ["$.list[?(@.type == 'A')].ok", [true]],
    ['.spec.nothing', []],
    ['.constructor', []],
    ['.spec.hosts[', []],
  ])('%s', (path, expected) => {
    expect(findByPath(path, object)).toEqual(expected)
  })
})
