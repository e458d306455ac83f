import { isObject, type Json, type JsonObject } from '@proa/kube'
import { makerOf } from '../../certificates/control-plane.ts'
import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { shellWord } from '../../fixes/kubectl.ts'
import { NO_STEP, patchObject, type Step } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { textAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField, wishesOf } from '../../subjects/wishes.ts'
import { activeSubjects, forSubjects } from './active-subjects.ts'
import { INJECT } from './keys.ts'
import { labelFix } from './template-fix.ts'

const CONFIG = 'config'

export const INJ114: Check = {
  id: 'INJ114',
  severity: 'warn',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: {
    en: 'The default policy is disabled, and the Pod does not ask',
    zh: '默认策略为 disabled，且 Pod 未请求注入',
  },
  looksAt: {
    en: 'The policy in the ConfigMap of the injector (values.global.proxy.autoInject), and the workloads in injected namespaces for which it decides because neither a label nor a selector does.',
    zh: '注入器 ConfigMap 中的 policy（values.global.proxy.autoInject），以及已启用注入的命名空间中没有标签和选择器可循、由它决定的工作负载。',
  },
  why: {
    en: 'With policy disabled the label of the namespace is not enough: the injector is asked and says no for each Pod that does not ask itself.',
    zh: 'policy 为 disabled 时，仅有命名空间标签是不够的：注入器会被询问，但对每个未自行请求的 Pod 都回答“否”。',
  },
  remedy: {
    en: 'Set policy: enabled (values.global.proxy.autoInject: enabled, so that the next upgrade keeps it), or label each Pod template sidecar.istio.io/inject: "true".',
    zh: '设置 policy: enabled（同时设置 values.global.proxy.autoInject: enabled，以便升级后保留），或为每个 Pod 模板添加标签 sidecar.istio.io/inject: "true"。',
  },
  run: (cluster) => [
    ...revisions(cluster).flatMap((revision) => switchedOff(cluster, revision)),
    ...forSubjects(cluster, (subject) => ofSubject(cluster, subject)),
  ],
}

/** Workloads that the policy alone keeps without a sidecar, by the revision that would inject them. */
const keptOut: (cluster: Cluster) => ReadonlyMap<Revision, readonly Subject[]> = remembered((cluster) => {
  const found = new Map<Revision, Subject[]>()
  for (const subject of activeSubjects(cluster)) {
    const { revision, decision } = verdictOf(cluster, subject)
    if (revision === undefined || decision?.reason !== 'PolicyDisabled') continue
    const known = found.get(revision)
    if (known === undefined) found.set(revision, [subject])
    else known.push(subject)
  }
  return found
})

const MOST_SUBJECTS = 20

/** Whoever wants each Pod to ask sets the policy so, and then no namespace is labelled; there it is no finding. */
function switchedOff(cluster: Cluster, revision: Revision): CheckOutcome[] {
  const subjects = keptOut(cluster).get(revision) ?? []
  const { configMap } = revision
  if (subjects.length === 0 || configMap === undefined) return []
  const first = subjects.slice(0, 3).map(titleOf).join(', ')
  const count = subjects.length
  return [
    {
      outcome: 'found',
      object: objectName(configMap),
      revision: revision.name,
      message: {
        en: `The policy of revision ${revision.name} is disabled, so ${count === 1 ? 'a workload' : `${count} workloads`} in injected namespaces ${count === 1 ? 'gets' : 'get'} no sidecar: ${first}${count > 3 ? ' …' : ''}`,
        zh: `revision ${revision.name} 的 policy 为 disabled，因此已启用注入的命名空间中有 ${count} 个工作负载得不到 sidecar：${first}${count > 3 ? ' …' : ''}`,
      },
      evidence: [policyEvidence(revision), ...subjects.slice(0, MOST_SUBJECTS).flatMap((one) => silence(cluster, one))],
      fix: enablePolicy(revision, {
        en: `Set policy: enabled; or label the Pod templates that are to have a sidecar ${INJECT}: "true"`,
        zh: `设置 policy: enabled；或为需要 sidecar 的 Pod 模板添加标签 ${INJECT}: "true"`,
      }),
      confidence: 'certain',
    },
  ]
}

/** What there is of a wish, and the label that would have decided. */
function silence(cluster: Cluster, subject: Subject): readonly Evidence[] {
  const path = templateField(subject, `metadata.labels["${INJECT}"]`)
  const { namespace } = subject
  const asked = wishesOf(cluster, subject)[0]
  return [
    {
      object: subject.object,
      path,
      label: {
        en:
          asked === undefined ? 'does not ask' : `does not ask; ${asked.evidence.path} of namespace ${namespace} does`,
        zh: asked === undefined ? '未请求' : `未请求；命名空间 ${namespace} 的 ${asked.evidence.path} 请求了`,
      },
    },
  ]
}

/** The same, told to who asks about one workload. */
function ofSubject(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const { revision, decision } = verdictOf(cluster, subject)
  if (revision === undefined || decision?.reason !== 'PolicyDisabled') return []
  const text = {
    en: `Set ${templateField(subject, `metadata.labels["${INJECT}"]`)} to "true"`,
    zh: `将 ${templateField(subject, `metadata.labels["${INJECT}"]`)} 设为 "true"`,
  }
  return [
    {
      outcome: 'found',
      object: subject.object,
      revision: revision.name,
      message: {
        en: `${titleOf(subject)} does not ask for a sidecar itself, and the policy of revision ${revision.name} is disabled`,
        zh: `${titleOf(subject)} 未自行请求 sidecar，且 revision ${revision.name} 的 policy 为 disabled`,
      },
      evidence: [policyEvidence(revision), ...silence(cluster, subject)],
      fix: labelFix(subject, text, { labels: { [INJECT]: 'true' } }),
      confidence: 'certain',
      routine: true,
    },
  ]
}

export const INJ115: Check = {
  id: 'INJ115',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The policy is unknown, so nothing is injected', zh: 'policy 未知，因此不会注入任何 Pod' },
  looksAt: {
    en: 'The key policy in the ConfigMap of each injector: only enabled and disabled mean something.',
    zh: '每个注入器 ConfigMap 中的 policy：只有 enabled 和 disabled 有意义。',
  },
  why: {
    en: 'Any other value, also none, switches injection off in the whole mesh, even for Pods that ask for it. Istio says so only in the log of the control plane.',
    zh: '其他任何值（包括缺失）都会关闭整个网格的注入，即使 Pod 明确请求也是如此。Istio 只在控制平面日志中提示。',
  },
  remedy: {
    en: 'Set it to enabled (or disabled); values.global.proxy.autoInject where the installation writes it.',
    zh: '设为 enabled（或 disabled）；由安装程序写入时为 values.global.proxy.autoInject。',
  },
  run: (cluster) => revisions(cluster).flatMap(unknownPolicy),
}

const SWITCHED_OFF: Text = {
  en: 'it injects nothing, not even Pods that ask for it',
  zh: '不会注入任何 Pod，即使 Pod 明确请求',
}
/** proa's injector does not take over what would switch injection off by mistake. */
const REFUSED: Text = {
  en: 'the injector refuses it. Replicas that run keep the last good configuration, a new one does not get ready',
  zh: '注入器拒绝该配置。运行中的副本继续使用上一个有效配置，新副本不会就绪',
}

function unknownPolicy(revision: Revision): CheckOutcome[] {
  const { configuration, configMap } = revision
  if (configuration.kind !== 'loaded' || configMap === undefined) return []
  const { policy } = configuration.configuration.decision
  if (policy === 'enabled' || policy === 'disabled') return []
  const effect = revision.injectors.every((one) => makerOf(one) === 'proa') ? REFUSED : SWITCHED_OFF
  const found: Found = {
    outcome: 'found',
    object: objectName(configMap),
    revision: revision.name,
    message: {
      en: `${policy === '' ? `The injector of revision ${revision.name} has no policy` : `The policy of revision ${revision.name} is ${JSON.stringify(policy)}, neither "enabled" nor "disabled"`}: ${effect.en}`,
      zh: `${policy === '' ? `revision ${revision.name} 的注入器没有 policy` : `revision ${revision.name} 的 policy 为 ${JSON.stringify(policy)}，既不是 "enabled" 也不是 "disabled"`}：${effect.zh}`,
    },
    evidence: [policyEvidence(revision)],
    fix: enablePolicy(revision, { en: 'Set policy: enabled', zh: '设置 policy: enabled' }),
    confidence: 'certain',
  }
  return [found]
}

export function policyEvidence({ configMap, configuration }: Revision): Evidence {
  const policy = configuration.kind === 'loaded' ? configuration.configuration.decision.policy : ''
  const line = policyLine(textAt(configMap, 'data', CONFIG))
  return {
    ...(configMap === undefined ? {} : { object: objectName(configMap) }),
    path: `data.${CONFIG}: policy`,
    ...(policy === '' ? {} : { value: policy }),
    // YAML reads `on` as a boolean, and Istio the boolean as a text.
    ...(line === undefined || line === `policy: ${policy}`
      ? {}
      : { label: { en: `written as ${line}`, zh: `原文为 ${line}` } }),
  }
}

function policyLine(config: string): string | undefined {
  return /^policy:.*$/m.exec(config)?.[0].trimEnd()
}

/** Writes the line of the text in which the policy stands; everything else of it stays to the letter. */
export function enablePolicy(revision: Revision, text: Text): Fix {
  const kept = {
    en: `${text.en}. Set values.global.proxy.autoInject=enabled in the installation too, or its next upgrade takes it back`,
    zh: `${text.zh}。安装参数中也要设置 values.global.proxy.autoInject=enabled，否则下次升级会恢复原值`,
  }
  return { text: kept, ...policyStep(revision.configMap) }
}

function policyStep(configMap: JsonObject | undefined): Step {
  const config = textAt(configMap, 'data', CONFIG)
  const line = policyLine(config)
  if (configMap === undefined || line === undefined || !isObject(configMap)) return NO_STEP
  const body: Json = { data: { [CONFIG]: config.replace(line, () => 'policy: enabled') } }
  const { name, namespace = '' } = objectName(configMap)
  const get = `kubectl -n ${shellWord(namespace)} get configmap ${shellWord(name)} -o json`
  const replace = shellWord(`s/${sedPattern(JSON.stringify(line).slice(1, -1))}/policy: enabled/`)
  return patchObject(objectName(configMap), { type: 'merge', body }, `${get} | sed ${replace} | kubectl replace -f -`)
}

/** A text as a basic regular expression that matches just it. */
function sedPattern(text: string): string {
  return text.replaceAll(/[\\.*[\]^$/]/g, '\\$&')
}
