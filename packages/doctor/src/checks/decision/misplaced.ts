import type { Json, JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, controllerOf } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { within } from '../../fixes/edit-template.ts'
import { mergePatch } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { at } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT, INJECTION, meantBy } from './keys.ts'
import { templateFix } from './template-fix.ts'

export const INJ113: Check = {
  id: 'INJ113',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'Rollout',
    'KnativeService',
    'Namespace',
    'MutatingWebhookConfiguration',
    'ConfigMap',
  ],
  title: { en: 'The inject label is not on the Pod template', zh: '注入标签没有写在 Pod 模板上' },
  looksAt: {
    en: 'Labels and annotations sidecar.istio.io/inject in the metadata of Deployments, StatefulSets, DaemonSets, Jobs, CronJobs (and their job template), Rollouts and Knative Services, and istio-injection on any of them, where the Pod template does not say the same.',
    zh: 'Deployment、StatefulSet、DaemonSet、Job、CronJob（及其 jobTemplate）、Rollout 和 Knative Service 自身 metadata 中的标签和注解 sidecar.istio.io/inject，以及写在这些对象上的 istio-injection，而 Pod 模板没有同样的声明。',
  },
  why: {
    en: 'Webhooks see the Pod, not the object that made it. A label of the workload is not handed down to its Pods, so it does nothing.',
    zh: 'webhook 看到的是 Pod，而不是创建它的对象。工作负载自身的标签不会传递给 Pod，因此没有任何作用。',
  },
  remedy: {
    en: 'Move it to metadata.labels of the Pod template: spec.template, in a CronJob spec.jobTemplate.spec.template.',
    zh: '移到 Pod 模板的 metadata.labels：spec.template；CronJob 为 spec.jobTemplate.spec.template。',
  },
  references: ['istio/istio#32853', 'istio/istio#33116', 'istio/istio#11854'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

/** A wish at a place where nobody looks. */
interface Misplaced {
  /** From the object of the subject to the map: `['metadata', 'labels']`. */
  readonly map: readonly string[]
  readonly key: string
  readonly value: string
  readonly wants: boolean
}

const MAPS = ['labels', 'annotations'] as const

function misplacedIn({ owner, templatePath }: Subject): readonly Misplaced[] {
  if (owner === undefined || templatePath.length === 0) return []
  // An operator would undo the change: INJ135 says where its own object has the labels.
  if (controllerOf(owner) !== undefined) return []
  const places: (readonly string[])[] = [[], ...(templatePath.includes('jobTemplate') ? [['spec', 'jobTemplate']] : [])]
  const outside = places.flatMap((place) =>
    MAPS.flatMap((map) => [INJECT, INJECTION].flatMap((key) => wishAt(owner, [...place, 'metadata', map], key))),
  )
  // The namespace's label means nothing on a Pod either.
  return [...outside, ...MAPS.flatMap((map) => wishAt(owner, [...templatePath, 'metadata', map], INJECTION))]
}

function wishAt(owner: JsonObject, map: readonly string[], key: string): Misplaced[] {
  const value: Json | undefined = at(owner, ...map, key)
  if (typeof value !== 'string') return []
  const wants = meantBy(value)
  return wants === undefined ? [] : [{ map, key, value, wants }]
}

function outcome(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const all = misplacedIn(subject)
  const [first] = all
  if (first === undefined) return []
  const said =
    at(subject.template, 'metadata', 'labels', INJECT) ?? at(subject.template, 'metadata', 'annotations', INJECT)
  // Many write it in both places; the one on the Pod is what counts, also where it says the opposite.
  if (said !== undefined) return []
  const { expected } = verdictOf(cluster, subject)
  const comesTrue = expected === (first.wants ? 'injected' : 'not-injected')
  const right = templateField(subject, `metadata.labels["${INJECT}"]`)
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: message(subject, first, right),
      evidence: [...all.map((one) => ({ path: pathOf(one), value: one.value })), { path: right }],
      confidence: 'certain',
      ...(comesTrue ? { routine: true, severity: 'info' } : { fix: fix(subject, all, first, right) }),
    },
  ]
}

function message(subject: Subject, misplaced: Misplaced, right: string): Text {
  const written = `${pathOf(misplaced)}: ${JSON.stringify(misplaced.value)}`
  const why =
    misplaced.key === INJECTION
      ? { en: 'which means something on a namespace only', zh: '该标签只对命名空间有意义' }
      : { en: 'which its Pods never see', zh: '其 Pod 看不到' }
  return {
    en: `${titleOf(subject)} has ${written}, ${why.en}; the wish belongs at ${right}`,
    zh: `${titleOf(subject)} 设置了 ${written}，${why.zh}；应写在 ${right}`,
  }
}

const pathOf = ({ map, key }: Misplaced): string => `${map.join('.')}["${key}"]`

function fix(subject: Subject, all: readonly Misplaced[], { wants }: Misplaced, right: string): Fix {
  const label = within([...subject.templatePath, 'metadata', 'labels'], { [INJECT]: String(wants) })
  const body = all.reduce((merged, { map, key }) => mergeMaps(merged, within(map, { [key]: null })), label)
  const text = {
    en: `Set ${right} to "${wants}" and remove ${all.map(pathOf).join(', ')}`,
    zh: `将 ${right} 设为 "${wants}"，并删除 ${all.map(pathOf).join('、')}`,
  }
  return templateFix(subject, text, mergePatch(subject.object, body))
}

/** Both maps in one; they have no value in common. */
function mergeMaps(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const below = Object.hasOwn(left, key) ? left[key] : undefined
    const both = typeof below === 'object' && below !== null && typeof value === 'object' && value !== null
    merged[key] = both ? mergeMaps(below as JsonObject, value as JsonObject) : value
  }
  return merged
}
