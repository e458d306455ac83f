import type { Json, JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSnapshot, parseSnapshot, SnapshotFormatError } from './parse.ts'

const WHOLE: JsonObject = {
  apiVersion: 'doctor.proa.dev/v1',
  kind: 'Snapshot',
  takenAt: '2026-08-01T00:00:00Z',
  source: { kind: 'bug-report', paths: ['bug-report.tar.gz'] },
  kubernetesVersion: 'v1.36.3',
  objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } }],
  unread: [{ apiVersion: 'v1', kind: 'Node', reason: 'forbidden', message: 'no' }],
  probes: [
    {
      kind: 'served-certificate',
      service: { namespace: 'istio-system', name: 'istiod', port: 443 },
      outcome: {
        kind: 'served',
        chain: 'PEM',
        verifiedBy: [{ configuration: 'istio-sidecar-injector', index: 0, verifies: true }],
      },
    },
    { kind: 'pod-creation', namespace: 'shop', labels: {}, outcome: { kind: 'refused', code: 500, message: 'no' } },
  ],
  logs: [{ namespace: 'shop', pod: 'web', container: 'web', previous: false, tail: 'x' }],
}

describe('parseSnapshot', () => {
  it('reads what is complete as it is', () => {
    expect(parseSnapshot(WHOLE)).toEqual(WHOLE)
  })

  it('lists that are left out are empty', () => {
    const { apiVersion, kind, takenAt, source } = WHOLE
    const parsed = parseSnapshot({ apiVersion, kind, takenAt, source } as JsonObject)
    expect(parsed).toMatchObject({ objects: [], unread: [], probes: [], logs: [] })
  })

  it('passes over what later releases may add', () => {
    const later = {
      ...WHOLE,
      weather: 'fine',
      probes: [{ kind: 'telepathy', outcome: { kind: 'x' } }],
      unread: [{ apiVersion: 'v1', kind: 'Pod', reason: 'asleep' }],
    }
    expect(parseSnapshot(later)).toMatchObject({ probes: [], unread: [{ kind: 'Pod', reason: 'error', message: '' }] })
  })

  it.each<[string, JsonObject, string]>([
    ['another kind', { kind: 'Pod' }, 'not a snapshot of doctor.proa.dev/v1: it says "doctor.proa.dev/v1 Pod"'],
    [
      'another version',
      { apiVersion: 'doctor.proa.dev/v2' },
      'apiVersion: doctor.proa.dev/v2 is of another release; this release reads doctor.proa.dev/v1',
    ],
    ['no time', { takenAt: 'yesterday' }, 'takenAt: "yesterday" is no time (RFC 3339 is expected)'],
    ['another source', { source: { kind: 'rumour' } }, 'source.kind: "rumour" is none of cluster, files, bug-report'],
    ['objects that are none', { objects: [1] }, 'objects[0]: an object is expected'],
    [
      'objects without a name',
      { objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }] },
      'objects[0].metadata.name: is missing',
    ],
    ['a list that is none', { logs: 'x' }, 'logs: a list is expected'],
    ['a probe without outcome', { probes: [{ kind: 'pod-creation' }] }, 'probes[0].outcome: is missing'],
  ])('says where and what is wrong: %s', (_, wrong, message) => {
    expect(() => parseSnapshot({ ...WHOLE, ...wrong })).toThrow(message)
  })

  it('anything is read, or refused with a SnapshotFormatError', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.jsonValue()),
      fc.constant(WHOLE.probes),
      fc.constant(WHOLE.source),
    )
    const fields = fc.dictionary(fc.constantFrom(...Object.keys(WHOLE)), part)
    fc.assert(
      fc.property(fields, (some) => {
        try {
          parseSnapshot({ ...WHOLE, ...(some as Record<string, Json>) })
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotFormatError)
        }
      }),
      { seed: 4, numRuns: 500 },
    )
  })
})

it('isSnapshot knows its own, of whatever version', () => {
  expect(isSnapshot(WHOLE)).toBe(true)
  expect(isSnapshot({ ...WHOLE, apiVersion: 'doctor.proa.dev/v9' })).toBe(true)
  expect(isSnapshot({ apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'Snapshot' })).toBe(false)
})
