import { serverTitle, workloadsBehind } from '../../certificates/control-plane.ts'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { objectAt } from '../../reading.ts'
import { type Subject, subjectsIn } from '../../subjects/subjects.ts'
import { askWebhooks, verdictOf } from '../../subjects/verdict.ts'
import { namespaceName } from '../../subjects/wishes.ts'
import { isCalled, type Victim } from './victim.ts'
import { wayOut } from './way-out.ts'

export const INJ250: Check = {
  id: 'INJ250',
  severity: 'error',
  category: 'policy',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Namespace'],
  uses: ['Service', 'Deployment', 'Pod', 'ConfigMap'],
  title: { en: 'cold-start deadlock', zh: '冷启动死锁' },
  looksAt: {
    en: 'Whether an injection webhook with failurePolicy Fail would be called for the Pods of its own injector, or for Pods in kube-system. Selectors and matchConditions are evaluated as the API server does.',
    zh: 'failurePolicy 为 Fail 的注入 webhook 是否会在创建其注入器自身的 Pod 或 kube-system 的 Pod 时被调用。选择器与 matchConditions 按 API server 的方式求值。',
  },
  why: {
    en: 'When no injector runs (first start, upgrade, all nodes restarted), the Pod that would end this cannot be created, because nobody answers for it; nor can CNI, DNS and kube-proxy in kube-system.',
    zh: '没有注入器运行时（首次启动、升级、所有节点重启），能恢复它的 Pod 无法创建，因为没有人响应；kube-system 中的 CNI、DNS、kube-proxy 也一样。',
  },
  remedy: {
    en: 'Exclude the injector and kube-system: by a label, by the namespaceSelector, or by matchConditions that no label can undo.',
    zh: '排除注入器和 kube-system：通过标签、namespaceSelector，或任何标签都无法绕过的 matchConditions。',
  },
  references: ['istio/istio#26380', 'istio/istio#21147'],
  run: (cluster) => {
    const closed = injectors(cluster).filter(
      ({ deactivated, settings }) => !deactivated && settings.failurePolicy === 'Fail',
    )
    const groups = Map.groupBy(closed, ({ configuration }) => configuration)
    return [...groups.values()].flatMap((group) => [...ownPods(cluster, group), ...systemPods(cluster, group)])
  },
}

function ownPods(cluster: Cluster, group: readonly Injector[]): CheckOutcome[] {
  const victims = group.flatMap((injector) =>
    workloadsBehind(cluster, injector).flatMap((subject) => victimOf(cluster, injector, subject)),
  )
  const [first] = victims
  if (first === undefined) return []
  const { injector } = first
  return [
    {
      ...common(cluster, injector, victims),
      message: {
        en: `${injector.configuration} fails closed and is called for the Pods of its own injector ${serverTitle(injector)}: once none runs, none can start`,
        zh: `${injector.configuration} 失败时拒绝，且会在创建其自身注入器 ${serverTitle(injector)} 的 Pod 时被调用：一旦全部停止，就再也无法启动`,
      },
      fix: wayOut(cluster, victims),
    },
  ]
}

function systemPods(cluster: Cluster, group: readonly Injector[]): CheckOutcome[] {
  const there = subjectsIn(cluster, SYSTEM)
  const victims = group.flatMap((injector) =>
    there.length > 0 ? there.flatMap((subject) => victimOf(cluster, injector, subject)) : anyPod(cluster, injector),
  )
  const [first] = victims
  if (first === undefined) return []
  const names = [...new Set(victims.flatMap(({ subject }) => (subject === undefined ? [] : [subject.name])))]
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')
  const which = names.length === 0 ? { en: '', zh: '' } : { en: ` (${shown})`, zh: `（${shown}）` }
  return [
    {
      ...common(cluster, first.injector, victims),
      message: {
        en: `${first.injector.configuration} fails closed and is called for Pods in ${SYSTEM}${which.en}: while no injector answers, they cannot be created`,
        zh: `${first.injector.configuration} 失败时拒绝，且会在创建 ${SYSTEM} 中的 Pod${which.zh || ' '}时被调用：注入器无响应期间它们无法创建`,
      },
      fix: wayOut(cluster, victims),
    },
  ]
}

/** Where CNI, DNS and kube-proxy run. */
const SYSTEM = 'kube-system'

function victimOf(cluster: Cluster, injector: Injector, subject: Subject): Victim[] {
  const { webhooks } = verdictOf(cluster, subject)
  return isCalled(webhooks, injector)
    ? [{ injector, namespace: subject.namespace, template: subject.template, subject }]
    : []
}

function anyPod(cluster: Cluster, injector: Injector): Victim[] {
  if (cluster.find('Namespace', '', SYSTEM) === undefined) return []
  const template = {}
  return isCalled(askWebhooks(cluster, SYSTEM, template), injector)
    ? [{ injector, namespace: SYSTEM, template, subject: undefined }]
    : []
}

type Common = Pick<
  Extract<CheckOutcome, { outcome: 'found' }>,
  'outcome' | 'object' | 'revision' | 'evidence' | 'confidence'
>

const MOST_SHOWN = 5

function common(cluster: Cluster, first: Injector, victims: readonly Victim[]): Common {
  const indexes = [...new Set(victims.map(({ injector }) => injector.index))]
  const namespaces = [...new Set(victims.map(({ namespace }) => namespace))]
  const subjects = [...new Set(victims.flatMap(({ subject }) => subject ?? []))]
  const entries = victims[0]?.injector.entry
  return {
    outcome: 'found',
    object: objectName(first.object),
    revision: first.revision,
    evidence: [
      ...indexes.map((index): Evidence => ({ path: `webhooks[${index}].failurePolicy`, value: 'Fail' })),
      { path: `webhooks[${indexes[0] ?? 0}].namespaceSelector`, value: objectAt(entries, 'namespaceSelector') },
      ...subjects.slice(0, MOST_SHOWN).map(
        ({ object, template, templatePath }): Evidence => ({
          object,
          path: [...templatePath, 'metadata.labels'].join('.'),
          value: objectAt(template, 'metadata', 'labels'),
        }),
      ),
      ...namespaces.map(
        (name): Evidence => ({
          object: namespaceName(name),
          path: 'metadata.labels',
          value: { ...namespaceLabels(cluster).get(name) },
          label: MATCHED,
        }),
      ),
    ],
    confidence: 'certain',
  }
}

const MATCHED = { en: 'the namespace that is matched', zh: '被匹配的命名空间' }
