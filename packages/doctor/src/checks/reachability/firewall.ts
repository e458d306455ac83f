import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendTitle,
  revisionOf,
  serviceName,
  targetPortOn,
} from '../../mesh/backends.ts'
import { apiServerAddresses } from '../../mesh/endpoints.ts'
import { ingressFromApiServer } from '../../mesh/ingress-policies.ts'
import { provider } from '../../mesh/provider.ts'
import { isReady } from '../../mesh/readiness.ts'
import type { CreationFailure } from '../../messages/index.ts'
import { consequence, ofCodes, saidBy } from './evidence.ts'
import { firewallAdvice } from './firewall-commands.ts'

export const INJ157: Check = {
  id: 'INJ157',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Event', 'Node', 'Service', 'Pod', 'NetworkPolicy', 'EndpointSlice'],
  title: {
    en: 'A firewall between the API server and the nodes misses the webhook port',
    zh: 'API server 与节点之间的防火墙没有放行 webhook 端口',
  },
  looksAt: {
    en: 'Timeouts in what API servers say while the injector Pods are ready, and which provider runs the control plane (providerID and labels of the nodes).',
    zh: '注入器 Pod 就绪的情况下 API server 报错中的超时，以及由哪个云厂商运行控制平面（节点的 providerID 和标签）。',
  },
  why: {
    en: 'In private clusters the control plane is in another network and may call only a few ports of the nodes. Every Pod creation then waits for the timeout, and fails.',
    zh: '私有集群的控制平面位于另一个网络，只能访问节点的少数端口。每次创建 Pod 都会等到超时并失败。',
  },
  remedy: {
    en: 'Open the port of the injector Pods (15017) for the control plane; the finding has the commands of the provider.',
    zh: '为控制平面放行注入器 Pod 的端口（15017）；诊断结果中给出云厂商的命令。',
  },
  references: ['istio/istio#19532', 'istio/istio#20890', 'istio/istio#29912', 'istio/istio#47932'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

const TIMEOUTS = ['timeout-connecting', 'timeout', 'no-route'] as const
const HTTPS_PORT = 15017

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const failures = ofCodes(backendFailures(cluster, backend), TIMEOUTS)
  if (failures.length === 0) return []
  const pods = backendPods(cluster, backend)
  const known = backend.service !== undefined && cluster.unread('Pod', backend.namespace) === undefined
  // Nobody to answer is enough of an explanation, and other checks give it.
  if (known && !pods.some(isReady)) return []
  const port = targetPortOn(backend, pods[0]) ?? HTTPS_PORT
  return [finding(cluster, backend, port, failures)]
}

function finding(cluster: Cluster, backend: Backend, port: number, failures: readonly CreationFailure[]): Found {
  const from = provider(cluster)
  const advice = from === undefined ? undefined : firewallAdvice(from, port)
  const pods = backendPods(cluster, backend)
  const blocked = pods.some(
    (pod) => ingressFromApiServer(cluster, pod, port, apiServerAddresses(cluster)).kind === 'closed',
  )
  const title = backendTitle(backend)
  const ready = pods.filter(isReady).length
  return {
    outcome: 'found',
    object: serviceName(backend),
    ...revisionOf(backend),
    ...(advice === undefined || blocked ? { severity: 'warn' as const } : {}),
    message: {
      en: `The API server gets no answer from ${title} in time${ready === 0 ? '' : `, although ${ready} of its Pods ${ready === 1 ? 'is' : 'are'} ready`}: ${advice === undefined ? `probably something on the way to port ${port} drops the packets` : `the firewall of ${advice.name} probably does not let the control plane come to port ${port}`}`,
      zh: `${ready === 0 ? '' : `虽然 ${title} 有 ${ready} 个 Pod 就绪，`}API server 仍未能及时得到 ${title} 的应答：${advice === undefined ? `很可能途中丢弃了到端口 ${port} 的数据包` : `很可能 ${advice.name} 的防火墙没有放行控制平面到端口 ${port}`}`,
    },
    meaning: consequence(backend.injectors),
    evidence: [...saidBy(failures), ...(from === undefined ? [] : [from.evidence])],
    // Then it is the NetworkPolicy: INJ156.
    ...(blocked ? { routine: true as const } : {}),
    confidence: advice === undefined || blocked ? 'cannot-tell' : 'likely',
    fix: {
      text: advice?.text ?? {
        en: `From a control plane node, try whether port ${port} of an injector Pod can be reached; then open it in the firewalls between. A NetworkPolicy (INJ156) or an overloaded injector (INJ160) looks the same`,
        zh: `在控制平面节点上测试能否访问注入器 Pod 的端口 ${port}，然后在途中的防火墙放行。NetworkPolicy（INJ156）或注入器过载（INJ160）的现象与此相同`,
      },
      commands: advice?.commands ?? [
        `kubectl -n ${backend.namespace} get pods -o wide`,
        `curl -vk --connect-timeout 5 https://POD_IP:${port}/inject`,
      ],
      changes: [],
    },
  }
}
