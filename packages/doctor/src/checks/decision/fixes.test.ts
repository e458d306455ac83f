import { applyPatch, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { fixturesOf, loadFixture, merge } from '../../../testing/fixture.ts'
import type { Check } from '../../check.ts'
import { type Cluster, clusterOf, objectName } from '../../cluster/cluster.ts'
import type { Change, CheckOutcome, Found, ObjectName } from '../../finding.ts'
import type { Snapshot } from '../../snapshot/types.ts'
import { DECISION_CHECKS } from './index.ts'

const MINE = DECISION_CHECKS.filter(({ id }) => id <= 'INJ118')

const cases = MINE.flatMap((check) =>
  fixturesOf(check.id)
    .filter(({ title }) => title.startsWith('fires'))
    .map(({ title, file }) => ({ check, title: `${check.id} ${title}`, file })),
)

const key = ({ kind, namespace, name }: ObjectName): string => `${kind} ${namespace ?? ''}/${name}`

function isActive(outcome: CheckOutcome): outcome is Found {
  return outcome.outcome === 'found' && outcome.routine !== true
}

function active(check: Check, cluster: Cluster): readonly Found[] {
  return check.run(cluster).filter(isActive)
}

function apply(snapshot: Snapshot, change: Change): Snapshot {
  const isIt = (object: JsonObject): boolean => key(objectName(object)) === key(change.object)
  expect(snapshot.objects.some(isIt), `${key(change.object)} is there`).toBe(true)
  if (change.kind === 'delete') return { ...snapshot, objects: snapshot.objects.filter((one) => !isIt(one)) }
  if (change.kind === 'apply') throw new Error('no check of decisions creates objects')
  const { patch } = change
  const patched = (object: JsonObject): JsonObject =>
    (patch.type === 'json' ? applyPatch(object, patch.operations) : merge(object, patch.body)) as JsonObject
  return { ...snapshot, objects: snapshot.objects.map((one) => (isIt(one) ? patched(one) : one)) }
}

describe('the changes of a fix', () => {
  it.each(cases)('end the finding: $title', ({ check, file }) => {
    const snapshot = loadFixture(file)
    for (const { object, fix } of active(check, clusterOf(snapshot))) {
      if (fix === undefined || fix.changes.length === 0) continue
      const repaired = clusterOf(fix.changes.reduce(apply, snapshot))
      const left = active(check, repaired).filter((one) => key(one.object) === key(object))
      expect(left.map(({ message }) => message.en)).toEqual([])
    }
  })

  it.each(cases)('are what the commands do: $title', ({ check, file }) => {
    for (const { fix } of active(check, clusterOf(loadFixture(file)))) {
      if (fix === undefined || fix.changes.length === 0) continue
      expect(fix.commands).toHaveLength(fix.changes.length)
      for (const [index, change] of fix.changes.entries()) {
        const command = fix.commands[index] ?? ''
        expect(command).toContain(change.object.name)
        if (change.kind === 'patch' && command.includes(' patch ')) {
          const body = change.patch.type === 'json' ? change.patch.operations : change.patch.body
          expect(command).toContain(`-p '${JSON.stringify(body)}'`)
        }
      }
    }
  })
})
