import { isObject, type JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { annotationOf, textAt } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { templateField } from '../../subjects/wishes.ts'
import { RESOURCE_FIELDS, type ResourceField } from './resources/annotations.ts'

const NAMES = RESOURCE_FIELDS.map(({ annotation }) => annotation)

export const INJ331: Check = {
  id: 'INJ331',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod', 'ConfigMap', 'MutatingWebhookConfiguration'],
  templates: 'rendered',
  uses: ['Deployment', 'Namespace'],
  title: { en: 'One resource annotation removed the other defaults', zh: '一个资源注解使其余默认值失效' },
  looksAt: {
    en: `Workloads with some but not all of ${NAMES.join(', ')}: what the injector's own template makes of the Pod with them and without them.`,
    zh: `设置了 ${NAMES.join('、')} 中的一部分（而非全部）的工作负载：用注入器自身的模板分别渲染带与不带这些注解的 Pod 并比较。`,
  },
  why: {
    en: "Istio's template takes either its defaults or the annotations. Who raises only the CPU request loses the memory limit as well, and the autoscaler, the quota or the scheduler sees another sidecar than before.",
    zh: 'Istio 的模板要么使用默认值，要么使用注解。只调高 CPU request 的人会同时失去内存限制，自动伸缩、配额与调度器看到的 sidecar 也随之改变。',
  },
  remedy: {
    en: 'Set all four annotations.',
    zh: '四个注解一起设置。',
  },
  references: ['istio/istio#21240', 'istio/istio#35905'],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

interface Effective extends ResourceField {
  readonly annotated: string | undefined
  /** What the sidecar gets. `usual` is what it would get without any of the annotations. */
  readonly value: string
}

function judge(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const set = NAMES.filter((name) => annotationOf(subject.template, name) !== undefined)
  if (set.length === 0 || set.length === NAMES.length) return []
  const now = resourcesOf(cluster, subject)
  const usual = now && resourcesOf(cluster, plain(cluster, subject))
  if (now === undefined || usual === undefined) return []
  const table = RESOURCE_FIELDS.map((field) => ({
    ...field,
    annotated: annotationOf(subject.template, field.annotation),
    value: textAt(now, field.kind, field.resource),
    usual: textAt(usual, field.kind, field.resource),
  }))
  const lost = table.filter(
    ({ annotated, value, usual: before }) => annotated === undefined && value === '' && before !== '',
  )
  return lost.length === 0 ? [] : [finding(subject, table, lost)]
}

function resourcesOf(cluster: Cluster, subject: Subject): JsonObject | undefined {
  const result = renderedOf(cluster, subject)
  if (result?.outcome !== 'injected') return undefined
  const container = sidecarOf(result.pod).container
  if (container === undefined) return undefined
  return isObject(container.resources) ? container.resources : {}
}

const plainSubjects: (cluster: Cluster) => Map<Subject, Subject> = remembered(() => new Map())

/** The same subject without the annotations. */
function plain(cluster: Cluster, subject: Subject): Subject {
  const known = plainSubjects(cluster).get(subject)
  if (known !== undefined) return known
  const metadata = isObject(subject.template.metadata) ? subject.template.metadata : {}
  const annotations = Object.fromEntries(
    Object.entries(isObject(metadata.annotations) ? metadata.annotations : {}).filter(([key]) => !NAMES.includes(key)),
  )
  const made: Subject = { ...subject, template: { ...subject.template, metadata: { ...metadata, annotations } } }
  plainSubjects(cluster).set(subject, made)
  return made
}

function finding(subject: Subject, table: readonly Effective[], lost: readonly Effective[]): Found {
  const names = (fields: readonly Effective[]): string =>
    fields.map(({ kind, resource, usual }) => `${kind}.${resource} (${usual})`).join(', ')
  const written = table.flatMap(({ annotation, annotated }) => (annotated === undefined ? [] : [annotation])).join(', ')
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `The sidecar of ${titleOf(subject)} has no ${names(lost)}: ${written} takes the place of all defaults of the template`,
      zh: `${titleOf(subject)} 的 sidecar 没有 ${names(lost)}：${written} 取代了模板的全部默认值`,
    },
    evidence: table.flatMap((one) => evidenceOf(subject, one)),
    confidence: 'certain',
    fix: {
      text: {
        en: 'Set all four annotations; the missing ones with the values that the template gives by default',
        zh: '四个注解一起设置；缺少的使用模板的默认值',
      },
      ...editTemplate(subject, {
        annotations: Object.fromEntries(lost.map(({ annotation, usual }) => [annotation, usual])),
      }),
    },
  }
}

/** One line per value, with the place that it comes from. */
function evidenceOf(
  subject: Subject,
  { annotation, kind, resource, annotated, value, usual }: Effective,
): readonly Evidence[] {
  const path = `spec.containers[name=istio-proxy].resources.${kind}.${resource}`
  if (annotated !== undefined) {
    const own = templateField(subject, `metadata.annotations["${annotation}"]`)
    return [
      { path: own, value: annotated, label: { en: `source of ${kind}.${resource}`, zh: `${kind}.${resource} 的来源` } },
    ]
  }
  if (value === '' && usual === '') return []
  return [
    { path, ...(value === '' ? {} : { value }), label: { en: 'after injection', zh: '注入之后' } },
    { path, ...(usual === '' ? {} : { value: usual }), label: { en: 'without the annotations', zh: '不带这些注解时' } },
  ]
}
