import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { afterChanges } from '../../testing/apply-changes.ts'
import { fixturesOf, loadFixture } from '../../testing/fixture.ts'
import type { Change, Finding } from '../finding.ts'
import { diagnose } from '../run/diagnose.ts'
import { objectKey, SEVERITIES } from '../run/order.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { CHECKS } from './catalogue.ts'

// What a finding proposes to change makes it go away and breaks nothing else: for every fixture in which a check fires.

/** Fixtures after the changes of which the finding stays, by what a snapshot cannot show. */
const STAYS: Readonly<Record<string, string>> = {
  'INJ153/fires': 'the endpoints of what is scaled up',
  'INJ160/fires-autoscaler': 'the status of the autoscaler',
  'INJ201/fires-overwritten': 'istiod writes the bundle when it starts',
  'INJ202/fires-one-replica': 'istiod takes a new certificate when it starts',
  'INJ202/fires-served': 'istiod takes a new certificate when it starts',
  'INJ203/fires-garbage': 'istiod writes the bundle when it starts',
  'INJ204/fires': 'istiod takes a new certificate when it starts',
  'INJ205/fires': 'istiod takes a new certificate when it starts',
  'INJ205/fires-overdue': 'istiod takes a new certificate when it starts',
  'INJ205/fires-proa': 'the injector takes a new certificate',
  'INJ206/fires': 'istiod takes a new certificate when it starts',
  'INJ206/fires-common-name': 'istiod takes a new certificate when it starts',
  'INJ251/fires-one-node': 'the scheduler chooses other nodes',
  'INJ303/fires': 'the small template of healthy.yaml has no native sidecar',
  'INJ305/fires': 'the small template of healthy.yaml has no hook that holds',
  'INJ305/fires-post-start': 'the small template of healthy.yaml has no hook that holds',
  'INJ330/fires-must-specify': 'the small template of healthy.yaml reads two of the four annotations',
}

/** Fixtures with Pods of an object that is not in the snapshot, so that there is nothing here to patch. */
const WITHOUT_OBJECT: ReadonlySet<string> = new Set([
  'INJ119/fires-unknown-time',
  'INJ129/fires-before',
  'INJ137/fires',
])

interface Case {
  readonly name: string
  readonly snapshot: Snapshot
  readonly finding: Finding
}

/** With its notes, which are findings of whoever asks for the check by name. */
const findingsOf = (snapshot: Snapshot, { id }: Pick<Finding, 'id'>): readonly Finding[] =>
  diagnose(snapshot, { checks: [id] }).findings

const CASES: readonly Case[] = CHECKS.flatMap((check) =>
  fixturesOf(check.id)
    .filter(({ title }) => title.startsWith('fires'))
    .flatMap(({ file }) => {
      const snapshot = loadFixture(file)
      const name = `${basename(dirname(file))}/${basename(file, '.yaml')}`
      return findingsOf(snapshot, check)
        .filter(({ fix }) => fix !== undefined && fix.changes.length > 0)
        .map((finding) => ({ name, snapshot, finding }))
    }),
)

describe('what a finding proposes to change', () => {
  const possible = CASES.filter(({ name }) => !WITHOUT_OBJECT.has(name))

  it.each(possible.filter(({ name }) => !Object.hasOwn(STAYS, name)))('repairs $name', ({ snapshot, finding }) => {
    expect(remaining(snapshot, finding).map(({ message }) => message.en)).toEqual([])
  })

  it.each(possible)('breaks nothing else in $name', ({ snapshot, finding }) => {
    expect(newErrors(snapshot, finding)).toEqual([])
  })

  it.each(Object.keys(STAYS))('is an exception with reason: %s', (exception) => {
    const stays = possible.filter(({ name }) => name === exception)
    expect(stays.some(({ snapshot, finding }) => remaining(snapshot, finding).length > 0)).toBe(true)
  })
})

/** Of the same object and no milder, but for those that were there beside it. */
function remaining(snapshot: Snapshot, finding: Finding): readonly Finding[] {
  const isSame = ({ object }: Finding): boolean => objectKey(object) === objectKey(finding.object)
  const beside = new Set(
    findingsOf(snapshot, finding).flatMap(({ message }) => (message.en === finding.message.en ? [] : message.en)),
  )
  return findingsOf(afterChanges(snapshot, finding.fix?.changes ?? []), finding).filter(
    (one) =>
      isSame(one) &&
      SEVERITIES.indexOf(one.severity) <= SEVERITIES.indexOf(finding.severity) &&
      (finding.severity !== 'info' || one.message.en === finding.message.en) &&
      !beside.has(one.message.en),
  )
}

/** Fixtures leave out the root certificates of the namespaces that they add, which istiod would write: INJ209. */
function newErrors(snapshot: Snapshot, finding: Finding): readonly string[] {
  const errorsOf = (one: Snapshot): readonly string[] =>
    diagnose(one)
      .findings.filter(({ id, severity }) => severity === 'error' && id !== 'INJ209')
      .map(({ id, object }) => `${id} ${objectKey(object)}`)
  const before = new Set(errorsOf(snapshot))
  return errorsOf(afterChanges(snapshot, finding.fix?.changes ?? [])).filter((title) => !before.has(title))
}

describe('what --fix never makes', () => {
  const changes = CASES.flatMap(({ name, finding }) => (finding.fix?.changes ?? []).map((change) => ({ name, change })))
  const written = (change: Change): string => JSON.stringify(change.kind === 'delete' ? {} : change)
  const isWeakened = (change: Change): boolean =>
    change.object.kind === 'ValidatingWebhookConfiguration' && /(namespace|object)Selector/.test(written(change))
  const RULES: readonly (readonly [string, (change: Change) => boolean])[] = [
    ['a failurePolicy', (change) => written(change).includes('failurePolicy')],
    ['a level of Pod Security', (change) => written(change).includes('pod-security.kubernetes.io')],
    ['rights of the node for a Pod', (change) => /"(hostNetwork|hostPID|privileged)":true/.test(written(change))],
    ['a token for an application', (change) => written(change).includes('"automountServiceAccountToken":true')],
    ['more quota', (change) => change.object.kind === 'ResourceQuota'],
    ['a workload without Pods', (change) => written(change).includes('"replicas":0')],
    ['a policy engine that looks away', isWeakened],
    [
      'the end of anything but a Pod or a webhook that nobody asks for',
      (change) => change.kind === 'delete' && !['Pod', 'MutatingWebhookConfiguration'].includes(change.object.kind),
    ],
  ]
  it.each(RULES)('%s', (_, matches) => {
    expect(changes.filter(({ change }) => matches(change)).map(({ name }) => name)).toEqual([])
  })
})
