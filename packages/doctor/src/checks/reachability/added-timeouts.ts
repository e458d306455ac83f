import type { JsonPatchOperation } from '@proa/kube'
import type { Check } from '../../check.ts'
import { objectName } from '../../cluster/cluster.ts'
import type { Found } from '../../finding.ts'
import { allSteps, jsonPatch } from '../../fixes/patch-object.ts'
import { boundOf, type WaitedFor, type WorstWait, worstWait } from '../../mesh/waiting.ts'
import { nameOf } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'

/** Leaves some seconds of a request for everything else. */
const LIMIT = 30
const REQUEST_LIMIT = 34
const BETTER = 5

export const INJ163: Check = {
  id: 'INJ163',
  severity: 'warn',
  category: 'reachability',
  scope: 'cluster',
  needs: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'Namespace'],
  uses: ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'],
  title: {
    en: 'The timeouts of all webhooks for one Pod add up to more than a request may take',
    zh: '同一个 Pod 的所有 webhook 超时之和超过请求上限',
  },
  looksAt: {
    en: 'timeoutSeconds of all mutating and validating webhooks that are called for the creation of a Pod of a workload. Mutating ones are called one after the other, so they are added; validating ones at once, so the longest counts.',
    zh: '创建工作负载的 Pod 时会调用的所有 mutating 和 validating webhook 的 timeoutSeconds。mutating 依次调用，因此相加；validating 同时调用，取最长者。',
  },
  why: {
    en: `The API server ends a request after ${REQUEST_LIMIT} s. When several webhooks do not answer (a node or a network is gone), the Pod is refused even if all of them have failurePolicy Ignore.`,
    zh: `API server 在 ${REQUEST_LIMIT} 秒后终止请求。多个 webhook 同时无应答（节点或网络故障）时，即使 failurePolicy 都是 Ignore，Pod 也会被拒绝。`,
  },
  remedy: {
    en: 'Lower timeoutSeconds, or narrow the selectors and rules of webhooks that need not see every Pod.',
    zh: '降低 timeoutSeconds，或收窄不需要处理所有 Pod 的 webhook 的选择器和规则。',
  },
  references: ['kubernetes/kubernetes#128162', 'kubernetes/kubernetes#71508'],
  run(cluster) {
    if (boundOf(cluster) <= LIMIT) return []
    const worst = worstWait(cluster)
    return worst === undefined || worst.total <= LIMIT ? [] : [finding(worst)]
  },
}

function finding({ subject, called, total }: WorstWait): Found {
  const slow = called.toSorted((a, b) => b.timeout - a.timeout)
  const longest = slow.find(({ validating }) => !validating) ?? slow[0]
  return {
    outcome: 'found',
    object: longest === undefined ? subject.object : objectName(longest.configuration),
    message: {
      en: `Creating a Pod of ${titleOf(subject)} can wait ${total} s for its ${called.length} webhooks; the API server ends a request after ${REQUEST_LIMIT} s`,
      zh: `创建 ${titleOf(subject)} 的 Pod 最多会为 ${called.length} 个 webhook 等待 ${total} 秒，而 API server 在 ${REQUEST_LIMIT} 秒后终止请求`,
    },
    evidence: called.map(({ configuration, index, webhook, timeout, validating }) => ({
      object: objectName(configuration),
      path: `webhooks[${index}].timeoutSeconds`,
      value: timeout,
      label: validating
        ? { en: `${webhook}, validating: at once with others`, zh: `${webhook}，validating：与其他同时调用` }
        : { en: `${webhook}, mutating: one after the other`, zh: `${webhook}，mutating：依次调用` },
    })),
    confidence: 'certain',
    fix: lowered(slow),
  }
}

function lowered(called: readonly WaitedFor[]): NonNullable<Found['fix']> {
  const long = Map.groupBy(
    called.filter(({ timeout }) => timeout > BETTER),
    ({ configuration }) => configuration,
  )
  const names = [...long.keys()].map(nameOf).join(', ')
  return {
    text: {
      en: `Set ${BETTER} s in ${names}; also where each of them comes from, or its installer brings the old value back`,
      zh: `把 ${names} 设为 ${BETTER} 秒；各自的安装来源也要改，否则会恢复原值`,
    },
    ...allSteps(
      ...[...long].map(([configuration, entries]) =>
        jsonPatch(
          objectName(configuration),
          entries.flatMap(({ index, webhook }): JsonPatchOperation[] => [
            { op: 'test', path: `/webhooks/${index}/name`, value: webhook },
            { op: 'add', path: `/webhooks/${index}/timeoutSeconds`, value: BETTER },
          ]),
        ),
      ),
    ),
  }
}
