import type { JsonObject } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Fix } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { restartFix } from '../../fixes/restart.ts'
import type { Text } from '../../language.ts'
import { nameOf } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import type { ReachCause, ReachProblem } from './agent-log.ts'
import { addressOf } from './control-plane-address.ts'

const BECAUSE: Readonly<Record<ReachCause, (address: string) => Text>> = {
  dns: (address) => ({ en: `the name ${address} is not resolved`, zh: `域名 ${address} 无法解析` }),
  timeout: (address) => ({ en: `${address} does not answer in time`, zh: `${address} 未及时响应` }),
  refused: (address) => ({ en: `${address} refuses the connection`, zh: `${address} 拒绝连接` }),
  route: (address) => ({ en: `there is no route to ${address}`, zh: `没有到 ${address} 的路由` }),
  tls: (address) => ({ en: `it does not trust the certificate of ${address}`, zh: `不信任 ${address} 的证书` }),
  token: (address) => ({ en: `${address} does not accept its token`, zh: `${address} 不接受其令牌` }),
  permission: (address) => ({ en: `${address} refuses to sign its certificate`, zh: `${address} 拒绝为其签发证书` }),
}

/** What the log says, in words, and what to do about it. */
export function causeTexts(
  cluster: Cluster,
  subject: Subject,
  pod: JsonObject,
  { cause, address }: ReachProblem,
  [affected, all]: readonly [number, number],
): { readonly message: Text; readonly fix: Fix } {
  const configured = addressOf(cluster, subject, pod)
  const { en, zh } = BECAUSE[cause](address ?? configured?.text ?? 'istiod')
  const some =
    all > 1 ? { en: ` (${affected} of ${all} Pods)`, zh: `（${all} 个 Pod 中的 ${affected} 个）` } : { en: '', zh: '' }
  return {
    message: {
      en: `The proxy of ${titleOf(subject)}${some.en} cannot reach the control plane: ${en}`,
      zh: `${titleOf(subject)} 的代理${some.zh}无法连接控制平面：${zh}`,
    },
    fix: fixOf(cluster, subject, pod, cause, configured ?? { namespace: 'istio-system', name: 'istiod' }),
  }
}

interface Place {
  readonly namespace: string
  readonly name: string
}

function fixOf(cluster: Cluster, subject: Subject, pod: JsonObject, cause: ReachCause, plane: Place): Fix {
  const inPlane = kubectl(plane)
  const service = `${inPlane} get service,endpointslices -l kubernetes.io/service-name=${shellWord(plane.name)}`
  const logs = `${kubectl(subject)} logs ${shellWord(nameOf(pod))} -c istio-proxy --tail=30`
  switch (cause) {
    case 'dns':
      return plain(
        'Check that the Service exists and that Pods of this namespace can use DNS (port 53 in NetworkPolicies)',
        '确认 Service 存在，且该命名空间的 Pod 能使用 DNS（NetworkPolicy 的 53 端口）',
        [`${inPlane} get service ${shellWord(plane.name)}`, 'kubectl -n kube-system get pods -l k8s-app=kube-dns'],
      )
    case 'timeout':
    case 'route':
      return plain(
        'Let TCP port 15012 through from the Pods and their Nodes to istiod (NetworkPolicies, firewall, security groups)',
        '放行从 Pod 及其节点到 istiod 的 TCP 15012 端口（NetworkPolicy、防火墙、安全组）',
        [`${kubectl(subject)} get networkpolicies`, `${inPlane} get networkpolicies`, service],
      )
    case 'refused':
      return plain(
        'Nothing listens: see whether istiod runs and is ready',
        '没有进程在监听：检查 istiod 是否运行并就绪',
        [`${inPlane} get pods -l app=istiod`, service],
      )
    case 'tls':
      return restartFix(cluster, subject, {
        en: 'Compare the roots first (proa doctor certs). When the ConfigMap istio-ca-root-cert is right now, the Pods only hold the old one. ',
        zh: '请先比较根证书（proa doctor certs）。如果 ConfigMap istio-ca-root-cert 已正确，则只是 Pod 仍持有旧证书。',
      })
    case 'token':
      return restartFix(cluster, subject, {
        en: 'Pods get a new token when they are made anew; when it is refused again, the issuer or the audience (istio-ca) is not what istiod expects. ',
        zh: '重新创建 Pod 会获得新令牌；如果仍被拒绝，则 issuer 或 audience（istio-ca）与 istiod 的期望不符。',
      })
    case 'permission':
      return plain('The log of istiod says why it does not sign', '查看 istiod 日志了解拒绝签发的原因', [
        `${inPlane} logs -l app=istiod --tail=50 | grep -i sign`,
        logs,
      ])
  }
}

function plain(en: string, zh: string, commands: readonly string[]): Fix {
  return { text: { en, zh }, commands, changes: [] }
}
