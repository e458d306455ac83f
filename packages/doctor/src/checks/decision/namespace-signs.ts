import { nearest } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { labelOf, nameOf, textsAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField, wishesOf } from '../../subjects/wishes.ts'
import { activeSubjectsIn } from './active-subjects.ts'
import { DATAPLANE_MODE, INJECT, INJECTION, meantBy, REVISION } from './keys.ts'
import type { LabelEdits } from './namespace-fix.ts'

/** Something by which one sees that sidecars are wanted in a namespace that gets none. */
export interface Sign {
  readonly kind: 'value' | 'key' | 'annotation' | 'pod-label' | 'lost'
  readonly evidence: Evidence
  /** What goes when the right label comes. */
  readonly cleared: LabelEdits
  /** The label that is meant, where that can be told; else any will do that a webhook takes. */
  readonly meant?: LabelEdits
}

/** Keys that people write instead, in lower case, beside those that are only mistyped. */
const INSTEAD: ReadonlySet<string> = new Set([
  INJECT,
  'istio.io/inject',
  'istio.io/injection',
  'istio.io/istio-injection',
  'istio/injection',
  'istio-inject',
  'istio-sidecar-inject',
  'istio-sidecar-injection',
  'istio-sidecar-injector',
  'sidecar-injection',
  'sidecar-injector',
  'sidecar.istio.io/injection',
])
const INSTEAD_OF_REVISION: ReadonlySet<string> = new Set([
  'istio-rev',
  'istio-revision',
  'istio.io/ref',
  'istio.io/revision',
  'istio.io/revs',
  'istio.rev',
  'istio/rev',
  'istio/revision',
])

/** All signs, the clearest first; of Pods no more than a few. */
export function signsIn(cluster: Cluster, namespace: JsonObject): readonly Sign[] {
  const own = [...ofValue(namespace), ...ofKeys(namespace), ...ofAnnotations(namespace)]
  const inside = activeSubjectsIn(cluster, nameOf(namespace))
  const isAmbient = labelOf(namespace, DATAPLANE_MODE) === 'ambient'
  return [
    ...own,
    ...inside.flatMap((subject) => ofPod(cluster, subject)),
    ...(isAmbient ? [] : inside.flatMap((subject) => ofLostSidecar(cluster, subject))),
  ]
}

/** `istio-injection: Enabled`. One that means no is as good as "disabled". */
function ofValue(namespace: JsonObject): Sign[] {
  const value = labelOf(namespace, INJECTION)
  if (value === undefined || value === 'enabled' || meantBy(value) === false) return []
  return [{ kind: 'value', evidence: { path: `metadata.labels["${INJECTION}"]`, value }, cleared: {} }]
}

function ofKeys(namespace: JsonObject): Sign[] {
  return Object.entries(textsAt(namespace, 'metadata', 'labels')).flatMap(([key, value]): Sign[] => {
    const kind = mistakenFor(key)
    if (kind === undefined || meantBy(value) === false) return []
    const evidence = { path: `metadata.labels["${key}"]`, value }
    return [{ kind: 'key', evidence, cleared: { [key]: null }, ...meantRevision(kind, value) }]
  })
}

function meantRevision(kind: typeof INJECTION | typeof REVISION, value: string): Pick<Sign, 'meant'> {
  return kind === REVISION && value !== '' ? { meant: { [REVISION]: value } } : {}
}

function mistakenFor(key: string): typeof INJECTION | typeof REVISION | undefined {
  if (key === INJECTION || key === REVISION || key === DATAPLANE_MODE) return undefined
  const plain = key.toLowerCase().replaceAll('_', '-')
  if (INSTEAD_OF_REVISION.has(plain)) return REVISION
  return INSTEAD.has(plain) || nearest(key, [INJECTION]) !== undefined ? INJECTION : undefined
}

/** Annotations of a namespace choose no webhook. */
function ofAnnotations(namespace: JsonObject): Sign[] {
  return Object.entries(textsAt(namespace, 'metadata', 'annotations')).flatMap(([key, value]): Sign[] => {
    const kind = key === INJECTION || key === REVISION ? key : mistakenFor(key)
    if (kind === undefined || meantBy(value) === false) return []
    const evidence = { path: `metadata.annotations["${key}"]`, value }
    return [{ kind: 'annotation', evidence, cleared: {}, ...meantRevision(kind, value) }]
  })
}

/** The Pod asks by label, and no webhook of this cluster hears it outside of labelled namespaces. */
function ofPod(cluster: Cluster, subject: Subject): Sign[] {
  const asks = wishesOf(cluster, subject).some(({ by, wants }) => by === 'pod-label' && wants)
  if (!asks || verdictOf(cluster, subject).webhooks.outcome !== 'none') return []
  const path = templateField(subject, `metadata.labels["${INJECT}"]`)
  return [{ kind: 'pod-label', evidence: { object: subject.object, path, value: 'true' }, cleared: {} }]
}

/** A Pod has a sidecar that the next one would not get: the namespace had the label once. */
function ofLostSidecar(cluster: Cluster, subject: Subject): Sign[] {
  const pod = livePods(subject).find((one) => sidecarOf(one).kind === 'injected')
  if (pod === undefined || wishesOf(cluster, subject).some(({ by }) => by.startsWith('pod-'))) return []
  if (verdictOf(cluster, subject).webhooks.outcome !== 'none') return []
  const names = textsAt(pod, 'metadata', 'annotations')
  const path = 'metadata.annotations["sidecar.istio.io/status"]'
  const value = names['sidecar.istio.io/status'] ?? ''
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: subject.namespace, name: nameOf(pod) }
  return [{ kind: 'lost', evidence: { object, path, value }, cleared: {} }]
}
