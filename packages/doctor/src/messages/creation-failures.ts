import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import type { Injector } from '../mesh/injectors.ts'
import { namespaceOf, timeAt } from '../reading.ts'
import type { Probe } from '../snapshot/types.ts'
import { sidecarOf } from '../subjects/sidecar.ts'
import type { Classification } from './classification.ts'
import { classifyMessage } from './classify.ts'
import { conditionTexts, eventTexts, logTexts, probeTexts, type SaidText, type Sighting } from './said.ts'

/** One way in which creations fail: the same meaning, at the same webhook. */
export interface CreationFailure {
  /** Of the newest sighting. */
  readonly classification: Classification
  readonly newest: Sighting
  /** Newest first. */
  readonly sightings: readonly Sighting[]
  /** Of all sightings together. */
  readonly count: number
  readonly lastSeen: number | undefined
  /** It is so now: a creation was tried when the snapshot was taken. */
  readonly ongoing: boolean
}

/**
 * Why Pods could not be created, newest first: from Events, conditions of workloads, tried creations, and the log of the API
 * server. Also what was repaired since; see {@link isOvercome}.
 */
export const creationFailures: (cluster: Cluster) => readonly CreationFailure[] = remembered((cluster) => {
  const groups = new Map<string, Draft>()
  for (const said of [
    ...probeTexts(cluster),
    ...conditionTexts(cluster),
    ...eventTexts(cluster),
    ...logTexts(cluster),
  ]) {
    for (const classification of classified(cluster, said.sighting.message)) add(groups, classification, said)
  }
  return [...groups.values()].map(finished).toSorted((a, b) => timeOf(b.newest) - timeOf(a.newest))
})

const texts: (cluster: Cluster) => Map<string, readonly Classification[]> = remembered(() => new Map())

/** Events repeat a few texts thousands of times. */
function classified(cluster: Cluster, text: string): readonly Classification[] {
  const known = texts(cluster)
  const found = known.get(text) ?? classifyMessage(text)
  known.set(text, found)
  return found
}

interface Draft {
  readonly all: { readonly classification: Classification; readonly said: SaidText }[]
}

function add(groups: Map<string, Draft>, classification: Classification, said: SaidText): void {
  const { code, webhook, service, url } = classification
  const place = service === undefined ? url : `${service.namespace}/${service.name}`
  const key = JSON.stringify([code, webhook, place])
  const draft = groups.get(key) ?? { all: [] }
  draft.all.push({ classification, said })
  groups.set(key, draft)
}

function finished({ all }: Draft): CreationFailure {
  const newestFirst = all.toSorted((a, b) => timeOf(b.said.sighting) - timeOf(a.said.sighting))
  const [first] = newestFirst
  if (first === undefined) throw new RangeError('a group has members')
  const sightings = newestFirst.map(({ said }) => said.sighting)
  return {
    classification: first.classification,
    newest: first.said.sighting,
    sightings,
    count: sightings.reduce((sum, { count }) => sum + count, 0),
    lastSeen: first.said.sighting.lastSeen,
    ongoing: all.some(({ said }) => said.ongoing),
  }
}

const timeOf = ({ lastSeen }: Sighting): number => lastSeen ?? 0

/** When the last Pod was created that has its sidecar from an injector; milliseconds, undefined without one. */
export const lastInjection: (cluster: Cluster) => number | undefined = remembered((cluster) =>
  newest(cluster.all('Pod').filter((pod) => sidecarOf(pod).kind === 'injected')),
)

const lastCreations: (cluster: Cluster) => ReadonlyMap<string, number | undefined> = remembered((cluster) => {
  const namespaces = Map.groupBy(cluster.all('Pod'), namespaceOf)
  return new Map([...namespaces].map(([namespace, pods]) => [namespace, newest(pods)]))
})

function newest(pods: readonly JsonObject[]): number | undefined {
  let last: number | undefined
  for (const pod of pods) {
    const time = timeAt(pod, 'metadata', 'creationTimestamp')
    if (time !== undefined && (last === undefined || time > last)) last = time
  }
  return last
}

/**
 * It is over: after it a Pod was injected (or, for what has nothing to do with a webhook, created in the same namespace).
 * Events stay for an hour, and conditions of a ReplicaSet until it tries again, which can be a quarter of an hour.
 */
export function isOvercome(
  cluster: Cluster,
  { lastSeen, ongoing, classification, newest: last }: CreationFailure,
): boolean {
  if (ongoing) return false
  const ofWebhook = classification.webhook !== undefined || classification.service !== undefined
  const success = ofWebhook ? lastInjection(cluster) : lastCreations(cluster).get(last.object.namespace ?? '')
  if (success !== undefined && lastSeen !== undefined && success > lastSeen) return true
  return ofWebhook && cluster.probes.some(isInjectedProbe)
}

function isInjectedProbe(probe: Probe): boolean {
  return (
    probe.kind === 'pod-creation' &&
    probe.outcome.kind === 'created' &&
    sidecarOf(probe.outcome.pod).kind === 'injected'
  )
}

/**
 * What still goes wrong at an injection webhook. A message that names a service belongs to the webhooks that call it; one
 * that names only a webhook, to those of that name (revisions share names).
 */
export function failuresAt(cluster: Cluster, injector: Injector): readonly CreationFailure[] {
  return creationFailures(cluster).filter(
    (failure) => isAbout(failure.classification, injector) && !isOvercome(cluster, failure),
  )
}

function isAbout({ webhook, service, url }: Classification, injector: Injector): boolean {
  const sameName = webhook === injector.webhook
  if (service !== undefined && injector.service !== undefined) {
    return service.name === injector.service.name && service.namespace === injector.service.namespace
  }
  if (injector.url !== undefined && url !== undefined) return injector.url.startsWith(url) || url === injector.url
  return sameName && service === undefined && url === undefined
}
