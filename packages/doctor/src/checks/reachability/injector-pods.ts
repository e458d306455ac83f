import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendWorkloads,
  revisionOf,
} from '../../mesh/backends.ts'
import { type PodState, podState } from '../../mesh/pod-state.ts'
import { livePods, type Subject, subjectOfPod, titleOf } from '../../subjects/subjects.ts'
import { consequence, ofCodes, saidBy } from './evidence.ts'
import { podAdvice, podSentence } from './pod-words.ts'

export const INJ155: Check = {
  id: 'INJ155',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Pod'],
  uses: ['Service', 'Deployment', 'ReplicaSet', 'Event'],
  title: { en: 'Injector Pods are not ready', zh: '注入器 Pod 未就绪' },
  looksAt: {
    en: 'The Pods behind every injection webhook: conditions, waiting and termination reasons, restarts, scheduling, probes, and the end of their logs.',
    zh: '每个注入 webhook 背后的 Pod：状况、等待和终止原因、重启次数、调度、探针以及日志末尾。',
  },
  why: {
    en: 'Only ready Pods are called. With none of them left Pods cannot be created or come without a sidecar; with some left the next disturbance has that effect.',
    zh: '只有就绪的 Pod 会被调用。全部未就绪时 Pod 无法创建或没有 sidecar；部分未就绪时，再出一次问题就会如此。',
  },
  remedy: {
    en: 'Read the reason from the status and the log, and repair that.',
    zh: '从状态和日志中找出原因并修复。',
  },
  references: ['istio/istio#61049', 'istio/istio#26380', 'istio/istio#21147'],
  run: (cluster) => {
    const seen = new Set<string>()
    return backends(cluster).flatMap((backend) =>
      injectorGroups(cluster, backend).flatMap(({ subject, states }) => {
        const key = `${subject.object.kind}/${subject.name}/${subject.namespace}`
        if (seen.has(key)) return []
        seen.add(key)
        return judge(cluster, backend, subject, states)
      }),
    )
  },
}

interface Group {
  readonly subject: Subject
  readonly states: readonly PodState[]
}

/** The Pods that the Service selects, by workload; where the Service is missing, those of the workloads that should be behind it. */
function injectorGroups(cluster: Cluster, backend: Backend): readonly Group[] {
  const selected = backendPods(cluster, backend)
  const pods = selected.length > 0 ? selected : backendWorkloads(cluster, backend).flatMap(livePods)
  const groups = new Map<Subject, PodState[]>()
  for (const pod of pods) {
    const subject = subjectOfPod(cluster, pod)
    if (subject === undefined) continue
    const states = groups.get(subject) ?? []
    states.push(podState(cluster, pod))
    groups.set(subject, states)
  }
  return [...groups].map(([subject, states]) => ({ subject, states }))
}

/** A Pod that was just created gets this long, in seconds, as long as others are ready: rollouts are no disturbance. */
const STARTING = 180

function judge(
  cluster: Cluster,
  backend: Backend,
  subject: Subject,
  states: readonly PodState[],
): readonly CheckOutcome[] {
  const ready = states.filter((state) => state.ready).length
  const troubled = states.filter((state) => !state.ready && !(ready > 0 && isStarting(state)))
  const [worst] = troubled.toSorted((a, b) => weight(b) - weight(a))
  if (worst === undefined) return []
  const none = ready === 0
  const failures = backendFailures(cluster, backend)
  const sentence = podSentence(worst)
  const advice = podAdvice(worst)
  return [
    {
      outcome: 'found',
      object: subject.object,
      ...revisionOf(backend),
      ...(none ? {} : { severity: 'warn' as const }),
      message: {
        en: `${ready} of ${states.length} Pods of the injector ${titleOf(subject)} ${ready === 1 ? 'is' : 'are'} ready: ${sentence.en}`,
        zh: `注入器 ${titleOf(subject)} 的 ${states.length} 个 Pod 中有 ${ready} 个就绪：${sentence.zh}`,
      },
      ...(none ? { meaning: consequence(backend.injectors) } : {}),
      evidence: [...troubled.flatMap(podEvidence), ...(none ? saidBy(ofCodes(failures, SYMPTOMS)) : [])],
      confidence: 'certain',
      fix: { text: advice.text, commands: advice.commands, changes: [] },
    } satisfies Found,
  ]
}

/** What API servers say when no Pod answers. */
const SYMPTOMS = [
  'no-endpoints',
  'connection-refused',
  'connection-closed',
  'connection-reset',
  'webhook-unavailable',
] as const

function isStarting({ age, trouble, restarts }: PodState): boolean {
  return age !== undefined && age < STARTING && restarts === 0 && (trouble === 'creating' || trouble === 'probe')
}

function weight({ trouble }: PodState): number {
  return trouble === 'creating' || trouble === 'unknown' ? 0 : 1
}

function podEvidence({ pod, evidence }: PodState): readonly Evidence[] {
  return evidence.map((one) => (one.object === undefined ? { object: objectName(pod), ...one } : one))
}
