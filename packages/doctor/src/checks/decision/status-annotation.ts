import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { annotationOf, textAt } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { STATUS_ANNOTATION, sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { templateFix } from './template-fix.ts'

export const INJ136: Check = {
  id: 'INJ136',
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
    'MutatingWebhookConfiguration',
    'ConfigMap',
    'Namespace',
  ],
  title: { en: 'A leftover status annotation in the Pod template', zh: 'Pod 模板中残留 status 注解' },
  looksAt: {
    en: `The annotation ${STATUS_ANNOTATION} in Pod templates: whether the injector can read it, and whether what it lists is there.`,
    zh: `Pod 模板中的注解 ${STATUS_ANNOTATION}：注入器能否读取，以及它列出的内容是否存在。`,
  },
  why: {
    en: 'The injector writes it, and reads it to find what an earlier injection added. A copy from a running Pod makes it take out volumes and containers of the same names; one that it cannot read makes it refuse the Pod (Istio crashes on some).',
    zh: '该注解由注入器写入，并据此找出先前注入的内容。从运行中的 Pod 复制来的注解会使它移除同名的 volume 和容器；无法解析时它会拒绝该 Pod（Istio 在某些值上会崩溃）。',
  },
  remedy: { en: 'Delete the annotation from the template.', zh: '从模板中删除该注解。' },
  references: ['istio/istio#36469'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const value = annotationOf(subject.template, STATUS_ANNOTATION)
  if (value === undefined || subject.owner === undefined || subject.templatePath.length === 0) return []
  const malformed = malformedReason(cluster, subject)
  if (malformed !== undefined) {
    return [
      {
        ...found(subject, value),
        severity: 'error',
        message: {
          en: `${titleOf(subject)} cannot be injected: ${malformed}`,
          zh: `${titleOf(subject)} 无法注入：${malformed}`,
        },
      },
    ]
  }
  const { container, status } = sidecarOf(subject.template)
  // With the container it was injected by hand, which INJ125 tells.
  if (container !== undefined) return []
  const old = textAt(status, 'version') !== ''
  return [
    {
      ...found(subject, value),
      message: {
        en: `The Pod template of ${titleOf(subject)} says that it was injected${old ? ' by a release of Istio before 1.9' : ''}, and has no sidecar: the annotation was copied from a running Pod`,
        zh: `${titleOf(subject)} 的 Pod 模板声称已被${old ? ' Istio 1.9 之前的版本' : ''}注入，却没有 sidecar：该注解是从运行中的 Pod 复制来的`,
      },
    },
  ]
}

/** In the engine's words; only where somebody reads the annotation. */
function malformedReason(cluster: Cluster, subject: Subject): string | undefined {
  if (verdictOf(cluster, subject).expected !== 'injected') return undefined
  const result = renderedOf(cluster, subject)
  return result?.outcome === 'failed' && result.error.code === 'InvalidStatus' ? result.error.message : undefined
}

function found(subject: Subject, value: string): Omit<Found, 'message'> {
  return {
    outcome: 'found',
    object: subject.object,
    evidence: [templateEvidence(subject, `metadata.annotations["${STATUS_ANNOTATION}"]`, value)],
    confidence: 'certain',
    fix: templateFix(
      subject,
      {
        en: `Delete the annotation ${STATUS_ANNOTATION} from the Pod template`,
        zh: `从 Pod 模板中删除注解 ${STATUS_ANNOTATION}`,
      },
      editTemplate(subject, { annotations: { [STATUS_ANNOTATION]: null } }),
    ),
  }
}
