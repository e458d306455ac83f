import type { Check } from '../../../check.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { CheckOutcome } from '../../../finding.ts'
import { titleOf } from '../../../subjects/subjects.ts'
import { type Proxied, proxied } from '../proxied.ts'
import { captureFix, forbiddingLevel, levelEvidence } from './debug-commands.ts'
import { obstacles } from './obstacles.ts'

export const INJ333: Check = {
  id: 'INJ333',
  severity: 'info',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Namespace', 'Deployment', 'ConfigMap', 'MutatingWebhookConfiguration'],
  title: { en: 'tcpdump does not work in the sidecar', zh: '无法在 sidecar 中使用 tcpdump' },
  looksAt: {
    en: 'The securityContext of istio-proxy and of its Pod: user, capabilities, privilege escalation, read-only root filesystem; whether the image is distroless; and whether the Pod Security level of the namespace allows a debug container that can capture.',
    zh: 'istio-proxy 及其 Pod 的 securityContext：用户、capabilities、权限提升、只读根文件系统；镜像是否为 distroless；以及命名空间的 Pod Security 级别是否允许可抓包的调试容器。',
  },
  why: {
    en: 'The sidecar runs as user 1337 without NET_RAW, so that "kubectl exec ... -c istio-proxy -- tcpdump" ends with "You don\'t have permission to capture on that device". Nothing is wrong with the Pod.',
    zh: 'sidecar 以用户 1337 运行且没有 NET_RAW，因此 "kubectl exec ... -c istio-proxy -- tcpdump" 会以 "You don\'t have permission to capture on that device" 结束。Pod 本身没有问题。',
  },
  remedy: {
    en: 'Capture from an ephemeral debug container with the profile netadmin, or on the Node.',
    zh: '使用 netadmin 配置的临时调试容器抓包，或在节点上抓包。',
  },
  references: ['istio/istio#30982', 'istio/istio#45383', 'linkerd/linkerd2#2199'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): CheckOutcome[] {
  const found = obstacles(one)
  if (found.length === 0) return []
  const { subject } = one
  const level = forbiddingLevel(cluster, subject.namespace)
  return [
    {
      outcome: 'found',
      routine: true,
      object: subject.object,
      message: {
        en: `tcpdump in istio-proxy of ${titleOf(subject)} fails: ${found.map(({ en }) => en).join('; ')}`,
        zh: `在 ${titleOf(subject)} 的 istio-proxy 中运行 tcpdump 会失败：${found.map(({ zh }) => zh).join('；')}`,
      },
      evidence: [
        ...found.map(({ evidence }) => evidence),
        ...(level === undefined ? [] : [levelEvidence(subject.namespace, level)]),
      ],
      confidence: 'certain',
      fix: captureFix(one, level),
    },
  ]
}
