import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, ObjectName, Severity } from '../../finding.ts'
import { within } from '../../fixes/edit-template.ts'
import { mergePatch, NO_STEP } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { minorFor } from '../../mesh/release.ts'
import { objectTitle } from '../../naming.ts'
import { textsAt } from '../../reading.ts'
import { type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField } from '../../subjects/wishes.ts'
import { type AnnotationFault, placedFaults, podFaults } from './annotation-faults.ts'
import { annotateTemplate } from './template-change.ts'

export const INJ308: Check = {
  id: 'INJ308',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'written',
  uses: ['Deployment', 'Namespace', 'Service', 'ConfigMap', 'MutatingWebhookConfiguration'],
  title: { en: 'An annotation of Istio has no effect, or is refused', zh: 'Istio 注解无效或被拒绝' },
  looksAt: {
    en: 'Annotations of Istio on Pod templates, on the workloads themselves, on namespaces and on services: unknown keys (with the nearest known one), keys that mean something on another kind only, deprecated keys, and values that the injector refuses or passes over. Keys that a template of the control plane speaks of are known.',
    zh: 'Pod 模板、工作负载本身、命名空间和 Service 上的 Istio 注解：未知的键（给出最接近的已知键）、只在其他类型上有意义的键、已弃用的键，以及注入器会拒绝或忽略的值。控制平面模板中提到的键视为已知。',
  },
  why: {
    en: 'Nobody refuses an annotation that nobody reads: the setting is silently not there. A value that the injector refuses stops the Pod from being created.',
    zh: '没有人读取的注解不会被拒绝：设置悄然失效。而被注入器拒绝的值会导致 Pod 无法创建。',
  },
  remedy: {
    en: 'Correct the key or the value, or move the annotation to the Pod template.',
    zh: '修正键或值，或把注解移到 Pod 模板。',
  },
  references: [
    'IST0107',
    'IST0108',
    'IST0125',
    'IST0135',
    'istio/istio#38415',
    'istio/istio#20307',
    'istio/istio#45810',
  ],
  run: (cluster) => [
    ...subjects(cluster).flatMap((subject) => ofSubject(cluster, subject)),
    ...(['Namespace', 'Service'] as const).flatMap((kind) =>
      cluster.all(kind).flatMap((object) => ofObject(cluster, kind, object)),
    ),
  ],
}

interface Placed {
  readonly fault: AnnotationFault
  readonly evidence: Evidence
  /** On the workload instead of its Pod template. */
  readonly onOwner: boolean
}

function ofSubject(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const placed = [...inTemplate(cluster, subject), ...onOwner(cluster, subject)]
  if (placed.length === 0) return []
  const injected = verdictOf(cluster, subject).expected !== 'not-injected'
  return [finding(subject.object, titleOf(subject), placed, subjectFix(subject, placed), injected)]
}

function inTemplate(cluster: Cluster, subject: Subject): readonly Placed[] {
  const annotations = textsAt(subject.template, 'metadata', 'annotations')
  if (!Object.keys(annotations).some((key) => key.includes('istio.io/'))) return []
  return podFaults(cluster, annotations, minorFor(cluster, verdictOf(cluster, subject))).map((fault) => ({
    fault,
    evidence: { path: templateField(subject, `metadata.annotations["${fault.key}"]`), value: fault.value },
    onOwner: false,
  }))
}

/** What stands on the workload and would mean something on its Pods. The same key on both is harmless. */
function onOwner(cluster: Cluster, { owner, object, template, templatePath }: Subject): readonly Placed[] {
  if (owner === undefined || templatePath.length === 0) return []
  const below = textsAt(template, 'metadata', 'annotations')
  return placedFaults(cluster, object.kind, textsAt(owner, 'metadata', 'annotations'))
    .filter(({ key }) => !Object.hasOwn(below, key))
    .map((fault) => ({
      fault,
      evidence: { path: `metadata.annotations["${fault.key}"]`, value: fault.value },
      onOwner: true,
    }))
}

function ofObject(cluster: Cluster, kind: 'Namespace' | 'Service', object: JsonObject): readonly CheckOutcome[] {
  const placed = placedFaults(cluster, kind, textsAt(object, 'metadata', 'annotations')).map((fault) => ({
    fault,
    evidence: { path: `metadata.annotations["${fault.key}"]`, value: fault.value },
    onOwner: true,
  }))
  if (placed.length === 0) return []
  const name = objectName(object)
  return [finding(name, objectTitle(name), placed, removal(name, placed), false)]
}

function finding(
  object: ObjectName,
  title: string,
  placed: readonly Placed[],
  fix: Fix,
  injected: boolean,
): CheckOutcome {
  const texts = placed.map(({ fault, onOwner: above }) => sentence(fault, above))
  return {
    outcome: 'found',
    object,
    severity: severityOf(placed, injected),
    message: {
      en: `${title}: ${texts.map(({ en }) => en).join('; ')}`,
      zh: `${title}：${texts.map(({ zh }) => zh).join('；')}`,
    },
    evidence: placed.map(({ evidence }) => evidence),
    confidence: 'certain',
    fix,
  }
}

function severityOf(placed: readonly Placed[], injected: boolean): Severity {
  if (injected && placed.some(({ fault }) => fault.kind === 'invalid' && fault.refused)) return 'error'
  return placed.every(({ fault }) => fault.kind === 'deprecated') ? 'info' : 'warn'
}

function sentence(fault: AnnotationFault, above: boolean): Text {
  const { key } = fault
  switch (fault.kind) {
    case 'unknown':
      return fault.suggestion === undefined
        ? { en: `annotation ${key} is unknown`, zh: `注解 ${key} 未知` }
        : {
            en: `annotation ${key} is unknown: did you mean ${fault.suggestion}?`,
            zh: `注解 ${key} 未知：是否为 ${fault.suggestion}？`,
          }
    case 'misplaced': {
      const on = fault.on.join(', ')
      return {
        en: `annotation ${key} means nothing here, only on ${on}${above && on === 'Pod' ? ' (in the Pod template)' : ''}`,
        zh: `注解 ${key} 在此处无效，只对 ${on} 有效${above && on === 'Pod' ? '（应位于 Pod 模板中）' : ''}`,
      }
    }
    case 'deprecated':
      return {
        en: `annotation ${key} is deprecated: use ${fault.replacedBy}`,
        zh: `注解 ${key} 已弃用：请使用 ${fault.replacedBy}`,
      }
    case 'invalid':
      return fault.refused
        ? {
            en: `the injector refuses ${key}: "${short(fault.value)}": ${fault.problem.en}`,
            zh: `注入器拒绝 ${key}: "${short(fault.value)}"：${fault.problem.zh}`,
          }
        : {
            en: `${key}: "${short(fault.value)}" is not understood: ${fault.problem.en}`,
            zh: `无法识别 ${key}: "${short(fault.value)}"：${fault.problem.zh}`,
          }
  }
}

const short = (value: string): string => (value.length <= 80 ? value : `${value.slice(0, 77)}…`)

/** Corrected keys in the template; keys of Pods move there from the workload. */
function subjectFix(subject: Subject, placed: readonly Placed[]): Fix {
  const wrong = placed.filter(({ onOwner: above }) => !above).map(({ fault }) => fault)
  const above = placed.filter((one) => one.onOwner).map(({ fault }) => fault)
  const edits = Object.fromEntries([...wrong.flatMap(corrected), ...above.flatMap(moved)])
  const text = {
    en: 'Correct the annotations of the Pod template',
    zh: '修正 Pod 模板的注解',
  }
  if (above.length === 0)
    return Object.keys(edits).length === 0 ? byHand(wrong) : annotateTemplate(subject, text, edits)
  return {
    text: { en: 'Move the annotations to the Pod template', zh: '将注解移到 Pod 模板' },
    ...mergePatch(subject.object, {
      ...mergeDeep(
        { metadata: { annotations: Object.fromEntries(above.map(({ key }) => [key, null])) } },
        within([...subject.templatePath, 'metadata', 'annotations'], edits),
      ),
    }),
  }
}

/** The two trees have no path in common but their maps. */
function mergeDeep(metadata: JsonObject, template: JsonObject): JsonObject {
  return { ...metadata, ...template }
}

function corrected(fault: AnnotationFault): readonly (readonly [string, string | null])[] {
  if (fault.kind === 'unknown' && fault.suggestion !== undefined) {
    return [
      [fault.key, null],
      [fault.suggestion, fault.value],
    ]
  }
  return fault.kind === 'misplaced' || fault.kind === 'unknown' ? [[fault.key, null]] : []
}

function moved(fault: AnnotationFault): readonly (readonly [string, string | null])[] {
  if (fault.kind === 'misplaced') return fault.on.includes('Pod') ? [[fault.key, fault.value]] : []
  return fault.kind === 'unknown' && fault.suggestion !== undefined ? [[fault.suggestion, fault.value]] : []
}

function byHand(faults: readonly AnnotationFault[]): Fix {
  const keys = faults.map(({ key }) => key).join(', ')
  const deprecated = faults.every(({ kind }) => kind === 'deprecated')
  return {
    ...NO_STEP,
    text: deprecated
      ? { en: `Replace ${keys} when it suits; it still works`, zh: `请在方便时替换 ${keys}；目前仍然有效` }
      : { en: `Correct the value of ${keys}, or take it away`, zh: `修正 ${keys} 的值，或将其删除` },
  }
}

function removal(object: ObjectName, placed: readonly Placed[]): Fix {
  return {
    text: {
      en: 'Take the annotations away here, and set them in the Pod templates of the workloads that they are meant for',
      zh: '在此处删除这些注解，并设置到目标工作负载的 Pod 模板中',
    },
    ...mergePatch(object, {
      metadata: { annotations: Object.fromEntries(placed.map(({ fault }) => [fault.key, null])) },
    }),
  }
}
