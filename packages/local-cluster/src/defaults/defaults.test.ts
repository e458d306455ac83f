import { readFileSync } from 'node:fs'
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { OBJECTS } from '../../testing/validation/objects.ts'
import { applyDefaults } from './index.ts'

const filled = JSON.parse(
  readFileSync(new URL('../../testing/validation/filled.json', import.meta.url), 'utf8'),
) as Record<string, JsonObject>

interface Draft {
  [key: string]: unknown
  metadata: Record<string, unknown>
  spec?: Record<string, unknown>
}

/** What comes of storing an object, not of decoding it: admission, addresses, selectors, status. */
function withoutStoring(object: JsonObject): unknown {
  const draft = structuredClone(object) as unknown as Draft
  if (draft.kind !== 'PersistentVolumeClaim') delete draft.status
  const spec = draft.spec ?? {}
  if (draft.kind === 'Pod') {
    for (const key of ['priority', 'preemptionPolicy', 'tolerations', 'serviceAccount', 'serviceAccountName'])
      delete spec[key]
    const isToken = (one: { name: string }) => one.name.startsWith('kube-api-access-')
    const volumes = ((spec.volumes as { name: string }[] | undefined) ?? []).filter((one) => !isToken(one))
    if (volumes.length > 0) spec.volumes = volumes
    else delete spec.volumes
    for (const kind of ['containers', 'initContainers']) {
      for (const container of (spec[kind] as Record<string, { name: string }[]>[] | undefined) ?? []) {
        const mounts = (container.volumeMounts ?? []).filter((one) => !isToken(one))
        if (mounts.length > 0) container.volumeMounts = mounts
        else delete container.volumeMounts
      }
    }
  }
  if (draft.kind === 'Service') {
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[key]
    for (const port of (spec.ports as Record<string, unknown>[] | undefined) ?? []) delete port.nodePort
  }
  if (draft.kind === 'Namespace') delete spec.finalizers
  if (draft.kind === 'Job') {
    delete spec.selector
    delete draft.metadata.labels
    delete (spec.template as { metadata: Record<string, unknown> }).metadata.labels
  }
  delete draft.metadata.annotations
  delete draft.metadata.finalizers
  delete draft.metadata.creationTimestamp
  return draft
}

describe('defaults are those of a real API server', () => {
  for (const object of OBJECTS) {
    const name = `${String(object.kind)}/${String((object.metadata as JsonObject).name)}`
    it.skipIf(filled[name] === undefined)(name, () => {
      expect(withoutStoring(applyDefaults(object))).toEqual(withoutStoring(filled[name] ?? {}))
    })
  }

  it('are the same when they are applied twice', () => {
    for (const object of OBJECTS) expect(applyDefaults(applyDefaults(object))).toEqual(applyDefaults(object))
  })

  it('leave objects of unknown kinds alone', () => {
    const thing = { apiVersion: 'a.example/v1', kind: 'Thing', metadata: { name: 'a' } }
    expect(applyDefaults(thing)).toBe(thing)
  })
})
