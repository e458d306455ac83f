import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix, Found } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { leftToPeople, patchObject } from '../../fixes/patch-object.ts'
import {
  type Backend,
  backendFailures,
  backends,
  backendTitle,
  backendWorkloads,
  revisionOf,
  serviceName,
} from '../../mesh/backends.ts'
import { provider } from '../../mesh/provider.ts'
import type { CreationFailure } from '../../messages/index.ts'
import { isTrueAt } from '../../reading.ts'
import { consequence, ofCodes, saidBy } from './evidence.ts'

export const INJ158: Check = {
  id: 'INJ158',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Event'],
  uses: ['Service', 'Deployment', 'Node'],
  title: {
    en: 'The control plane has no route to the Pod network',
    zh: '控制平面没有到 Pod 网络的路由',
  },
  looksAt: {
    en: '"Address is not allowed" and failures of the tunnel (konnectivity) in what API servers say.',
    zh: 'API server 报错中的 “Address is not allowed” 以及隧道（konnectivity）故障。',
  },
  why: {
    en: 'A managed control plane reaches only addresses of its own network. With an overlay network (Calico, Cilium, Weave on EKS) Pods have others, and no webhook in a Pod can be called.',
    zh: '托管控制平面只能访问自己网络中的地址。使用 overlay 网络（EKS 上的 Calico、Cilium、Weave）时 Pod 地址不在其中，Pod 里的 webhook 都无法被调用。',
  },
  remedy: {
    en: 'Run the injector on the host network, or give Pods addresses that the control plane can route.',
    zh: '让注入器使用主机网络，或让 Pod 使用控制平面可路由的地址。',
  },
  references: ['istio/istio#35917', 'istio/istio#45738', 'istio/istio#24259'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const failures = backendFailures(cluster, backend)
  const refused = ofCodes(failures, ['address-not-allowed'])
  if (refused.length > 0) return [overlay(cluster, backend, refused)]
  const tunnel = ofCodes(failures, ['tunnel-failed'])
  return tunnel.length > 0 ? [broken(backend, tunnel)] : []
}

function overlay(cluster: Cluster, backend: Backend, failures: readonly CreationFailure[]): Found {
  const where = provider(cluster)
  const title = backendTitle(backend)
  return {
    outcome: 'found',
    object: serviceName(backend),
    ...revisionOf(backend),
    message: {
      en: `The control plane may not call the Pods behind ${title}: their addresses are not of its network`,
      zh: `控制平面不能调用 ${title} 后面的 Pod：它们的地址不属于控制平面的网络`,
    },
    meaning: consequence(backend.injectors),
    evidence: [...saidBy(failures), ...(where === undefined ? [] : [where.evidence])],
    confidence: 'certain',
    ...hostNetwork(cluster, backend),
  }
}

/** On the host network the injector has the address of a node. */
function hostNetwork(cluster: Cluster, backend: Backend): { readonly fix?: Fix } {
  const workload = backendWorkloads(cluster, backend).find(({ object }) => object.kind === 'Deployment')
  if (workload === undefined || isTrueAt(workload.template, 'spec', 'hostNetwork')) return {}
  const body = { spec: { template: { spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } } } }
  return {
    fix: {
      text: {
        en: `Run ${workload.object.name} on the host network, where it has the address of its node. One replica per node then, and its ports must be free there`,
        zh: `让 ${workload.object.name} 使用主机网络，即使用所在节点的地址。此时每个节点只能有一个副本，且端口必须空闲`,
      },
      ...leftToPeople(patchObject(workload.object, { type: 'strategic', body })),
    },
  }
}

function broken(backend: Backend, failures: readonly CreationFailure[]): Found {
  const problem = failures[0]?.classification.details.problem ?? ''
  return {
    outcome: 'found',
    object: serviceName(backend),
    ...revisionOf(backend),
    message: {
      en: `The API server calls ${backendTitle(backend)} through a tunnel, and the tunnel does not work: ${problem}`,
      zh: `API server 通过隧道调用 ${backendTitle(backend)}，而隧道不通：${problem}`,
    },
    meaning: consequence(backend.injectors),
    evidence: saidBy(failures),
    confidence: 'likely',
    fix: {
      text: {
        en: 'Look at the agents of the tunnel; logs and exec of Pods do not work either while it is broken',
        zh: '检查隧道的 agent；隧道故障时 kubectl logs 和 exec 也无法使用',
      },
      commands: [
        `${kubectl({ namespace: 'kube-system' })} get pods -o wide | grep -E ${shellWord('konnectivity|tunnel')}`,
      ],
      changes: [],
    },
  }
}
