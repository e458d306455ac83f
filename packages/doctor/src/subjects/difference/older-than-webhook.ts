import type { JsonObject } from '@proa/kube'
import { type Cluster, controllerOf, objectName } from '../../cluster/cluster.ts'
import { type FieldWrite, fieldWrite } from '../../cluster/managed-fields.ts'
import type { Text } from '../../language.ts'
import { injectorPods } from '../../mesh/readiness.ts'
import { nameOf, namespaceOf, textAt, timeText } from '../../reading.ts'
import { createdAt, createdEvidence, writeEvidence } from './times.ts'
import type { Difference, OlderThan, Question } from './types.ts'

/** The configuration of the webhook was created after the Pod. */
export function olderThanWebhook({ pod, verdict }: Question): Difference | undefined {
  const { injector } = verdict
  return injector === undefined ? undefined : createdBefore(pod, injector.object, 'webhook', 'certain')
}

/** What runs the injector was created after the Pod: nobody answered before, and failurePolicy Ignore let the Pod through. */
export function olderThanInjector(cluster: Cluster, { pod, verdict }: Question): Difference | undefined {
  const { revision, injector } = verdict
  if (revision === undefined || injector?.settings.failurePolicy !== 'Ignore') return undefined
  const runners = new Set(injectorPods(cluster, revision).map((one) => workloadOf(cluster, one)))
  const all = [...runners].map((runner) => runner && createdBefore(pod, runner, 'injector', 'likely'))
  const [first] = all
  return all.length > 0 && all.every((one) => one !== undefined) ? first : undefined
}

/** Pods come and go; the Deployment tells since when there is an injector at all. */
function workloadOf(cluster: Cluster, pod: JsonObject): JsonObject | undefined {
  const namespace = namespaceOf(pod)
  const replicaSet = cluster.find('ReplicaSet', namespace, textAt(controllerOf(pod), 'name'))
  const above = replicaSet === undefined ? undefined : controllerOf(replicaSet)
  return cluster.find('Deployment', namespace, textAt(above, 'name'))
}

function createdBefore(
  pod: JsonObject,
  other: JsonObject,
  than: OlderThan,
  confidence: Difference['confidence'],
): Difference | undefined {
  const [created, since] = [createdAt(pod), createdAt(other)]
  if (created === undefined || since === undefined || since <= created) return undefined
  const name = `${textAt(other, 'kind')} ${nameOf(other)}`
  return {
    kind: 'older',
    than,
    since,
    pods: [pod],
    confidence,
    evidence: [createdEvidence(pod), createdEvidence(other)],
    because: {
      en: `it was created at ${timeText(created)}, before ${name} (${timeText(since)})`,
      zh: `它创建于 ${timeText(created)}，早于 ${name}（${timeText(since)}）`,
    },
  }
}

const SETTINGS = ['f:namespaceSelector', 'f:objectSelector', 'f:rules', 'f:matchConditions'] as const

/** Selectors, rules or conditions of the webhook were written after the Pod was created. Which of them changed is not written. */
export function olderThanSettings({ pod, verdict }: Question): Difference | undefined {
  const { injector } = verdict
  if (injector === undefined) return undefined
  const entry = ['f:webhooks', `k:{"name":${JSON.stringify(injector.webhook)}}`]
  const writes = SETTINGS.flatMap((field) => fieldWrite(injector.object, [...entry, field]) ?? [])
  return writtenAfter(pod, injector.object, writes, 'webhook-settings', {
    path: `webhooks[${injector.index}]`,
    what: {
      en: `the settings of the webhook ${injector.webhook} were last written`,
      zh: `webhook ${injector.webhook} 的设置最后一次写入`,
    },
  })
}

/** The injector's own configuration was written after the Pod was created: its policy and selectors may have been others. */
export function olderThanConfiguration({ pod, verdict }: Question): Difference | undefined {
  const configMap = verdict.revision?.configMap
  if (configMap === undefined) return undefined
  const name = `ConfigMap ${namespaceOf(configMap)}/${nameOf(configMap)}`
  const created = createdBefore(pod, configMap, 'configuration', 'likely')
  if (created !== undefined) return created
  const write = fieldWrite(configMap, ['f:data', 'f:config'])
  return writtenAfter(pod, configMap, write === undefined ? [] : [write], 'configuration', {
    path: 'data.config',
    what: { en: `${name} was last written`, zh: `${name} 最后一次写入` },
  })
}

function writtenAfter(
  pod: JsonObject,
  object: JsonObject,
  writes: readonly FieldWrite[],
  than: OlderThan,
  { path, what }: { readonly path: string; readonly what: Text },
): Difference | undefined {
  const created = createdAt(pod)
  const [write] = writes.filter(({ time }) => created !== undefined && time > created)
  if (created === undefined || write === undefined) return undefined
  return {
    kind: 'older',
    than,
    since: write.time,
    pods: [pod],
    confidence: 'likely',
    evidence: [createdEvidence(pod), { ...writeEvidence(object, write, path), object: objectName(object) }],
    because: {
      en: `it was created at ${timeText(created)}, and ${what.en} after that (${timeText(write.time)})`,
      zh: `它创建于 ${timeText(created)}，而${what.zh}在此之后（${timeText(write.time)}）`,
    },
  }
}
