import { dumpYaml, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { documentsOf } from './documents.ts'

const pods = (count: number): JsonObject[] =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `web-${index}` },
    text: '- not an item\n- nor this\n\nitems:\n- x\n'.repeat(20),
  }))

const list = (items: JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
})

describe('documentsOf', () => {
  it('reads a long list of kubectl in parts, and gets the same', () => {
    const whole = list(pods(2000))
    const text = dumpYaml(whole)
    expect(text.length).toBeGreaterThan(1024 * 1024)
    expect(documentsOf(text)).toEqual([{ value: whole, line: 1 }])
    expect(documentsOf(text.replaceAll('\n', '\r\n'))).toEqual([{ value: whole, line: 1 }])
  })

  it('reads a long list as a whole when its parts hang together', () => {
    const text = `items:\n- &one {a: b}\n- *one\n${'# padding\n'.repeat(120_000)}kind: List\n`
    expect(documentsOf(text)).toEqual([{ value: { items: [{ a: 'b' }, { a: 'b' }], kind: 'List' }, line: 1 }])
  })

  it('refuses what is nested too deep, as YAML and as JSON', () => {
    expect(() => documentsOf('['.repeat(50_000) + ']'.repeat(50_000))).toThrow(/nested|depth|deep/)
    expect(() => documentsOf(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`)).toThrow(
      'it is nested deeper than 200 levels',
    )
  })
})
