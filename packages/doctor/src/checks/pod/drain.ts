import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { at } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { inPod, type Proxied, proxied } from './proxied.ts'
import { longest, type PreStop, type Shutdown, shutdownOf } from './shutdown.ts'
import { templateChange } from './template-change.ts'

export const INJ306: Check = {
  id: 'INJ306',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'The grace period is too short for the drain', zh: '宽限期不足以完成排空' },
  looksAt: {
    en: 'How long the Pod takes to end, against terminationGracePeriodSeconds (30 by default): the preStop sleep of each container, and the preStop sleep of the proxy plus terminationDrainDuration (5s by default), or MINIMUM_DRAIN_DURATION with EXIT_ON_ZERO_ACTIVE_CONNECTIONS. A native sidecar ends after the application, without a drain of its own.',
    zh: '对比 Pod 结束所需的时间与 terminationGracePeriodSeconds（默认 30）：各容器 preStop 的 sleep，以及代理 preStop 的 sleep 加 terminationDrainDuration（默认 5s）；启用 EXIT_ON_ZERO_ACTIVE_CONNECTIONS 时为 MINIMUM_DRAIN_DURATION。原生 sidecar 在应用之后结束，不再单独排空。',
  },
  why: {
    en: 'When the grace period is over the kubelet kills what still runs: requests are cut off at every deployment and every scale-down.',
    zh: '宽限期结束后 kubelet 会强制杀死仍在运行的容器：每次发布或缩容时请求都会被中断。',
  },
  remedy: {
    en: 'Give the Pod a grace period that is longer than the hooks and the drain together.',
    zh: '把宽限期设置为大于钩子与排空时间之和。',
  },
  references: ['istio/istio#34855', 'istio/istio#36681', 'istio/istio#37541'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): readonly CheckOutcome[] {
  const times = shutdownOf(cluster, one)
  const hook = longest(times.preStops)
  const proxyNeeds = times.native ? 0 : times.proxyPreStop + times.drain
  if (times.grace <= 0) return []
  if (hook !== undefined && hook.seconds >= times.grace) return [hookFinding(one, times, hook)]
  return proxyNeeds > times.grace ? [drainFinding(one, times, proxyNeeds)] : []
}

function hookFinding(
  one: Proxied,
  { grace, graceEvidence, drain, drainEvidence, native }: Shutdown,
  hook: PreStop,
): CheckOutcome {
  const { app, seconds, evidence } = hook
  return {
    outcome: 'found',
    object: one.subject.object,
    message: {
      en: `The preStop hook of ${app.name} in ${titleOf(one.subject)} waits ${seconds} s, and the Pod has ${grace} s to end: ${app.name} is killed before it is asked to stop`,
      zh: `${titleOf(one.subject)} 中 ${app.name} 的 preStop 钩子等待 ${seconds} 秒，而 Pod 的宽限期为 ${grace} 秒：${app.name} 还未收到停止信号就会被强制杀死`,
    },
    evidence: [evidence, graceEvidence, ...(native ? [] : [drainEvidence])],
    confidence: 'certain',
    fix: longerGrace(one, seconds + Math.max(drain, 10)),
  }
}

function drainFinding(one: Proxied, times: Shutdown, needed: number): CheckOutcome {
  const { grace, graceEvidence, drain, drainEvidence, proxyPreStop } = times
  const sum = proxyPreStop === 0 ? `${drain} s` : `${proxyPreStop} + ${drain} = ${needed} s`
  return {
    outcome: 'found',
    object: one.subject.object,
    message: {
      en: `istio-proxy of ${titleOf(one.subject)} needs ${sum} to drain, and the Pod has ${grace} s to end: the rest of its connections is cut off`,
      zh: `${titleOf(one.subject)} 的 istio-proxy 排空需要 ${sum}，而 Pod 的宽限期为 ${grace} 秒：其余连接会被切断`,
    },
    evidence: [
      ...(proxyPreStop === 0
        ? []
        : [inPod(one, 'spec.containers[name=istio-proxy].lifecycle.preStop', at(one.proxy, 'lifecycle', 'preStop'))]),
      drainEvidence,
      graceEvidence,
    ],
    confidence: 'certain',
    fix: longerGrace(one, needed + 5),
  }
}

function longerGrace({ subject }: Proxied, needed: number): ReturnType<typeof templateChange> {
  const seconds = Math.ceil(needed / 5) * 5
  return templateChange(
    subject,
    {
      en: `Set terminationGracePeriodSeconds to ${seconds}`,
      zh: `将 terminationGracePeriodSeconds 设为 ${seconds}`,
    },
    { spec: { terminationGracePeriodSeconds: seconds } },
  )
}
