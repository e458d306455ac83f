import { type Cluster, remembered } from '../cluster/cluster.ts'
import { type ClusterEvent, events } from '../cluster/events.ts'
import type { Evidence } from '../finding.ts'
import type { Injector } from '../mesh/injectors.ts'
import { type Classification, classifyMessage, type MessageCode } from '../messages/index.ts'
import { nameOf, namespaceOf } from '../reading.ts'

/** An Event in which an API server says why it could not use a webhook. */
export interface WebhookFailure {
  readonly event: ClusterEvent
  readonly classification: Classification
}

/** Newest first, one per message: a Deployment that cannot grow says the same for each of its Pods. */
const failures: (cluster: Cluster) => readonly WebhookFailure[] = remembered((cluster) => {
  const seen = new Set<string>()
  return events(cluster).flatMap((event) => {
    if (event.type === 'Normal' || !event.message.includes('webhook') || seen.has(event.message)) return []
    seen.add(event.message)
    return classifyMessage(event.message).map((classification) => ({ event, classification }))
  })
})

/** What API servers said of calls of this webhook. */
export function failuresOf(
  cluster: Cluster,
  { webhook, service }: Injector,
  codes: readonly MessageCode[],
): readonly WebhookFailure[] {
  return failures(cluster).filter(({ classification }) => {
    const called = classification.service
    const sameService =
      called === undefined ||
      service === undefined ||
      (called.name === service.name && called.namespace === service.namespace)
    return classification.webhook === webhook && sameService && codes.includes(classification.code)
  })
}

export function failureEvidence({ event, classification }: WebhookFailure): Evidence {
  const [namespace, name] = [namespaceOf(event.object), nameOf(event.object)]
  return {
    object: { apiVersion: 'v1', kind: 'Event', ...(namespace === '' ? {} : { namespace }), name },
    path: 'message',
    value: classification.message,
    label: {
      en: `the API server, about ${event.kind} ${event.name}`,
      zh: `API server 关于 ${event.kind} ${event.name} 的消息`,
    },
  }
}
