import type { Cluster } from '../../cluster/cluster.ts'
import type { Fix } from '../../finding.ts'
import { shellWord } from '../../fixes/kubectl.ts'
import { apiServers } from '../../mesh/api-servers.ts'

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml'

export interface NoProxyPlace {
  /** The variable that there is: `NO_PROXY` or `no_proxy`; undefined: there is none yet. */
  readonly name: string | undefined
  /** The variable behind which a new one is written. */
  readonly after: string
  /** The control plane node; "" when it is not known. */
  readonly node: string
}

/**
 * A static Pod cannot be changed through the API: the file on the node is edited, and the kubelet starts the API server anew. In k3s
 * and RKE2 the API server is a part of another program with a file of variables.
 */
export function noProxyFix(cluster: Cluster, value: string, place: NoProxyPlace): Fix {
  const version = cluster.snapshot.kubernetesVersion ?? ''
  const bundled = /\+(k3s|rke2)/.exec(version)?.[1]
  if (bundled !== undefined) return bundledFix(bundled, value)
  const seen = apiServers(cluster).length > 0
  const on = place.node === '' ? 'every control plane node' : `the node ${place.node}`
  const onZh = place.node === '' ? '每个控制平面节点' : `节点 ${place.node} `
  return {
    text: {
      en: seen
        ? `On ${on} set ${place.name ?? 'NO_PROXY'}=${value} in ${MANIFEST}; the kubelet then starts the API server anew. The line is written by this command`
        : `Set NO_PROXY=${value} for the API server (SERVICE_CIDR: the range of Services). Where it runs from ${MANIFEST}, this command writes the line on a control plane node; of a managed control plane ask its provider`,
      zh: seen
        ? `在${onZh}的 ${MANIFEST} 中设置 ${place.name ?? 'NO_PROXY'}=${value}，kubelet 会自动重启 API server。以下命令写入该行`
        : `为 API server 设置 NO_PROXY=${value}（SERVICE_CIDR 是 Service 网段）。如果它由 ${MANIFEST} 运行，以下命令在控制平面节点上写入该行；托管控制平面请联系云厂商`,
    },
    commands: [place.name === undefined ? insertion(place.after, value) : replacement(place.name, value)],
    changes: [],
  }
}

/** The line after the variable's name has its value. */
function replacement(name: string, value: string): string {
  return sed(`/- name: ${name}$/{n;s#value:.*#value: "${value}"#}`)
}

/** The lines of the other variable once more, with another name and value, so that the indentation fits. */
function insertion(after: string, value: string): string {
  return sed(`/- name: ${after}$/{h;n;p;x;s/- name: .*/- name: NO_PROXY/;p;s#- name: .*#  value: "${value}"#}`)
}

function sed(script: string): string {
  return `sudo sed -i ${shellWord(script)} ${MANIFEST}`
}

function bundledFix(distribution: string, value: string): Fix {
  const service = distribution === 'k3s' ? 'k3s' : 'rke2-server'
  return {
    text: {
      en: `On every server node set NO_PROXY=${value} in /etc/default/${service}, and restart ${service}`,
      zh: `在每个 server 节点的 /etc/default/${service} 中设置 NO_PROXY=${value}，然后重启 ${service}`,
    },
    commands: [
      `echo ${shellWord(`NO_PROXY=${value}`)} | sudo tee -a /etc/default/${service} && sudo systemctl restart ${service}`,
    ],
    changes: [],
  }
}
