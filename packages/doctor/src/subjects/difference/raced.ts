import type { Cluster } from '../../cluster/cluster.ts'
import { labelWrite } from '../../cluster/managed-fields.ts'
import type { Evidence } from '../../finding.ts'
import { timeText } from '../../reading.ts'
import { neededLabels } from './older-than-label.ts'
import { createdAt, createdEvidence, writeEvidence } from './times.ts'
import type { Difference, Question } from './types.ts'

/** API servers learn of webhooks and labels by watches; under load that takes seconds. */
const SECONDS = 10

/**
 * The Pod was created within seconds after its namespace was labelled, or after the webhook was created: each API server goes by the labels and webhooks
 * that it has heard of.
 */
export function raced(cluster: Cluster, question: Question): Difference | undefined {
  const { pod, subject, verdict } = question
  const created = createdAt(pod)
  if (created === undefined) return undefined
  const near = (time: number | undefined): time is number =>
    time !== undefined && created >= time && created - time <= SECONDS * 1000
  const namespace = cluster.find('Namespace', '', subject.namespace)
  if (namespace !== undefined) {
    for (const key of neededLabels(cluster, question)) {
      const write = labelWrite(namespace, key)
      const since = write?.time ?? createdAt(namespace)
      if (!near(since)) continue
      const evidence = write === undefined ? createdEvidence(namespace) : writeEvidence(namespace, write, key)
      const what = { en: `namespace ${subject.namespace} got its label`, zh: `命名空间 ${subject.namespace} 得到标签` }
      return racedWith(question, created, since, evidence, what)
    }
  }
  const webhook = verdict.injector?.object
  const since = webhook && createdAt(webhook)
  if (webhook === undefined || !near(since)) return undefined
  return racedWith(question, created, since, createdEvidence(webhook), {
    en: 'the webhook was created',
    zh: 'webhook 创建',
  })
}

function racedWith(
  { pod }: Question,
  created: number,
  since: number,
  evidence: Evidence,
  what: { readonly en: string; readonly zh: string },
): Difference {
  const seconds = Math.round((created - since) / 1000)
  return {
    kind: 'raced',
    pods: [pod],
    confidence: 'likely',
    evidence: [createdEvidence(pod), evidence],
    because: {
      en: `it was created at ${timeText(created)}, ${seconds} s after ${what.en}: the API server had probably not heard of it yet`,
      zh: `它创建于 ${timeText(created)}，距${what.zh}仅 ${seconds} 秒：API server 可能尚未得知`,
    },
  }
}
