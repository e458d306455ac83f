import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { allSteps, leftToPeople } from '../../fixes/patch-object.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { namespaceVerdict } from '../../mesh/namespace-verdicts.ts'
import { revisionBehind } from '../../mesh/revisions.ts'
import { listed } from '../../naming.ts'
import { isTrueAt, nameOf } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { judge } from '../../subjects/verdict.ts'
import { INJECTION, REVISION } from './keys.ts'
import { withEdits } from './namespace-fix.ts'
import { requirementEvidence } from './webhook-evidence.ts'

export const INJ104: Check = {
  id: 'INJ104',
  severity: 'warn',
  category: 'decision',
  scope: 'revision',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Pod'],
  title: { en: 'Namespaces without a label are injected', zh: '没有标签的命名空间也会被注入' },
  looksAt: {
    en: 'Injection webhooks whose namespaceSelector only excludes (istio-injection NotIn [disabled], or is empty), and the namespaces without istio-injection and istio.io/rev that they take. The switch enableNamespacesByDefault of Istio, which means just that, is reported by INJ117.',
    zh: 'namespaceSelector 只做排除（istio-injection NotIn [disabled]，或为空）的注入 webhook，以及被其匹配、但没有 istio-injection 和 istio.io/rev 的命名空间。Istio 的 enableNamespacesByDefault 开关本意如此，由 INJ117 报告。',
  },
  why: {
    en: 'Each new namespace gets sidecars, of infrastructure too, without anybody having asked for it. Pods that cannot live with one fail at their next restart.',
    zh: '每个新命名空间（包括基础设施）都会在无人请求的情况下得到 sidecar。无法与 sidecar 共存的 Pod 会在下次重启时失败。',
  },
  remedy: {
    en: 'Label the namespaces that are to have no sidecars istio-injection=disabled, or change the selector to istio-injection In [enabled].',
    zh: '为不需要 sidecar 的命名空间设置 istio-injection=disabled，或把选择器改为 istio-injection In [enabled]。',
  },
  run: (cluster) =>
    openInjectors(cluster)
      .filter(({ deliberate }) => !deliberate)
      .map((open) => finding(cluster, open)),
}

/** An injection webhook that takes namespaces which nobody labelled. */
export interface OpenInjector {
  readonly injector: Injector
  /** `enableNamespacesByDefault`: then it is what somebody chose. */
  readonly deliberate: boolean
  readonly namespaces: readonly string[]
}

export const openInjectors: (cluster: Cluster) => readonly OpenInjector[] = remembered((cluster) => {
  const taken = new Map<Injector, string[]>()
  for (const name of cluster.all('Namespace').map(nameOf)) {
    const injector = takenBy(cluster, name)
    if (injector === undefined) continue
    const names = taken.get(injector)
    if (names === undefined) taken.set(injector, [name])
    else names.push(name)
  }
  return injectors(cluster).flatMap((injector) => {
    const namespaces = taken.get(injector)?.toSorted()
    return namespaces === undefined ? [] : [{ injector, deliberate: isDeliberate(cluster, injector), namespaces }]
  })
})

/** The one webhook that injects Pods of a namespace without any injection label. */
function takenBy(cluster: Cluster, name: string): Injector | undefined {
  const labels = namespaceLabels(cluster).get(name) ?? {}
  if (Object.hasOwn(labels, INJECTION) || Object.hasOwn(labels, REVISION)) return undefined
  const { injector, decision, expected } = namespaceVerdict(cluster, name)
  // Without its configuration the decision is not known, but the selector is what this is about.
  return expected === 'injected' || (injector !== undefined && decision === undefined) ? injector : undefined
}

/** Istio's chart has a webhook of its own for this, and the switch among its values. */
function isDeliberate(cluster: Cluster, injector: Injector): boolean {
  if (injector.webhook.startsWith('auto.')) return true
  const configuration = revisionBehind(cluster, injector)?.configuration
  if (configuration?.kind !== 'loaded') return false
  const values = configuration.configuration.values as Parameters<typeof isTrueAt>[0]
  return isTrueAt(values, 'sidecarInjectorWebhook', 'enableNamespacesByDefault')
}

/** More are counted. */
const MOST_NAMESPACES = 50

export function openEvidence(cluster: Cluster, { injector, namespaces }: OpenInjector): readonly Evidence[] {
  return [
    ...selectorEvidence(cluster, injector, namespaces[0] ?? ''),
    ...namespaces.slice(0, MOST_NAMESPACES).map((name): Evidence => {
      const pods = cluster.inNamespace('Pod', name)
      const injected = pods.filter((pod) => sidecarOf(pod).container !== undefined).length
      return {
        object: { apiVersion: 'v1', kind: 'Namespace', name },
        path: 'metadata.labels',
        value: { ...namespaceLabels(cluster).get(name) },
        label: {
          en: `no injection label; ${injected} of ${pods.length} Pods with a sidecar`,
          zh: `没有注入标签；${pods.length} 个 Pod 中 ${injected} 个带有 sidecar`,
        },
      }
    }),
  ]
}

/** The selector as it stands there, each condition with what it met. */
function selectorEvidence(cluster: Cluster, injector: Injector, namespace: string): readonly Evidence[] {
  const verdict = judge(cluster, namespace, {}).webhooks.injectors.find(
    (one) => one.injector.configuration === injector.configuration && one.injector.index === injector.index,
  )?.verdict
  const requirements = verdict?.steps.find(({ id }) => id === 'namespaceSelector')?.requirements ?? []
  if (requirements.length > 0) return requirements.map((one) => requirementEvidence(injector, 'namespaceSelector', one))
  return [{ path: `webhooks[${injector.index}].namespaceSelector`, value: injector.settings.namespaceSelector }]
}

function finding(cluster: Cluster, open: OpenInjector): CheckOutcome {
  const { injector, namespaces } = open
  const one = namespaces.length === 1
  const names = listed(namespaces)
  const found: Found = {
    outcome: 'found',
    object: objectName(injector.object),
    revision: injector.revision,
    message: {
      en: `${injectorTitle(injector)} injects every namespace that does not refuse: ${one ? `namespace ${names.en}, which has no label, gets sidecars` : `${namespaces.length} namespaces without a label get sidecars: ${names.en}`}`,
      zh: `${injectorTitle(injector)} 会注入所有未拒绝的命名空间：${namespaces.length} 个没有标签的命名空间会得到 sidecar：${names.zh}`,
    },
    evidence: openEvidence(cluster, open),
    fix: fix(cluster, namespaces),
    confidence: 'certain',
  }
  return found
}

/** Refusing is right only where the label really keeps the webhooks away. */
function fix(cluster: Cluster, namespaces: readonly string[]): Fix {
  const edits = { [INJECTION]: 'disabled' }
  const helped = namespaces.filter((name) => {
    const labels = namespaceLabels(cluster).get(name) ?? {}
    return judge(cluster, name, {}, withEdits(labels, edits)).webhooks.outcome === 'none'
  })
  return {
    text: {
      en: `Label the namespaces that are to have no sidecars ${INJECTION}=disabled; or turn the selector round to ${INJECTION} In [enabled] and label the others. Pods that exist keep what they have until they are made anew`,
      zh: `为不需要 sidecar 的命名空间设置 ${INJECTION}=disabled；或把选择器改为 ${INJECTION} In [enabled] 并为其他命名空间设置标签。已有的 Pod 在重新创建之前不会改变`,
    },
    // Who is injected on purpose and said nothing would lose its sidecar.
    ...leftToPeople(allSteps(...helped.map((name) => labelNamespace(name, edits)))),
  }
}
