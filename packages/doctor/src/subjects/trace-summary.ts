import type { Cluster } from '../cluster/cluster.ts'
import type { Text } from '../language.ts'
import { injectorTitle } from '../mesh/injectors.ts'
import { titleOf } from '../subjects/subjects.ts'
import { differencesOf } from './difference.ts'
import { refusalsOf } from './refusals.ts'
import { sidecarOf } from './sidecar.ts'
import { livePods, type Subject } from './subjects.ts'
import type { Verdict } from './verdict.ts'

/** One sentence (two where something differs): what would happen now, what happened, why they differ. */
export function summaryOf(cluster: Cluster, subject: Subject, verdict: Verdict): Text {
  const [now, then, why] = [expectation(verdict), history(subject), reasons(cluster, subject)]
  const { kind } = subject.object
  const title = titleOf(subject)
  const next =
    kind === 'Pod'
      ? { en: `${title}, made anew,`, zh: `${title} 重新创建时` }
      : { en: `A new Pod of ${title}`, zh: `${title} 的新 Pod ` }
  return {
    en: `${next.en} ${now.en}; ${then.en}.${why.en === '' ? '' : ` ${why.en}.`}`,
    zh: `${next.zh}${now.zh}；${then.zh}。${why.zh === '' ? '' : `${why.zh}。`}`,
  }
}

function expectation({ expected, injector, decision, webhooks }: Verdict): Text {
  const by = injector === undefined ? undefined : injectorTitle(injector)
  switch (expected) {
    case 'injected':
      return by === undefined
        ? { en: 'would be injected, by several webhooks', zh: '会被多个 webhook 注入' }
        : { en: `would be injected by ${by}`, zh: `会被 ${by} 注入` }
    case 'not-injected':
      if (by !== undefined && decision !== undefined) {
        return {
          en: `would not be injected: ${by} is called and decides ${decision.reason}`,
          zh: `不会被注入：${by} 会被调用，其决定为 ${decision.reason}`,
        }
      }
      return webhooks.outcome === 'not-installed'
        ? { en: 'would not be injected: there is no injection webhook', zh: '不会被注入：没有注入 webhook' }
        : { en: 'would not be injected: no injection webhook is called', zh: '不会被注入：没有注入 webhook 被调用' }
    case 'refused':
      return { en: 'would be refused by the API server', zh: '会被 API server 拒绝' }
    case 'unknown':
      return {
        en: 'may or may not be injected: not all that decides could be read',
        zh: '是否注入无法判断：未能读取全部决定因素',
      }
  }
}

function history(subject: Subject): Text {
  const pods = livePods(subject)
  const kinds = pods.map((pod) => sidecarOf(pod).kind)
  const having = kinds.filter((kind) => kind === 'injected' || kind === 'by-hand').length
  const plural = pods.length === 1 ? 'Pod' : 'Pods'
  if (subject.object.kind === 'Pod' && pods.length === 1) {
    return having === 1
      ? { en: 'it has a sidecar', zh: '现在有 sidecar' }
      : { en: 'it has no sidecar', zh: '现在没有 sidecar' }
  }
  if (pods.length === 0) return { en: 'there is no running Pod', zh: '当前没有运行中的 Pod' }
  if (having === pods.length)
    return {
      en: pods.length === 1 ? 'its Pod has a sidecar' : `its ${pods.length} Pods have a sidecar`,
      zh: `现有 ${pods.length} 个 Pod 均有 sidecar`,
    }
  if (having === 0)
    return {
      en: pods.length === 1 ? 'its Pod has no sidecar' : `none of its ${pods.length} Pods has a sidecar`,
      zh: `现有 ${pods.length} 个 Pod 均没有 sidecar`,
    }
  return {
    en: `${having} of its ${pods.length} ${plural} have a sidecar`,
    zh: `现有 ${pods.length} 个 Pod 中 ${having} 个有 sidecar`,
  }
}

function reasons(cluster: Cluster, subject: Subject): Text {
  const total = livePods(subject).length
  const parts = differencesOf(cluster, subject).map(({ pods, because }): Text => {
    const some = pods.length < total ? `${pods.length}` : ''
    return {
      en: some === '' ? because.en : `${because.en} (${some} of ${total} Pods)`,
      zh: some === '' ? because.zh : `${because.zh}（${total} 个 Pod 中的 ${some} 个）`,
    }
  })
  const [refusal] = refusalsOf(cluster, subject)
  const differ = parts.length === 0 ? undefined : joined(parts)
  const refused: Text | undefined = refusal && {
    en: `Its Pods cannot be created: ${withoutStop(refusal.classification.verdict.en)}`,
    zh: `它的 Pod 无法创建：${withoutStop(refusal.classification.verdict.zh)}`,
  }
  return {
    en: [differ && `They differ because ${differ.en}`, refused?.en].filter(Boolean).join('. '),
    zh: [differ && `两者不同的原因：${differ.zh}`, refused?.zh].filter(Boolean).join('。'),
  }
}

function joined(parts: readonly Text[]): Text {
  return { en: parts.map(({ en }) => en).join('; '), zh: parts.map(({ zh }) => zh).join('；') }
}

function withoutStop(text: string): string {
  return text.replace(/[.。]$/, '')
}
