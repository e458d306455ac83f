import { describe, expect, it } from 'vitest'
import { fixturesOf, HEALTHY, loadFixture } from '../../testing/fixture.ts'
import type { Check } from '../check.ts'
import { type Cluster, clusterOf } from '../cluster/cluster.ts'
import { KINDS, type Kind } from '../snapshot/kinds.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { CHECKS } from './catalogue.ts'

const WORKLOADS: readonly Kind[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Rollout',
  'KnativeService',
  'ReplicaSet',
  'Job',
  'ReplicationController',
]

/** What naming a kind stands for: see `uses` in check.ts. */
const STANDS_FOR: { readonly [K in Kind]?: readonly Kind[] } = {
  Deployment: WORKLOADS,
  // The configuration of a control plane is loaded with the Nodes, and with the variables of the Pods behind its Service.
  ConfigMap: [...WORKLOADS, 'Pod', 'Service', 'Node', 'ProxyConfig'],
  // What was said about Pods that could not be created stands in conditions of workloads too, and a Pod that could ends it.
  Event: [...WORKLOADS, 'Pod'],
}

/** A cluster that writes down the kinds that it is asked for. */
function listening(snapshot: Snapshot, asked: Set<Kind>): Cluster {
  const cluster = clusterOf(snapshot)
  const noting =
    <A extends readonly unknown[], R>(ask: (kind: Kind, ...rest: A) => R) =>
    (kind: Kind, ...rest: A): R => {
      asked.add(kind)
      return ask(kind, ...rest)
    }
  return {
    ...cluster,
    all: noting(cluster.all),
    inNamespace: noting(cluster.inNamespace),
    find: noting(cluster.find),
    ownedBy: noting(cluster.ownedBy),
  }
}

/** Then what the injector would make of the templates is looked at. */
function withoutPods(snapshot: Snapshot): Snapshot {
  const { apiVersion, kind } = KINDS.Pod
  return {
    ...snapshot,
    source: { kind: 'files', paths: [] },
    objects: snapshot.objects.filter((object) => object.kind !== 'Pod'),
    unread: [{ apiVersion, kind, reason: 'not-given', message: '' }],
  }
}

function askedBy({ id, run }: Check): ReadonlySet<Kind> {
  const asked = new Set<Kind>()
  const given = [HEALTHY, ...fixturesOf(id).map(({ file }) => file)].map(loadFixture)
  for (const snapshot of [...given, ...given.map(withoutPods)]) run(listening(snapshot, asked))
  return asked
}

// In all fixtures of the check, shared derivations included.
describe.each(CHECKS.map((check) => [check.id, check] as const))('%s', (_, check) => {
  const declared = new Set([...check.needs, ...(check.uses ?? [])])
  const meant = new Set([...declared, ...[...declared].flatMap((kind) => STANDS_FOR[kind] ?? [])])

  it('reads no kinds but those that it needs and uses, and each of them', () => {
    const asked = askedBy(check)
    expect([...asked].filter((kind) => !meant.has(kind))).toEqual([])
    expect([...declared].filter((kind) => !asked.has(kind))).toEqual([])
  })
})
