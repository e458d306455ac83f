import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { fieldWrite, hasManagedFields, labelWrite } from './managed-fields.ts'

const entry = (manager: string, time: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  time,
  fieldsV1,
  ...more,
})
const object = (...managedFields: readonly JsonObject[]): JsonObject => ({ metadata: { managedFields } })
const LABEL = { 'f:metadata': { 'f:labels': { '.': {}, 'f:team': {} } } }

describe('when a field was written', () => {
  it('is the time of the manager that owns it; alone when it owns nothing else', () => {
    expect(labelWrite(object(entry('kubectl-label', '2026-11-15T09:30:00Z', LABEL)), 'team')).toEqual({
      time: Date.parse('2026-11-15T09:30:00Z'),
      manager: 'kubectl-label',
      alone: true,
      index: 0,
    })
    const more = { ...LABEL, 'f:spec': { 'f:finalizers': {} } }
    expect(labelWrite(object(entry('helm', '2026-11-15T09:30:00Z', more)), 'team')?.alone).toBe(false)
  })

  it('is the first of several: the others found it as it is', () => {
    const shared = object(
      entry('argocd', '2026-11-16T00:00:00Z', LABEL),
      entry('kubectl', '2026-11-15T00:00:00Z', LABEL),
    )
    expect(labelWrite(shared, 'team')?.manager).toBe('kubectl')
  })

  it('is not known without an owner, without a time, and for a subresource', () => {
    expect(labelWrite(object(entry('a', '2026-11-15T00:00:00Z', LABEL)), 'other')).toBeUndefined()
    expect(labelWrite(object(entry('a', 'yesterday', LABEL)), 'team')).toBeUndefined()
    const status = entry('a', '2026-11-15T00:00:00Z', LABEL, { subresource: 'status' })
    expect(labelWrite(object(status), 'team')).toBeUndefined()
  })

  it('survives any JSON', () => {
    let deep: JsonObject = {}
    for (let depth = 0; depth < 20_000; depth++) deep = { 'f:x': deep }
    expect(fieldWrite(object(entry('a', '2026-11-15T00:00:00Z', deep)), ['f:x'])?.alone).toBe(true)
    expect(fieldWrite({ metadata: { managedFields: 'none' } }, ['f:x'])).toBeUndefined()
    expect(hasManagedFields({ metadata: null })).toBe(false)
  })
})
