import { readFileSync } from 'node:fs'
import { isArray, type Json, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { renderTable } from './table.ts'

/** What a real API server (1.36) shows, recorded by tools/record-tables.ts. */
interface Recorded {
  readonly columns: Readonly<Record<string, readonly JsonObject[]>>
  readonly printerColumns: Readonly<Record<string, readonly JsonObject[]>>
  readonly rows: readonly {
    readonly now: string
    readonly cells: readonly Json[]
    readonly conditions: Json
    readonly object: JsonObject
  }[]
}

const recorded = JSON.parse(readFileSync(new URL('./testdata/recorded.json', import.meta.url), 'utf8')) as Recorded

function render(object: JsonObject, now: number): JsonObject {
  const [, group = ''] = String(object.apiVersion).split('/').reverse()
  const kind = String(object.kind)
  const printerColumns = recorded.printerColumns[kind]
  return renderTable({ group, kind }, [object], {
    now,
    ...(printerColumns === undefined ? {} : { printerColumns }),
  })
}

function rowOf(table: JsonObject): JsonObject {
  return (isArray(table.rows) ? table.rows[0] : undefined) as JsonObject
}

describe('the columns of', () => {
  it.each(Object.entries(recorded.columns))('%s', (type, columns) => {
    const sample = recorded.rows.find(({ object }) => `${object.apiVersion}/${object.kind}` === type)
    const table = render(sample?.object ?? {}, 0)
    const shown = (isArray(table.columnDefinitions) ? table.columnDefinitions : []).map((column) => {
      const { description: _dropped, ...rest } = column as JsonObject
      return rest
    })
    expect(shown).toEqual(columns)
  })
})

describe('the cells of', () => {
  it.each(recorded.rows.map((row, index) => ({ ...row, index, kind: row.object.kind })))(
    '$kind ($index)',
    ({ object, cells, conditions, now }) => {
      // The date of the answer has no fractions, and the answer took a while: ages may be off by one.
      const times = [0, 1000, -1000].map((off) => Date.parse(now) + off)
      const rows = times.map((time) => rowOf(render(object, time)))
      const own = rows.map((row) => (isArray(row.cells) ? row.cells : []))
      const best = own[0] ?? []
      const shown = best.map(
        (cell, index) => own.map((row) => row[index] ?? null).find((text) => text === cells[index]) ?? cell,
      )
      expect(shown).toEqual(cells)
      expect(rows[0]?.conditions ?? null).toEqual(conditions)
    },
  )
})
