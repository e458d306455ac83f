import type { Cluster } from '../../../cluster/cluster.ts'
import { namespaceLabels } from '../../../cluster/namespaces.ts'
import type { Evidence, Fix } from '../../../finding.ts'
import { kubectl, shellWord } from '../../../fixes/kubectl.ts'
import type { Text } from '../../../language.ts'
import { at, isTrueAt, nameOf, textAt } from '../../../reading.ts'
import { namespaceName } from '../../../subjects/wishes.ts'
import type { Proxied } from '../proxied.ts'

const IMAGE = 'nicolaka/netshoot'
const CAPTURE = 'tcpdump -i any -nn'
const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** The level that the namespace enforces, where it forbids NET_RAW and NET_ADMIN. */
export function forbiddingLevel(cluster: Cluster, namespace: string): 'baseline' | 'restricted' | undefined {
  const labels = namespaceLabels(cluster).get(namespace)
  const level = labels !== undefined && Object.hasOwn(labels, ENFORCE) ? labels[ENFORCE] : undefined
  return level === 'baseline' || level === 'restricted' ? level : undefined
}

export function levelEvidence(namespace: string, level: string): Evidence {
  return { object: namespaceName(namespace), path: `metadata.labels["${ENFORCE}"]`, value: level }
}

/** The command that captures the traffic of the Pod, in the Pod where that is allowed, else on its Node. */
export function captureFix(one: Proxied, level: string | undefined): Fix {
  return level === undefined ? inPodFix(one) : onNodeFix(one, level)
}

/** An ephemeral container shares the network of the Pod. It is subject to the Pod's own securityContext. */
function inPodFix({ subject, pod, from }: Proxied): Fix {
  const name = from === 'live' ? nameOf(pod) : ''
  const target = name === '' ? 'POD' : shellWord(name)
  const debug = `${kubectl(subject)} debug -it ${target} --image=${IMAGE} --target=istio-proxy --profile=netadmin`
  if (!needsRoot(pod)) {
    return {
      text: {
        en: `Capture from an ephemeral container, which shares the network of the Pod (kubectl 1.27 or later; no restart). "lo" shows what goes between the proxy and the application`,
        zh: '使用与 Pod 共享网络的临时容器抓包（kubectl 1.27 及以上，无需重启）。"lo" 上可看到代理与应用之间的流量',
      },
      commands: [`${debug} -- ${CAPTURE}`],
      changes: [],
    }
  }
  const custom = '{"securityContext":{"runAsUser":0,"runAsNonRoot":false}}'
  return {
    text: {
      en: 'Capture from an ephemeral container, which shares the network of the Pod. The securityContext of the Pod makes it run without root; --custom (kubectl 1.32 or later) takes that back for this container',
      zh: '使用与 Pod 共享网络的临时容器抓包。Pod 级 securityContext 会使其以非 root 运行；--custom（kubectl 1.32 及以上）可为该容器取消此限制',
    },
    commands: [`printf '%s' ${shellWord(custom)} > debug.json`, `${debug} --custom=debug.json -- ${CAPTURE}`],
    changes: [],
  }
}

/** Capabilities that are added mean nothing to a process that is not root. */
function needsRoot(pod: Proxied['pod']): boolean {
  const user = at(pod, 'spec', 'securityContext', 'runAsUser')
  return (typeof user === 'number' && user !== 0) || isTrueAt(pod, 'spec', 'securityContext', 'runAsNonRoot')
}

function onNodeFix({ subject, pod, from }: Proxied, level: string): Fix {
  const node = from === 'live' ? textAt(pod, 'spec', 'nodeName') : ''
  const address = from === 'live' ? textAt(pod, 'status', 'podIP') : ''
  const text: Text = {
    en: `The namespace ${subject.namespace} enforces Pod Security "${level}", which refuses a debug container with NET_RAW. Capture on the Node instead, from a namespace that allows it: this shows what enters and leaves the Pod, not what goes between proxy and application`,
    zh: `命名空间 ${subject.namespace} 强制执行 Pod Security "${level}"，会拒绝带 NET_RAW 的调试容器。请改在节点上、从允许的命名空间抓包：可看到进出 Pod 的流量，看不到代理与应用之间的流量`,
  }
  const debug = `kubectl -n kube-system debug -it node/${node === '' ? 'NODE' : shellWord(node)} --image=${IMAGE} --profile=netadmin`
  return { text, commands: [`${debug} -- ${CAPTURE} host ${address === '' ? 'POD_IP' : address}`], changes: [] }
}
