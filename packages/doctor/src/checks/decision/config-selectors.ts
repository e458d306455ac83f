import { type ConfiguredSelector, nearest } from '@proa/injector'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { injectorTitle } from '../../mesh/injectors.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { listed } from '../../naming.ts'
import { objectAt, objectsAt, textAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { type Verdict, verdictOf } from '../../subjects/verdict.ts'
import { templateField, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT } from './keys.ts'
import { type OpenInjector, openEvidence, openInjectors } from './namespace-opt-out.ts'
import { policyEvidence } from './policy.ts'
import { labelFix } from './template-fix.ts'

export const INJ116: Check = {
  id: 'INJ116',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: { en: 'A neverInjectSelector keeps the sidecar away', zh: 'neverInjectSelector 导致不注入' },
  looksAt: {
    en: 'Workloads in injected namespaces whose labels a neverInjectSelector of the injector’s configuration matches, and which do not say themselves whether they want a sidecar.',
    zh: '已启用注入的命名空间中，标签匹配注入器配置里 neverInjectSelector、且自身未声明是否需要 sidecar 的工作负载。',
  },
  why: {
    en: 'The selector stands in a ConfigMap of the control plane, far from the workload. Who labels a workload seldom knows of it.',
    zh: '该选择器位于控制平面的 ConfigMap 中，离工作负载很远，设置标签的人往往不知道它的存在。',
  },
  remedy: {
    en: 'Label the Pod template sidecar.istio.io/inject: "true", which is before the selectors; or make the selector narrower.',
    zh: '为 Pod 模板添加标签 sidecar.istio.io/inject: "true"（优先于选择器）；或缩小选择器的范围。',
  },
  run: (cluster) => forSubjects(cluster, (subject) => neverInjected(cluster, subject)),
}

function neverInjected(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const verdict = verdictOf(cluster, subject)
  if (verdict.decision?.reason !== 'NeverInjectSelector') return []
  const path = templateField(subject, `metadata.labels["${INJECT}"]`)
  const selector = matched(verdict)
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} is not injected, because ${selector} of revision ${verdict.revision?.name ?? ''} matches its labels`,
        zh: `${titleOf(subject)} 不会被注入，因为 revision ${verdict.revision?.name ?? ''} 的 ${selector} 匹配其标签`,
      },
      evidence: [...selectorEvidence(subject, verdict), ...wishesOf(cluster, subject).map(({ evidence }) => evidence)],
      fix: labelFix(
        subject,
        {
          en: `Set ${path} to "true", which is before the selectors; or "false", if it is to have no sidecar`,
          zh: `将 ${path} 设为 "true"（优先于选择器）；若不需要 sidecar 则设为 "false"`,
        },
        { labels: { [INJECT]: 'true' } },
      ),
      confidence: 'certain',
    },
  ]
}

/** `neverInjectSelector[0]` */
function matched({ decision }: Verdict): string {
  const path = decision?.steps.find(({ deciding }) => deciding)?.found[0]?.path ?? ''
  return path.replace(/^config\./, '')
}

/** The selector that matched, and the labels that it met. */
function selectorEvidence(subject: Subject, { decision, revision }: Verdict): readonly Evidence[] {
  const selector = decision?.steps.find(({ deciding }) => deciding)?.found[0]
  if (selector === undefined) return []
  const configMap = revision?.configMap
  return [
    {
      ...(configMap === undefined ? {} : { object: objectName(configMap) }),
      path: `data.config: ${selector.path.replace(/^config\./, '')}`,
      ...(selector.value === undefined ? {} : { value: selector.value }),
    },
    { path: templateField(subject, 'metadata.labels'), value: objectAt(subject.template, 'metadata', 'labels') },
  ]
}

export const INJ117: Check = {
  id: 'INJ117',
  severity: 'info',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: { en: 'Injected only by a setting of the mesh', zh: '仅因网格级设置而被注入' },
  looksAt: {
    en: 'Workloads that an alwaysInjectSelector injects although the policy is disabled, and namespaces without a label that are injected by enableNamespacesByDefault.',
    zh: '在 policy 为 disabled 时仍被 alwaysInjectSelector 注入的工作负载，以及因 enableNamespacesByDefault 而被注入的无标签命名空间。',
  },
  why: {
    en: 'Nothing at the workload or its namespace says that there will be a sidecar. It is right where somebody chose it, and a surprise to everybody else.',
    zh: '工作负载和命名空间本身都没有说明会有 sidecar。如果是有意为之则没有问题，但会让不知情的人感到意外。',
  },
  remedy: {
    en: 'Nothing, if it is meant. Else label the namespace istio-injection=disabled, or the Pod template sidecar.istio.io/inject: "false".',
    zh: '若是有意为之则无需处理。否则为命名空间设置 istio-injection=disabled，或为 Pod 模板设置 sidecar.istio.io/inject: "false"。',
  },
  references: ['IST0148'],
  run: (cluster) => [
    ...openInjectors(cluster)
      .filter(({ deliberate }) => deliberate)
      .map((open) => byDefault(cluster, open)),
    ...forSubjects(cluster, (subject) => alwaysInjected(cluster, subject)),
  ],
}

function byDefault(cluster: Cluster, open: OpenInjector): CheckOutcome {
  const { injector, namespaces } = open
  const [name = ''] = namespaces
  const names = listed(namespaces)
  return {
    outcome: 'found',
    object: objectName(injector.object),
    revision: injector.revision,
    message: {
      en: `enableNamespacesByDefault of revision ${injector.revision} injects namespaces without a label (${injectorTitle(injector)}): ${names.en}`,
      zh: `revision ${injector.revision} 的 enableNamespacesByDefault 会注入没有标签的命名空间（${injectorTitle(injector)}）：${names.zh}`,
    },
    evidence: openEvidence(cluster, open),
    fix: {
      text: {
        en: 'Nothing to do, if it is meant; a namespace that is to have no sidecars is labelled so',
        zh: '若是有意为之则无需处理；不需要 sidecar 的命名空间可以这样设置标签',
      },
      commands: [`kubectl label namespace ${shellWord(name)} istio-injection=disabled`],
      changes: [],
    },
    confidence: 'certain',
  }
}

function alwaysInjected(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const verdict = verdictOf(cluster, subject)
  const { decision, configuration, revision } = verdict
  // With policy enabled it would be injected all the same.
  if (decision?.reason !== 'AlwaysInjectSelector' || configuration?.decision.policy === 'enabled') return []
  const path = templateField(subject, `metadata.labels["${INJECT}"]`)
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} is injected only because ${matched(verdict)} of revision ${revision?.name ?? ''} matches its labels; the policy is ${configuration?.decision.policy ?? ''}`,
        zh: `${titleOf(subject)} 仅因 revision ${revision?.name ?? ''} 的 ${matched(verdict)} 匹配其标签而被注入；policy 为 ${configuration?.decision.policy ?? ''}`,
      },
      evidence: [...selectorEvidence(subject, verdict), ...(revision === undefined ? [] : [policyEvidence(revision)])],
      fix: {
        ...labelFix(
          subject,
          {
            en: `Nothing to do, if it is meant; else set ${path} to "false"`,
            zh: `若是有意为之则无需处理；否则将 ${path} 设为 "false"`,
          },
          { labels: { [INJECT]: 'false' } },
        ),
        changes: [],
      },
      confidence: 'certain',
    },
  ]
}

export const INJ118: Check = {
  id: 'INJ118',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'A selector of the injector cannot be read', zh: '注入器的选择器无法解析' },
  looksAt: {
    en: 'neverInjectSelector and alwaysInjectSelector in the ConfigMap of each injector, read as Kubernetes reads label selectors.',
    zh: '每个注入器 ConfigMap 中的 neverInjectSelector 和 alwaysInjectSelector，按 Kubernetes 标签选择器的规则解析。',
  },
  why: {
    en: 'The injector writes a line to its log and goes on without the selector. What it was to keep out gets a sidecar, or the other way round.',
    zh: '注入器只在日志中写一行，然后忽略该选择器。本应排除的 Pod 会得到 sidecar，反之亦然。',
  },
  remedy: {
    en: 'Correct operator and values: In and NotIn want values, Exists and DoesNotExist want none.',
    zh: '更正 operator 和 values：In 和 NotIn 需要 values，Exists 和 DoesNotExist 不能有 values。',
  },
  run: (cluster) => revisions(cluster).flatMap(unreadable),
}

function unreadable(revision: Revision): CheckOutcome[] {
  const { configuration, configMap } = revision
  if (configuration.kind !== 'loaded' || configMap === undefined) return []
  const { neverInjectSelector, alwaysInjectSelector } = configuration.configuration.decision
  return [...neverInjectSelector, ...alwaysInjectSelector].flatMap((selector): CheckOutcome[] => {
    if (selector.kind !== 'invalid') return []
    const path = selector.path.replace(/^config\./, '')
    const { message } = selector.problem
    const object = objectName(configMap)
    return [
      {
        outcome: 'found',
        object,
        revision: revision.name,
        message: {
          en: `${path} of revision ${revision.name} is skipped, because it cannot be read: ${message}`,
          zh: `revision ${revision.name} 的 ${path} 无法解析，已被忽略：${message}`,
        },
        evidence: [
          { path: `data.config: ${path}`, value: selector.source, label: { en: message, zh: message } },
          ...(selector.problem.path === '' ? [] : [{ path: `data.config: ${path}.${selector.problem.path}` }]),
        ],
        fix: {
          text: correction(path, selector),
          commands: [`${kubectl(object)} edit configmap ${shellWord(object.name)}`],
          changes: [],
        },
        confidence: 'certain',
      },
    ]
  })
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist']

function correction(path: string, { source }: ConfiguredSelector) {
  const operators = objectsAt(source, 'matchExpressions').map((one) => textAt(one, 'operator'))
  const wrong = operators.find((one) => !OPERATORS.includes(one))
  const meant = wrong === undefined ? undefined : nearest(wrong, OPERATORS)
  return {
    en: `Correct ${path} in data.config${meant === undefined ? '' : `: operator ${JSON.stringify(wrong)} is to be ${meant}`}; and in the values of the installation, or its next upgrade takes it back`,
    zh: `更正 data.config 中的 ${path}${meant === undefined ? '' : `：operator ${JSON.stringify(wrong)} 应为 ${meant}`}；安装参数中也要更正，否则下次升级会恢复原值`,
  }
}
