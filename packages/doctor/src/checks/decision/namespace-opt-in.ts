import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Fix, Found } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { injectors } from '../../mesh/injectors.ts'
import { isIgnored, namespaceVerdict } from '../../mesh/namespace-verdicts.ts'
import { objectTitle } from '../../naming.ts'
import { labelOf, nameOf } from '../../reading.ts'
import { INJECTION, meantBy, REVISION } from './keys.ts'
import { injectingLabels, type LabelEdits, namespaceFix } from './namespace-fix.ts'
import { type Sign, signsIn } from './namespace-signs.ts'
import { failedRequirement, failedRequirements } from './webhook-evidence.ts'

export const INJ103: Check = {
  id: 'INJ103',
  severity: 'warn',
  category: 'decision',
  scope: 'namespace',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'The namespace lacks the label that webhooks ask for', zh: '命名空间缺少 webhook 要求的标签' },
  looksAt: {
    en: 'Namespaces for which every injection webhook says no by its namespaceSelector (istio-injection In [enabled], istio.io/rev In [...]), against the signs that sidecars are wanted there: labels that are nearly right, annotations, Pods that ask, Pods that have a sidecar from before. A namespace without such a sign is told of only when it is asked for.',
    zh: '所有注入 webhook 都因 namespaceSelector（istio-injection In [enabled]、istio.io/rev In [...]）而不匹配的命名空间，并对照其中需要 sidecar 的迹象：写错的标签、注解、请求注入的 Pod、以前注入过的 Pod。没有迹象的命名空间只在指明时才会提到。',
  },
  why: {
    en: 'The API server compares labels letter by letter. Without exactly the right one it does not ask the injector, and the Pods start without a sidecar and without any message.',
    zh: 'API server 逐字比较标签。标签不完全正确时不会询问注入器，Pod 会在没有 sidecar 的情况下启动，也没有任何提示。',
  },
  remedy: {
    en: 'Label the namespace as the webhook asks (istio-injection=enabled, or istio.io/rev=REVISION) and make the Pods anew.',
    zh: '按 webhook 的要求为命名空间设置标签（istio-injection=enabled 或 istio.io/rev=REVISION），然后重新创建 Pod。',
  },
  references: ['IST0102', 'istio/istio#30874', 'istio/istio#17771'],
  run: (cluster) => cluster.all('Namespace').flatMap((namespace) => outcome(cluster, namespace)),
}

function outcome(cluster: Cluster, namespace: JsonObject): CheckOutcome[] {
  const name = nameOf(namespace)
  const { webhooks } = namespaceVerdict(cluster, name)
  const excluded = webhooks.injectors.some(
    (one) => !one.injector.deactivated && failedRequirement(one, 'namespaceSelector') !== undefined,
  )
  if (webhooks.outcome !== 'none' || !excluded || isIgnored(cluster, name)) return []
  const injection = labelOf(namespace, INJECTION)
  // "disabled" is a decision, and a revision that there is not has a check of its own.
  if (injection !== undefined && meantBy(injection) === false) return []
  if (injection === undefined && labelOf(namespace, REVISION)) return []
  const signs = signsIn(cluster, namespace)
  const [first] = signs
  return [first === undefined ? plain(cluster, namespace) : wanted(cluster, namespace, first, signs)]
}

/** Nobody seems to want sidecars here. Who asks why there is none is told how to get them; the program does not do it by itself. */
function plain(cluster: Cluster, namespace: JsonObject): Found {
  const name = nameOf(namespace)
  // Nobody wants sidecars beside the injector.
  const isOurs = injectors(cluster).some(({ service }) => service?.namespace === name)
  const repair = isOurs ? undefined : fix(cluster, namespace, [])
  return {
    outcome: 'found',
    object: objectName(namespace),
    message: {
      en: `Namespace ${name} has no injection label, so a Pod that says nothing itself is created without a sidecar`,
      zh: `命名空间 ${name} 没有注入标签，因此未自行说明的 Pod 会在没有 sidecar 的情况下创建`,
    },
    evidence: evidence(cluster, namespace),
    ...(repair === undefined ? {} : { fix: { ...repair, text: ifWanted(repair.text), changes: [] } }),
    confidence: 'certain',
    severity: 'info',
    routine: true,
  }
}

const ifWanted = ({ en, zh }: Text): Text => ({
  en: `If Pods here are to have a sidecar: ${en}`,
  zh: `如果这里的 Pod 需要 sidecar：${zh}`,
})

const MOST_SIGNS = 5

function wanted(cluster: Cluster, namespace: JsonObject, first: Sign, signs: readonly Sign[]): Found {
  const repair = fix(cluster, namespace, signs)
  return {
    outcome: 'found',
    object: objectName(namespace),
    message: message(nameOf(namespace), first, signs),
    evidence: [...signs.slice(0, MOST_SIGNS).map((sign) => sign.evidence), ...evidence(cluster, namespace)],
    ...(repair === undefined ? {} : { fix: repair }),
    confidence: first.kind === 'value' || first.kind === 'pod-label' ? 'certain' : 'likely',
  }
}

function message(name: string, { kind, evidence: { path, value, object } }: Sign, signs: readonly Sign[]): Text {
  const count = signs.filter((sign) => sign.kind === kind).length
  const text = JSON.stringify(value)
  const workload = object === undefined ? '' : objectTitle(object)
  const others = { en: count > 1 ? ` and ${count - 1} more` : '', zh: count > 1 ? `等 ${count} 个` : '' }
  switch (kind) {
    case 'value':
      return {
        en: `Namespace ${name} has ${INJECTION}: ${text}, which no injection webhook knows: its Pods get no sidecar`,
        zh: `命名空间 ${name} 的 ${INJECTION} 为 ${text}，没有注入 webhook 认识该值：其 Pod 不会得到 sidecar`,
      }
    case 'key':
      return {
        en: `Namespace ${name} has ${path} = ${text}, which no injection webhook looks at, and not the label that they look at: its Pods get no sidecar`,
        zh: `命名空间 ${name} 设置了 ${path} = ${text}，没有注入 webhook 会查看它，而真正需要的标签不存在：其 Pod 不会得到 sidecar`,
      }
    case 'annotation':
      return {
        en: `Namespace ${name} asks for sidecars by an annotation (${path} = ${text}); webhooks look at labels only`,
        zh: `命名空间 ${name} 用注解请求 sidecar（${path} = ${text}）；webhook 只看标签`,
      }
    case 'pod-label':
      return {
        en: `${workload}${others.en} ${count > 1 ? 'ask' : 'asks'} for a sidecar, but every injection webhook wants a label of namespace ${name} that is not there`,
        zh: `${workload} ${others.zh}请求 sidecar，但所有注入 webhook 都要求命名空间 ${name} 带有标签，而该标签不存在`,
      }
    case 'lost':
      return {
        en: `${workload}${others.en} ${count > 1 ? 'have' : 'has'} a sidecar, but namespace ${name} has no injection label any more: the next Pod gets none`,
        zh: `${workload} ${others.zh}带有 sidecar，但命名空间 ${name} 已没有注入标签：下一个 Pod 不会被注入`,
      }
  }
}

/** The labels as they are, and the condition of each webhook that they do not meet. */
function evidence(cluster: Cluster, namespace: JsonObject): Found['evidence'] {
  const name = nameOf(namespace)
  const labels = namespaceLabels(cluster).get(name) ?? {}
  return [
    { object: objectName(namespace), path: 'metadata.labels', value: { ...labels } },
    ...failedRequirements(cluster, namespaceVerdict(cluster, name).webhooks.injectors, 'namespaceSelector'),
  ]
}

function fix(cluster: Cluster, namespace: JsonObject, signs: readonly Sign[]): Fix | undefined {
  const name = nameOf(namespace)
  const cleared: LabelEdits = Object.assign({}, ...signs.map((sign) => sign.cleared))
  const meant = signs.flatMap((sign) => (sign.meant === undefined ? [] : [sign.meant]))
  const edits = injectingLabels(cluster, name, cleared, meant)
  if (edits === undefined) return undefined
  const set = Object.entries(edits).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]))
  const gone = Object.entries(edits).flatMap(([key, value]) => (value === null ? [key] : []))
  const text = {
    en: `Label the namespace ${set.join(', ')}${gone.length > 0 ? ` and remove ${gone.join(', ')}` : ''}`,
    zh: `为命名空间设置标签 ${set.join('、')}${gone.length > 0 ? `，并删除 ${gone.join('、')}` : ''}`,
  }
  return namespaceFix(cluster, name, text, edits)
}
