import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { restoreSelectors } from '../../fixes/restore-selectors.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { listed } from '../../naming.ts'
import { nameOf } from '../../reading.ts'
import { askingForInjection, defaultInjection, enabledNamespaces } from './served-default.ts'

export const INJ121: Check = {
  id: 'INJ121',
  severity: 'warn',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: { en: 'The injection webhook is deactivated', zh: '注入 webhook 已停用' },
  looksAt: {
    en: 'MutatingWebhookConfigurations of injectors all selectors of which ask for the label istio.io/deactivated=never-match, where no other webhook has taken their place.',
    zh: '所有选择器都要求标签 istio.io/deactivated=never-match 的注入器 MutatingWebhookConfiguration，且没有其他 webhook 取代它们。',
  },
  why: {
    en: 'Setting the tag default deactivates the webhook that was the default before. When that tag is removed, nobody injects namespaces with istio-injection=enabled any more.',
    zh: '设置 tag default 会停用原来的默认 webhook；之后删除该 tag，带有 istio-injection=enabled 的命名空间就不再被注入。',
  },
  remedy: {
    en: 'Set the tag default again, or give the webhook its selectors back.',
    zh: '重新设置 tag default，或恢复该 webhook 的选择器。',
  },
  run,
}

function run(cluster: Cluster): readonly CheckOutcome[] {
  const all = injectors(cluster)
  const everything = all.length > 0 && all.every(({ deactivated }) => deactivated)
  const nobodyElse = defaultInjection(cluster).outcome === 'none' && enabledNamespaces(cluster).length > 0
  if (!everything && !nobodyElse) return []
  const asked = enabledNamespaces(cluster).length > 0 || askingForInjection(cluster).length > 0
  return [...Map.groupBy(all, ({ object }) => object).values()]
    .filter((entries) => entries.every(({ deactivated }) => deactivated))
    .flatMap((entries) => outcome(cluster, entries, asked))
}

function outcome(cluster: Cluster, entries: readonly Injector[], asked: boolean): readonly CheckOutcome[] {
  const [first] = entries
  if (first === undefined) return []
  const name = nameOf(first.object)
  const names = listed(enabledNamespaces(cluster))
  const waiting =
    names.en === '' ? { en: '', zh: '' } : { en: ` (waiting: ${names.en})`, zh: `（受影响：${names.zh}）` }
  return [
    {
      outcome: 'found',
      object: objectName(first.object),
      revision: first.revision,
      message: {
        en: `Every webhook of ${name} is deactivated, and no other one takes namespaces with istio-injection=enabled${waiting.en}`,
        zh: `${name} 的所有 webhook 都已停用，且没有其他 webhook 处理带有 istio-injection=enabled 的命名空间${waiting.zh}`,
      },
      evidence: entries.map(({ index, entry }) => ({
        path: `webhooks[${index}].namespaceSelector`,
        value: entry.namespaceSelector ?? null,
      })),
      confidence: 'certain',
      fix: reactivation(first, entries),
      ...(asked ? {} : { severity: 'info' as const }),
    },
  ]
}

/** The old selectors are gone with the deactivation, but they are the same in every installation. */
function reactivation({ object }: Injector, entries: readonly Injector[]): Fix {
  return {
    text: {
      en: `Give ${nameOf(object)} the selectors of Istio back (or set the tag default to another revision)`,
      zh: `恢复 ${nameOf(object)} 的 Istio 默认选择器（或将 tag default 指向其他 revision）`,
    },
    ...restoreSelectors(entries),
  }
}
