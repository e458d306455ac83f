import { type Cluster, controllerOf, remembered } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import {
  type Classification,
  type CreationFailure,
  classifyMessage,
  creationFailures,
  isOvercome,
  type Sighting,
} from '../messages/index.ts'
import { textAt, timeAt } from '../reading.ts'
import { livePods, type Subject } from './subjects.ts'

/** The API server refuses to create Pods of a workload. */
export interface Refusal {
  readonly classification: Classification
  readonly sighting: Sighting
}

interface Told {
  readonly failure: CreationFailure
  readonly sighting: Sighting
}

const byObject: (cluster: Cluster) => ReadonlyMap<string, readonly Told[]> = remembered((cluster) =>
  Map.groupBy(
    creationFailures(cluster).flatMap((failure) => failure.sightings.map((sighting) => ({ failure, sighting }))),
    ({ sighting }) => keyOf(workloadAbove(cluster, sighting.object)),
  ),
)

/** The Deployment of a ReplicaSet, the CronJob of a Job: without Pods nothing else leads from one to the other. */
function workloadAbove(cluster: Cluster, object: ObjectName): ObjectName {
  const { kind, namespace = '', name } = object
  if (kind !== 'ReplicaSet' && kind !== 'Job') return object
  const stored = cluster.find(kind, namespace, name)
  const controller = stored && controllerOf(stored)
  const above = controller && { kind: textAt(controller, 'kind'), namespace, name: textAt(controller, 'name') }
  if (above !== undefined) return above
  const guess = {
    kind: kind === 'Job' ? 'CronJob' : 'Deployment',
    namespace,
    name: name.replace(/-[a-z0-9]+$/, ''),
  } as const
  return stored === undefined && cluster.find(guess.kind, namespace, guess.name) !== undefined ? guess : object
}

const keyOf = ({ kind, namespace = '', name }: ObjectName): string => `${kind}/${namespace}/${name}`

const known: (cluster: Cluster) => Map<Subject, readonly Refusal[]> = remembered(() => new Map())

/**
 * Why Pods of the subject cannot be created: one entry per meaning, the newest first. What was said before its newest Pod was created is
 * over, and so is a webhook that could not be called and has injected since.
 */
export function refusalsOf(cluster: Cluster, subject: Subject): readonly Refusal[] {
  const found = known(cluster).get(subject)
  if (found !== undefined) return found
  const fresh = find(cluster, subject)
  known(cluster).set(subject, fresh)
  return fresh
}

function find(cluster: Cluster, subject: Subject): readonly Refusal[] {
  const newest = timeAt(livePods(subject)[0], 'metadata', 'creationTimestamp')
  const all = byObject(cluster).get(keyOf(subject.object)) ?? []
  const told = all.filter(({ failure, sighting }) => !isOver(cluster, failure, sighting, newest))
  const refusals = told.flatMap(({ failure: { classification }, sighting }) => {
    const own = classifyMessage(sighting.message).find(({ code }) => code === classification.code)
    return own === undefined ? [] : [{ classification: own, sighting }]
  })
  const newestFirst = refusals.toSorted((a, b) => (b.sighting.lastSeen ?? 0) - (a.sighting.lastSeen ?? 0))
  return [...Map.groupBy(newestFirst, ({ classification }) => classification.code).values()].flatMap(
    ([first]) => first ?? [],
  )
}

function isOver(
  cluster: Cluster,
  failure: CreationFailure,
  { source, lastSeen }: Sighting,
  newest: number | undefined,
): boolean {
  if (source === 'probe' || source === 'condition') return false
  if (newest !== undefined && (lastSeen === undefined || lastSeen <= newest)) return true
  // A Pod of another workload says nothing about a refusal of this one, but much about the way to the webhook.
  return /^INJ(?:15|16|20)/.test(failure.classification.likelyFirst) && isOvercome(cluster, failure)
}
