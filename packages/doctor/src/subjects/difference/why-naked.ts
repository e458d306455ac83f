import type { Cluster } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { timeText } from '../../reading.ts'
import { namespaceName } from '../wishes.ts'
import { failedOpen } from './failed-open.ts'
import { neededLabels, olderThanNamespaceLabel, olderThanPodLabel } from './older-than-label.ts'
import { olderThanConfiguration, olderThanInjector, olderThanSettings, olderThanWebhook } from './older-than-webhook.ts'
import { madeFromOtherTemplate } from './other-template.ts'
import { raced } from './raced.ts'
import { createdAt, createdEvidence, tellsTimes } from './times.ts'
import type { Difference, Question } from './types.ts'

/**
 * Why a Pod has no sidecar although a new one would get it. What is written in objects goes before what can only be supposed; the
 * first that holds is the answer.
 */
export function whyNaked(cluster: Cluster, question: Question): Difference {
  return (
    madeFromOtherTemplate(cluster, question) ??
    olderThanPodLabel(cluster, question) ??
    olderThanWebhook(question) ??
    olderThanNamespaceLabel(cluster, question) ??
    failedOpen(cluster, question, 'proven') ??
    raced(cluster, question) ??
    olderThanInjector(cluster, question) ??
    olderThanSettings(question) ??
    olderThanConfiguration(question) ??
    unwrittenLabelTime(cluster, question) ??
    failedOpen(cluster, question, 'supposed') ??
    unexplained(question)
  )
}

/** With failurePolicy Fail and a webhook that was there before, only the label can be younger; files often do not say when it was set. */
function unwrittenLabelTime(cluster: Cluster, { subject, pod, verdict }: Question): Difference | undefined {
  const namespace = cluster.find('Namespace', '', subject.namespace)
  const [key] = neededLabels(cluster, { subject, pod, verdict })
  const certainlyCalled = verdict.injector?.settings.failurePolicy === 'Fail'
  if (key === undefined || namespace === undefined || tellsTimes(namespace)) return undefined
  const place = `${key} of namespace ${subject.namespace}`
  const evidence = [createdEvidence(pod), unwritten(subject.namespace, key)]
  if (certainlyCalled) {
    return {
      kind: 'older',
      than: 'namespace-label',
      pods: [pod],
      confidence: 'likely',
      evidence,
      because: {
        en: `it is probably older than the label ${place}; when that was set is not in the snapshot`,
        zh: `它很可能早于命名空间 ${subject.namespace} 的标签 ${key}；快照中没有该标签的设置时间`,
      },
    }
  }
  return {
    kind: 'unexplained',
    pods: [pod],
    confidence: 'cannot-tell',
    evidence,
    because: {
      en: `it is older than the label ${place}, or the webhook could not be called (failurePolicy Ignore); the snapshot does not tell which`,
      zh: `它早于命名空间 ${subject.namespace} 的标签 ${key}，或者当时 webhook 无法调用（failurePolicy 为 Ignore）；快照无法区分`,
    },
  }
}

function unwritten(namespace: string, key: string): Evidence {
  return {
    object: namespaceName(namespace),
    path: 'metadata.managedFields',
    label: { en: `would tell when ${key} was set`, zh: `可说明 ${key} 的设置时间` },
  }
}

function unexplained({ pod, verdict }: Question): Difference {
  const created = createdAt(pod)
  const when = created === undefined ? '' : ` (${timeText(created)})`
  return {
    kind: 'unexplained',
    pods: [pod],
    confidence: 'cannot-tell',
    evidence: [
      createdEvidence(pod),
      ...(verdict.injector === undefined ? [] : [createdEvidence(verdict.injector.object)]),
    ],
    because: {
      en: `labels, webhook and configuration seem to have been the same when it was created${when}; a change that left no trace, or another admission plugin, may be the cause`,
      zh: `它创建时${when}标签、webhook 与配置似乎与现在相同；可能有未留痕迹的变更，或是其他准入插件所致`,
    },
  }
}
