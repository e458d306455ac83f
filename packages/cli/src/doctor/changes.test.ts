import type { Change, Finding } from '@proa/doctor'
import { expect, it } from 'vitest'
import { manualSteps, planChanges, toRepair } from './changes.ts'

const label = (name: string, body: object): Change => ({
  kind: 'patch',
  object: { apiVersion: 'v1', kind: 'Namespace', name },
  patch: { type: 'merge', body: { metadata: { ...body } } },
})

function finding(id: Finding['id'], changes: readonly Change[], commands: readonly string[] = []): Finding {
  return {
    id,
    severity: 'error',
    category: 'decision',
    object: { kind: 'Namespace', name: 'shop' },
    message: { en: '', zh: '' },
    evidence: [],
    confidence: 'certain',
    docs: '',
    fix: { text: { en: '', zh: '' }, commands, changes },
  }
}

it('proposes the same change once, whoever finds it and however its fields are ordered', () => {
  const planned = planChanges([
    finding('INJ103', [label('shop', { labels: { a: '1' }, annotations: { b: '2' } })]),
    finding('INJ107', [
      label('shop', { annotations: { b: '2' }, labels: { a: '1' } }),
      label('shop', { labels: { a: '2' } }),
    ]),
    finding('INJ103', [label('shop', { labels: { a: '1' }, annotations: { b: '2' } })]),
  ])
  expect(planned.map(({ ids }) => ids)).toEqual([['INJ103', 'INJ107'], ['INJ107']])
})

it('lists the commands of what only a person can do, each once', () => {
  const change = label('shop', {})
  expect(
    manualSteps([
      finding('INJ101', [], ['one', 'two']),
      finding('INJ102', [], ['two']),
      finding('INJ103', [change], ['three']),
      finding('INJ104', [], ['two', 'four']),
    ]).map(({ id, commands }) => [id, ...commands]),
  ).toEqual([
    ['INJ101', 'one', 'two'],
    ['INJ104', 'four'],
  ])
})

it('repairs nothing that is only noted, unless its check is asked for', () => {
  const note = { ...finding('INJ332', [label('shop', {})]), severity: 'info' } as const
  const error = finding('INJ201', [label('shop', {})])
  expect(toRepair([note, error], {})).toEqual([error])
  expect(toRepair([note, error], { check: ['INJ332'] })).toEqual([note, error])
})
