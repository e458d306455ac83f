import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { annotationOf } from '../../reading.ts'
import { type Refusal, refusalsOf } from '../../subjects/refusals.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { PROXY_CONTAINER } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { type FieldSource, sourceOfField } from './field-source.ts'

export const INJ134: Check = {
  id: 'INJ134',
  severity: 'error',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Event', 'Pod', 'ReplicaSet', 'MutatingWebhookConfiguration', 'ConfigMap', 'Namespace'],
  title: { en: 'The injected Pod is not valid', zh: '注入后的 Pod 未通过校验' },
  looksAt: {
    en: 'Messages "is invalid" for Pods that could not be created (Events, conditions, tried Pods). The field of the message is looked up in the Pod that injection makes: which line of which template, or which operation of the patch, wrote it.',
    zh: '无法创建的 Pod 的 "is invalid" 消息（Event、condition、试建的 Pod）。消息中的字段会在注入得到的 Pod 中定位：由哪个模板的哪一行、patch 的哪个操作写入。',
  },
  why: {
    en: 'The API server validates the Pod after the webhooks. What it refuses is never created, whatever failurePolicy says.',
    zh: 'API server 在 webhook 之后校验 Pod。未通过校验的 Pod 不会被创建，与 failurePolicy 无关。',
  },
  remedy: {
    en: 'Change the annotation, the template or the value that wrote the field.',
    zh: '修改写入该字段的注解、模板或配置值。',
  },
  run: (cluster) => {
    let lookups = 0
    return forSubjects(cluster, (subject) =>
      outcomes(cluster, subject, () => {
        lookups++
        return lookups <= MOST_LOOKUPS
      }),
    )
  },
}

/** To say which line wrote a field, the Pod is injected and traced; when hundreds fail the first ones tell it. */
const MOST_LOOKUPS = 200

function outcomes(cluster: Cluster, subject: Subject, mayLookUp: () => boolean): readonly CheckOutcome[] {
  return refusalsOf(cluster, subject)
    .filter(({ classification: { code, details } }) =>
      // INJ126 tells of the proxy that is there twice.
      code === 'duplicate-proxy' ? details.value !== PROXY_CONTAINER : code === 'pod-invalid',
    )
    .map((refusal) => outcome(cluster, subject, refusal, mayLookUp()))
}

function outcome(
  cluster: Cluster,
  subject: Subject,
  { classification, sighting }: Refusal,
  looksUp: boolean,
): CheckOutcome {
  const { field, problem, value } = classification.details
  const { revision, expected } = verdictOf(cluster, subject)
  const result = looksUp && expected === 'injected' ? renderedOf(cluster, subject) : undefined
  const source = result === undefined || field === undefined ? undefined : sourceOfField(result, field)
  const what = problem ?? (value === undefined ? classification.message : `Duplicate value: "${value}"`)
  const told = `${field === undefined ? '' : `${field}: `}${what}`
  // Rendered, and not touched by the injection: the Pod would be refused without a sidecar, too.
  const own = source?.kind === 'own'
  return {
    outcome: 'found',
    object: subject.object,
    ...(revision === undefined ? {} : { revision: revision.name }),
    message: messageOf(subject, told, source),
    evidence: [sighting.evidence, ...sourceEvidence(subject, source)],
    confidence: source === undefined ? 'likely' : 'certain',
    ...(own ? { severity: 'info' as const } : {}),
    fix: { ...NO_STEP, text: fixText(subject, field, source) },
  }
}

function messageOf(subject: Subject, told: string, source: FieldSource | undefined): Text {
  const title = titleOf(subject)
  if (source === undefined) {
    return { en: `The API server refuses Pods of ${title}: ${told}`, zh: `API server 拒绝 ${title} 的 Pod：${told}` }
  }
  if (source.kind === 'own') {
    return {
      en: `The API server refuses Pods of ${title}: ${told}. Injection did not write this field`,
      zh: `API server 拒绝 ${title} 的 Pod：${told}。该字段不是注入写入的`,
    }
  }
  return {
    en: `The API server refuses Pods of ${title} after injection: ${told}, written by ${source.writer.en}`,
    zh: `API server 拒绝注入后的 ${title} 的 Pod：${told}，由${source.writer.zh}写入`,
  }
}

function sourceEvidence(subject: Subject, source: FieldSource | undefined): readonly Evidence[] {
  if (source === undefined) return []
  if (source.kind === 'own') return [templateEvidence(subject, source.path, source.value)]
  const label = { en: 'in the injected Pod', zh: '注入后的 Pod 中' }
  return [
    { path: source.path, ...(source.value === undefined ? {} : { value: source.value }), label },
    ...(source.line === undefined ? [] : [source.line]),
    ...annotationsIn(subject, source).map(({ key, value }) =>
      templateEvidence(subject, `metadata.annotations["${key}"]`, value),
    ),
    ...(source.operation === undefined
      ? []
      : [{ path: 'patch of the injector', value: { op: source.operation.op, path: source.operation.path } }]),
  ]
}

/** Annotations of the Pod that the line of the template reads. */
function annotationsIn(
  subject: Subject,
  source: FieldSource,
): readonly { readonly key: string; readonly value: string }[] {
  const line = source.kind === 'written' ? source.line?.value : undefined
  if (typeof line !== 'string') return []
  return [...line.matchAll(/["`]([a-z.-]+\/[A-Za-z.-]+)["`]/g)].flatMap(([, key = '']) => {
    const value = annotationOf(subject.template, key)
    return value === undefined ? [] : [{ key, value }]
  })
}

function fixText(subject: Subject, field: string | undefined, source: FieldSource | undefined): Text {
  const [annotation] = source === undefined ? [] : annotationsIn(subject, source)
  if (annotation !== undefined) {
    const { key, value } = annotation
    return {
      en: `Correct the annotation ${key} of ${subject.object.kind} ${subject.name} (now "${value}")`,
      zh: `修正 ${subject.object.kind} ${subject.name} 的注解 ${key}（当前为 "${value}"）`,
    }
  }
  if (source?.kind === 'written') {
    return {
      en: `Change what writes ${source.path}: ${source.writer.en}`,
      zh: `修改写入 ${source.path} 的来源：${source.writer.zh}`,
    }
  }
  return {
    en: `Correct ${field ?? 'the field'} in the Pod template of ${subject.object.kind} ${subject.name}`,
    zh: `修正 ${subject.object.kind} ${subject.name} 的 Pod 模板中的 ${field ?? '该字段'}`,
  }
}
