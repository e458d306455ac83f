import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { type Refusal, securityRefusals } from './pod-refusals.ts'

/** What others than Pod Security said, and Pod Security where the Pod after injection is not known. */
export function refused(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const refusal = securityRefusals(cluster).get(subject)
  if (refusal === undefined) return []
  const { message, webhook } = refusal.failure.classification
  const injected = /istio-(?:init|proxy|validation)|NET_ADMIN|NET_RAW|\b1337\b/.test(refusal.sighting.message)
  if (!injected && verdictOf(cluster, subject).expected === 'not-injected') return []
  const { en, zh } = WHO[refusal.code]
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `Pods of ${titleOf(subject)} are refused by ${webhook === undefined ? en : `${en} ${webhook}`}${injected ? ', for what was injected' : ''}`,
        zh: `${titleOf(subject)} 的 Pod 被 ${webhook === undefined ? zh : `${zh} ${webhook}`} 拒绝${injected ? '，原因在于注入的部分' : ''}`,
      },
      meaning: refusal.failure.classification.verdict,
      evidence: [refusal.sighting.evidence],
      confidence: injected ? 'certain' : 'cannot-tell',
      fix: refusalFix(refusal, subject, message),
    },
  ]
}

const WHO = {
  'pod-security': { en: 'Pod Security admission', zh: 'Pod 安全准入' },
  'pod-security-policy': { en: 'a PodSecurityPolicy', zh: 'PodSecurityPolicy' },
  'security-context-constraints': { en: 'the security context constraints of OpenShift', zh: 'OpenShift 的 SCC' },
  'denied-by-policy': { en: 'a policy', zh: '策略' },
} as const

function refusalFix({ code }: Refusal, { namespace }: Subject, message: string): Fix {
  const cni = 'istioctl install --set components.cni.enabled=true'
  if (code === 'security-context-constraints') {
    return {
      text: {
        en: `Best: install the CNI plugin of OpenShift (istioctl install --set profile=openshift). Otherwise let the service accounts of ${namespace} use the constraint anyuid, with NET_ADMIN and NET_RAW`,
        zh: `最佳做法：安装 OpenShift 的 CNI 插件（istioctl install --set profile=openshift）。否则允许 ${namespace} 的 ServiceAccount 使用 anyuid 约束，并加上 NET_ADMIN 和 NET_RAW`,
      },
      commands: [`oc adm policy add-scc-to-group anyuid system:serviceaccounts:${namespace}`],
      changes: [],
    }
  }
  return {
    text: {
      en: `Install the CNI plugin (${cni}), so that istio-init is not needed, or except the containers of Istio in the policy: ${message.slice(0, 300)}`,
      zh: `安装 CNI 插件（${cni}），不再需要 istio-init；或在策略中排除 Istio 的容器：${message.slice(0, 300)}`,
    },
    commands: [],
    changes: [],
  }
}
