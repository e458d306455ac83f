import type { WebhookFinding } from '@proa/injector'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { setTagCommand } from '../../fixes/set-tag.ts'
import type { Text } from '../../language.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { namespaceVerdict } from '../../mesh/namespace-verdicts.ts'
import { labelOf, nameOf } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { namespaceName, templateField, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECTION, REVISION } from './keys.ts'
import { namespaceFix } from './namespace-fix.ts'
import { labelFix } from './template-fix.ts'

export const INJ107: Check = {
  id: 'INJ107',
  severity: 'error',
  category: 'decision',
  scope: 'workload',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'istio.io/rev names no revision and no tag', zh: 'istio.io/rev 指向不存在的 revision 或 tag' },
  looksAt: {
    en: 'The label istio.io/rev of namespaces, Pods and Pod templates, against the revisions and tags of the injection webhooks that are in use.',
    zh: '命名空间、Pod 和 Pod 模板的 istio.io/rev 标签，对照正在使用的注入 webhook 的 revision 和 tag。',
  },
  why: {
    en: 'No webhook asks for that value, so Pods are created without a sidecar and without a message. It happens with a slip of the pen, and when a control plane or a tag was removed while namespaces still name it.',
    zh: '没有 webhook 要求该值，因此 Pod 会在没有 sidecar、也没有提示的情况下创建。常见原因是拼写错误，或控制平面（tag）已被删除而命名空间仍在引用它。',
  },
  remedy: {
    en: 'Correct the label, or make a tag of that name for a revision that exists.',
    zh: '更正标签，或为已有的 revision 创建同名 tag。',
  },
  references: ['istio/istio#28969', 'istio/istio#35690'],
  run: (cluster) => [
    ...cluster.all('Namespace').flatMap((namespace) => ofNamespace(cluster, nameOf(namespace))),
    ...forSubjects(cluster, (subject) => ofSubject(cluster, subject)),
  ],
}

function unknownOn(findings: readonly WebhookFinding[], on: 'namespace' | 'pod'): WebhookFinding['params'] | undefined {
  return findings.find(({ code, params }) => code === 'unknown-revision' && params.on === on)?.params
}

function ofNamespace(cluster: Cluster, name: string): CheckOutcome[] {
  const { webhooks } = namespaceVerdict(cluster, name)
  const unknown = unknownOn(webhooks.findings, 'namespace')
  // Beside istio-injection the label is not looked at; INJ106 tells of the two.
  if (unknown === undefined || webhooks.outcome !== 'none') return []
  const namespace = cluster.find('Namespace', '', name)
  if (labelOf(namespace, INJECTION) !== undefined) return []
  const { revision = '' } = unknown
  const found = (fix: Fix | undefined): Found => ({
    outcome: 'found',
    object: namespaceName(name),
    message: {
      en: `Namespace ${name} asks for revision ${JSON.stringify(revision)}, which does not exist; ${knownText(unknown).en}. Its Pods get no sidecar`,
      zh: `命名空间 ${name} 要求 revision ${JSON.stringify(revision)}，但它不存在；${knownText(unknown).zh}。其 Pod 不会得到 sidecar`,
    },
    evidence: [{ path: `metadata.labels["${REVISION}"]`, value: revision }, ...knownEvidence(cluster)],
    ...(fix === undefined ? {} : { fix }),
    confidence: 'certain',
  })
  return [found(repair(cluster, unknown, (text, to) => namespaceFix(cluster, name, text, { [REVISION]: to })))]
}

function ofSubject(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const { webhooks } = verdictOf(cluster, subject)
  const unknown = unknownOn(webhooks.findings, 'pod')
  if (unknown === undefined || webhooks.outcome !== 'none') return []
  // Control planes carry the label for themselves and refuse sidecars; an injected Pod has it from its injection.
  if (wishesOf(cluster, subject).some(({ wants }) => !wants)) return []
  if (subject.templatePath.length === 0 && sidecarOf(subject.template).kind === 'injected') return []
  const { revision = '' } = unknown
  const fix = repair(cluster, unknown, (text, to) => labelFix(subject, text, { labels: { [REVISION]: to } }))
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} asks for revision ${JSON.stringify(revision)}, which does not exist; ${knownText(unknown).en}. It gets no sidecar`,
        zh: `${titleOf(subject)} 要求 revision ${JSON.stringify(revision)}，但它不存在；${knownText(unknown).zh}。它不会得到 sidecar`,
      },
      evidence: [
        { path: templateField(subject, `metadata.labels["${REVISION}"]`), value: revision },
        ...knownEvidence(cluster),
      ],
      ...(fix === undefined ? {} : { fix }),
      confidence: 'certain',
    },
  ]
}

function knownText({ known = '', meant }: WebhookFinding['params']): Text {
  const names = known.split(',').join(', ')
  return {
    en: `there ${known.includes(',') ? 'are' : 'is'} ${names}${meant === undefined ? '' : `; ${meant} may be meant`}`,
    zh: `现有 ${names}${meant === undefined ? '' : `，可能是想写 ${meant}`}`,
  }
}

function activeInjectors(cluster: Cluster): readonly Injector[] {
  return injectors(cluster).filter(({ deactivated }) => !deactivated)
}

/** The revision or tag of each webhook configuration, once. */
function knownEvidence(cluster: Cluster): readonly Evidence[] {
  const seen = new Set<string>()
  return activeInjectors(cluster).flatMap(({ object, revision, tag }): Evidence[] => {
    const name = nameOf(object)
    if (seen.has(name)) return []
    seen.add(name)
    const key = tag === undefined ? REVISION : 'istio.io/tag'
    return [{ object: objectName(object), path: `metadata.labels["${key}"]`, value: tag ?? revision }]
  })
}

/** The name that is meant; where nobody can tell but there is only one, that. */
function repair(
  cluster: Cluster,
  { revision = '', meant, known = '' }: WebhookFinding['params'],
  relabel: (text: Text, to: string) => Fix,
): Fix | undefined {
  const to = meant ?? (known.includes(',') || known === '' ? undefined : known)
  const target = activeInjectors(cluster).find((one) => (one.tag ?? one.revision) === (to ?? one.revision))
  if (target === undefined) return undefined
  if (to === undefined) {
    // Which of them is meant only people know, so there is no command to copy.
    const example = setTagCommand(revision, target).replace(/--revision \S+/, '--revision NAME')
    return {
      ...NO_STEP,
      text: {
        en: `Label it with a revision that exists (${known.split(',').join(', ')}), or make ${revision} a tag of one of them: ${example}`,
        zh: `改用已有的 revision（${known.split(',').join('、')}），或把 ${revision} 设为其中之一的 tag：${example}`,
      },
    }
  }
  const tag = setTagCommand(revision, target)
  return relabel(
    {
      en: `Set ${REVISION} to ${to} (or make ${revision} a tag of revision ${target.revision}: ${tag})`,
      zh: `将 ${REVISION} 设为 ${to}（或把 ${revision} 设为 revision ${target.revision} 的 tag：${tag}）`,
    },
    to,
  )
}
