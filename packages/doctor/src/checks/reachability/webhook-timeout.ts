import type { JsonPatchOperation } from '@proa/kube'
import type { Check } from '../../check.ts'
import { objectName } from '../../cluster/cluster.ts'
import type { Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { timeoutOf } from '../../mesh/timeouts.ts'

export const INJ162: Check = {
  id: 'INJ162',
  severity: 'warn',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  title: { en: 'timeoutSeconds of the webhook is too long or too short', zh: 'webhook 的 timeoutSeconds 过长或过短' },
  looksAt: {
    en: 'timeoutSeconds of every injection webhook: 15 and more, or 1.',
    zh: '每个注入 webhook 的 timeoutSeconds：15 及以上，或 1。',
  },
  why: {
    en: 'When the injector does not answer, every Pod creation hangs for that long, and the waiting of all webhooks adds up to the limit of a request. With 1 second a short pause (garbage collection, a cold start) counts as a failure.',
    zh: '注入器无应答时，每次创建 Pod 都会卡住这么久，且各 webhook 的等待会累加到请求的上限。只有 1 秒时，短暂停顿（GC、冷启动）就算失败。',
  },
  remedy: {
    en: 'Set 3 to 5 seconds: an injection takes milliseconds. The default is 10.',
    zh: '设为 3 到 5 秒：注入只需毫秒级。默认值是 10。',
  },
  references: ['istio/istio#21058', 'kubernetes/kubernetes#60914'],
  run(cluster) {
    const odd = injectors(cluster).filter((one) => !one.deactivated && isOdd(timeoutOf(one.object, one.entry)))
    const byConfiguration = Map.groupBy(odd, ({ configuration }) => configuration)
    return [...byConfiguration.values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [finding(first, [first, ...rest])],
    )
  },
}

const LONG = 15
const BETTER = 5

const isOdd = (seconds: number): boolean => seconds >= LONG || seconds <= 1

function finding(first: Injector, all: readonly Injector[]): Found {
  const seconds = timeoutOf(first.object, first.entry)
  const operations = all.flatMap(({ index, webhook }): JsonPatchOperation[] => [
    { op: 'test', path: `/webhooks/${index}/name`, value: webhook },
    { op: 'add', path: `/webhooks/${index}/timeoutSeconds`, value: BETTER },
  ])
  const isLong = seconds >= LONG
  const object = objectName(first.object)
  return {
    outcome: 'found',
    object,
    revision: first.revision,
    message: isLong
      ? {
          en: `${first.configuration} lets the API server wait ${seconds} s for an answer: for so long every Pod creation hangs when the injector does not answer`,
          zh: `${first.configuration} 让 API server 等待应答 ${seconds} 秒：注入器无应答时，每次创建 Pod 都会卡住这么久`,
        }
      : {
          en: `${first.configuration} lets the API server wait only ${seconds} s for an answer: short pauses of the injector count as failures`,
          zh: `${first.configuration} 只让 API server 等待应答 ${seconds} 秒：注入器的短暂停顿就会算作失败`,
        },
    evidence: all.map(({ index, object: configuration, entry }) => ({
      path: `webhooks[${index}].timeoutSeconds`,
      value: timeoutOf(configuration, entry),
    })),
    confidence: 'certain',
    fix: {
      text: {
        en: `Set ${BETTER} s; also where the installation comes from (Helm values, Git), or the next upgrade brings it back`,
        zh: `设为 ${BETTER} 秒；安装来源（Helm values、Git）中也要改，否则下次升级会恢复原值`,
      },
      ...jsonPatch(object, operations),
    },
  }
}
