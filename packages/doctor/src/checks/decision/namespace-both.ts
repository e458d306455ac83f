import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { leftToPeople } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { namespaceVerdict } from '../../mesh/namespace-verdicts.ts'
import { labelOf, nameOf } from '../../reading.ts'
import type { Verdict } from '../../subjects/verdict.ts'
import { DATAPLANE_MODE, INJECTION, REVISION } from './keys.ts'

export const INJ106: Check = {
  id: 'INJ106',
  severity: 'warn',
  category: 'decision',
  scope: 'namespace',
  needs: ['Namespace'],
  uses: ['MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The namespace has several labels for one decision', zh: '命名空间上有多个互相竞争的注入标签' },
  looksAt: {
    en: 'Namespaces with istio-injection: enabled and istio.io/rev together, or one of them together with istio.io/dataplane-mode: ambient.',
    zh: '同时带有 istio-injection: enabled 和 istio.io/rev，或其中之一与 istio.io/dataplane-mode: ambient 并存的命名空间。',
  },
  why: {
    en: 'Only one of them is followed: istio-injection is before istio.io/rev, and a Pod with a sidecar is left out by ambient. An upgrade by revision then does nothing, without a message.',
    zh: '只有一个会生效：istio-injection 优先于 istio.io/rev；带有 sidecar 的 Pod 会被 ambient 排除。因此按 revision 升级会毫无效果，且没有提示。',
  },
  remedy: {
    en: 'Keep the one that is meant, and remove the others.',
    zh: '保留真正需要的标签，删除其余标签。',
  },
  references: ['IST0123', 'istio/istio#43621'],
  run: (cluster) => cluster.all('Namespace').flatMap((namespace) => outcome(cluster, namespace)),
}

function outcome(cluster: Cluster, namespace: JsonObject): CheckOutcome[] {
  const name = nameOf(namespace)
  const injection = labelOf(namespace, INJECTION)
  // Who refuses sidecars is free to have the rest: it is no contradiction.
  if (injection !== undefined && injection !== 'enabled') return []
  const revision = labelOf(namespace, REVISION)
  const mode = labelOf(namespace, DATAPLANE_MODE)
  const labels = Object.entries({
    [INJECTION]: injection,
    [REVISION]: revision,
    // Other modes, such as "none", do not ask for anything.
    [DATAPLANE_MODE]: mode === 'ambient' ? mode : undefined,
  }).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]]))
  if (labels.length < 2) return []
  const verdict = namespaceVerdict(cluster, name)
  const written = labels.map(([key, value]) => `${key}=${value}`)
  const effect = effectOf(verdict)
  return [
    {
      outcome: 'found',
      object: objectName(namespace),
      message: {
        en: `Namespace ${name} has ${written.join(' and ')}: ${effect.en}`,
        zh: `命名空间 ${name} 同时带有 ${written.join(' 和 ')}：${effect.zh}`,
      },
      evidence: [
        ...labels.map(([key, value]) => ({ path: `metadata.labels["${key}"]`, value })),
        ...calledEvidence(verdict),
      ],
      fix: fix(name, injection, revision, labels, verdict),
      confidence: 'certain',
    },
  ]
}

function effectOf({ webhooks: { outcome, target } }: Verdict): Text {
  if (target !== undefined) {
    const who = `${target.configuration}/${target.webhook}`
    return {
      en: `${who} of revision ${target.revision} injects`,
      zh: `实际由 revision ${target.revision} 的 ${who} 注入`,
    }
  }
  if (outcome === 'several') return { en: 'several webhooks inject', zh: '有多个 webhook 会注入' }
  return outcome === 'none' || outcome === 'not-installed'
    ? { en: 'no webhook injects', zh: '没有 webhook 会注入' }
    : { en: 'which webhook injects is not known', zh: '无法得知由哪个 webhook 注入' }
}

function calledEvidence({ injector }: Verdict) {
  if (injector === undefined) return []
  const path = `webhooks[${injector.index}].namespaceSelector`
  return [{ object: objectName(injector.object), path, value: injector.settings.namespaceSelector }]
}

/** What has no effect goes, so that nothing changes but what people believe. */
function fix(
  name: string,
  injection: string | undefined,
  revision: string | undefined,
  labels: readonly (readonly [string, string])[],
  { webhooks }: Verdict,
): Fix {
  const kept =
    webhooks.target === undefined ? keptWithoutTarget(labels) : injection !== undefined ? INJECTION : REVISION
  const removed = labels.map(([key]) => key).filter((key) => key !== kept)
  const other = removed.join(', ')
  const step = labelNamespace(name, Object.fromEntries(removed.map((key) => [key, null])))
  const rather =
    revision !== undefined && kept === INJECTION
      ? {
          en: `. If revision ${revision} is what is meant, remove ${INJECTION} instead`,
          zh: `。若本意是使用 revision ${revision}，则应删除 ${INJECTION}`,
        }
      : { en: `. If ${other} is what is meant, remove ${kept} instead`, zh: `。若本意是 ${other}，则应删除 ${kept}` }
  return {
    text: {
      en: `Keep ${kept}, which has the effect, and remove ${other}${rather.en}`,
      zh: `保留实际生效的 ${kept}，删除 ${other}${rather.zh}`,
    },
    // Pods without a sidecar are in the mesh by this label only.
    ...(removed.includes(DATAPLANE_MODE) ? leftToPeople(step) : step),
  }
}

/** No webhook is called: ambient is then the only thing that can have an effect. */
function keptWithoutTarget(labels: readonly (readonly [string, string])[]): string {
  return labels.some(([key]) => key === DATAPLANE_MODE) ? DATAPLANE_MODE : (labels[0]?.[0] ?? INJECTION)
}
