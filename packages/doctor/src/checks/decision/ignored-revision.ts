import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { injectorTitle } from '../../mesh/injectors.ts'
import { labelOf } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { namespaceName, templateField } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECTION, REVISION } from './keys.ts'
import { labelFix } from './template-fix.ts'

export const INJ109: Check = {
  id: 'INJ109',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'The revision that the Pod asks for is not followed', zh: 'Pod 指定的 revision 不生效' },
  looksAt: {
    en: 'The label istio.io/rev of Pods and Pod templates, where a label of the namespace leads to another control plane.',
    zh: 'Pod 和 Pod 模板的 istio.io/rev 标签，而命名空间的标签指向另一个控制平面。',
  },
  why: {
    en: 'In Istio the label of the namespace wins. The Pod runs with a proxy of another revision than it says, so a canary of the control plane has not begun.',
    zh: '在 Istio 中命名空间的标签优先。Pod 使用的是另一 revision 的代理，控制平面的金丝雀发布实际上没有开始。',
  },
  remedy: {
    en: 'Put the label where it is followed: on the namespace; or deploy the workload to a namespace of that revision. Remove it from the Pod if the namespace is right.',
    zh: '把标签放到会生效的地方：命名空间上；或将工作负载部署到该 revision 的命名空间。如果命名空间是对的，则删除 Pod 上的标签。',
  },
  references: ['istio/istio#48317', 'istio/istio#42654'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const asked = labelOf(subject.template, REVISION)
  if (asked === undefined || asked === '') return []
  const { webhooks, injector } = verdictOf(cluster, subject)
  const isIgnored = webhooks.findings.some(
    ({ code, params }) =>
      code === 'namespace-revision-wins-over-pod' ||
      (code === 'injection-label-wins-over-revision' && params.on === 'pod'),
  )
  // Where there is no template, the label came with the injection.
  if (!isIgnored || injector === undefined || cameWithInjection(subject)) return []
  const winner = winning(cluster, subject)
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} asks for revision ${asked}, but ${winner.path} of namespace ${subject.namespace} wins: revision ${injector.revision} injects it`,
        zh: `${titleOf(subject)} 要求 revision ${asked}，但命名空间 ${subject.namespace} 的 ${winner.path} 优先：由 revision ${injector.revision} 注入`,
      },
      evidence: [
        { path: templateField(subject, `metadata.labels["${REVISION}"]`), value: asked },
        winner,
        {
          object: objectName(injector.object),
          path: `webhooks[${injector.index}].namespaceSelector`,
          value: injector.settings.namespaceSelector,
          label: { en: `${injectorTitle(injector)} is called`, zh: `调用 ${injectorTitle(injector)}` },
        },
      ],
      fix: fix(subject, asked),
      confidence: 'certain',
    },
  ]
}

function fix(subject: Subject, asked: string): Fix {
  const text = {
    en: `Remove the label, which has no effect; to have revision ${asked}, deploy the workload to a namespace with ${REVISION}=${asked}, or move the whole namespace`,
    zh: `删除无效的标签；若要使用 revision ${asked}，请部署到带有 ${REVISION}=${asked} 的命名空间，或迁移整个命名空间`,
  }
  return labelFix(subject, text, { labels: { [REVISION]: null } })
}

function cameWithInjection({ templatePath, template }: Subject): boolean {
  return templatePath.length === 0 && sidecarOf(template).kind === 'injected'
}

function winning(cluster: Cluster, { namespace }: Subject): Evidence {
  const labels = namespaceLabels(cluster).get(namespace) ?? {}
  const key = Object.hasOwn(labels, INJECTION) ? INJECTION : REVISION
  return { object: namespaceName(namespace), path: `metadata.labels["${key}"]`, value: labels[key] ?? '' }
}
