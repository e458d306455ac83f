import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Evidence, Found } from '../../finding.ts'
import { type ApiServer, apiServers, flagOf, variableOf } from '../../mesh/api-servers.ts'
import { type Backend, backendFailures, backends } from '../../mesh/backends.ts'
import type { CreationFailure } from '../../messages/index.ts'
import { nameOf, textAt } from '../../reading.ts'
import { redactText } from '../../snapshot/secret-texts.ts'
import { configurationName, consequence, ofCodes, saidBy } from './evidence.ts'
import { bypassesProxy, completed } from './no-proxy.ts'
import { noProxyFix } from './no-proxy-fix.ts'

export const INJ161: Check = {
  id: 'INJ161',
  severity: 'error',
  category: 'reachability',
  scope: 'cluster',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Pod', 'Event', 'Service'],
  title: {
    en: 'The API server calls webhooks through an HTTP proxy',
    zh: 'API server 通过 HTTP 代理调用 webhook',
  },
  looksAt: {
    en: 'HTTPS_PROXY and NO_PROXY of the kube-apiserver Pods, whether the hosts of the injection webhooks are excepted, and answers of proxies in what API servers say (proxyconnect, Service Unavailable …).',
    zh: 'kube-apiserver Pod 的 HTTPS_PROXY 和 NO_PROXY，注入 webhook 的主机是否被排除在代理之外，以及 API server 报错中代理的应答（proxyconnect、Service Unavailable 等）。',
  },
  why: {
    en: 'The API server then sends the call to the proxy, which knows no Services: Service Unavailable, Bad Gateway, Forbidden. With failurePolicy Fail no Pod can be created.',
    zh: 'API server 会把调用发给代理，而代理不认识 Service：Service Unavailable、Bad Gateway、Forbidden。failurePolicy 为 Fail 时 Pod 无法创建。',
  },
  remedy: {
    en: 'Add .svc, .svc.cluster.local and the range of Services to NO_PROXY in /etc/kubernetes/manifests/kube-apiserver.yaml on every control plane node.',
    zh: '在每个控制平面节点的 /etc/kubernetes/manifests/kube-apiserver.yaml 中，把 .svc、.svc.cluster.local 和 Service 网段加入 NO_PROXY。',
  },
  references: [
    'istio/istio.io#1042',
    'istio/istio#8182',
    'istio/istio#10983',
    'istio/istio#7836',
    'https://istio.io/latest/docs/ops/common-problems/injection/',
  ],
  run: (cluster) => {
    const called = backends(cluster)
    const failures = [
      ...new Set(called.flatMap((backend) => ofCodes(backendFailures(cluster, backend), ['api-server-proxy']))),
    ]
    const proxied = apiServers(cluster).flatMap((server) => proxiedServer(server, called) ?? [])
    if (proxied.length > 0) return proxied.map((one) => wrongEnvironment(cluster, one, failures))
    return failures.length > 0 && called[0] !== undefined ? [fromMessages(cluster, called[0], failures)] : []
  },
}

interface ProxiedServer {
  readonly server: ApiServer
  readonly proxy: { readonly name: string; readonly value: string; readonly path: string }
  readonly except: { readonly name: string; readonly value: string; readonly path: string } | undefined
  /** Backends whose host goes to the proxy. */
  readonly missed: readonly [Backend, ...Backend[]]
}

/** Go asks for the upper-case names first. HTTP_PROXY is for plain HTTP, and webhooks are called by HTTPS only. */
function proxiedServer(server: ApiServer, called: readonly Backend[]): ProxiedServer | undefined {
  const proxy = variableOf(server, ['HTTPS_PROXY', 'https_proxy'])
  if (proxy === undefined) return undefined
  const except = variableOf(server, ['NO_PROXY', 'no_proxy'])
  const [first, ...rest] = called.filter(
    (backend) => !bypassesProxy(except?.value ?? '', hostOf(backend), backend.port),
  )
  return first === undefined ? undefined : { server, proxy, except, missed: [first, ...rest] }
}

const hostOf = ({ name, namespace }: Backend): string => `${name}.${namespace}.svc`

function wrongEnvironment(
  cluster: Cluster,
  { server, proxy, except, missed }: ProxiedServer,
  failures: readonly CreationFailure[],
): Found {
  const object = objectName(server.pod)
  const value = completed(except?.value ?? '', exceptions(server))
  const hosts = missed.map(hostOf).join(', ')
  const has = except === undefined ? 'it has no NO_PROXY' : `${except.name} does not except it`
  const hasZh = except === undefined ? '且没有设置 NO_PROXY' : `且 ${except.name} 没有排除它`
  const evidence: readonly Evidence[] = [
    { path: proxy.path, value: { name: proxy.name, value: redactText(proxy.value) } },
    except === undefined
      ? { path: `spec.containers[${server.index}].env`, label: { en: 'NO_PROXY', zh: 'NO_PROXY' } }
      : { path: except.path, value: { name: except.name, value: except.value } },
    ...saidBy(failures),
  ]
  return {
    outcome: 'found',
    object,
    message: {
      en: `The API server ${nameOf(server.pod)} calls ${hosts} through the proxy ${redactText(proxy.value)}: ${has} (.svc is missing)`,
      zh: `API server ${nameOf(server.pod)} 通过代理 ${redactText(proxy.value)} 调用 ${hosts}，${hasZh}（缺少 .svc）`,
    },
    meaning: consequence(missed.flatMap(({ injectors }) => injectors)),
    evidence,
    confidence: 'certain',
    fix: noProxyFix(cluster, value, {
      name: except?.name,
      after: proxy.name,
      node: textAt(server.pod, 'spec', 'nodeName'),
    }),
  }
}

const DEFAULT_DOMAIN = 'cluster.local'

/** What has to go directly: names and addresses of Services. */
function exceptions(server: ApiServer | undefined): readonly string[] {
  const issuer = server === undefined ? undefined : flagOf(server, 'service-account-issuer')
  const domain = /kubernetes\.default\.svc\.([a-z0-9.-]{1,253})/.exec(issuer ?? '')?.[1] ?? DEFAULT_DOMAIN
  const ranges = server === undefined ? undefined : flagOf(server, 'service-cluster-ip-range')
  return ['.svc', `.svc.${domain}`, ...(ranges === undefined ? [] : ranges.split(','))]
}

/** What API servers say is an answer of a proxy, and their environment cannot be seen or shows none. */
function fromMessages(cluster: Cluster, backend: Backend, failures: readonly CreationFailure[]): Found {
  const [server] = apiServers(cluster)
  const host = hostOf(backend)
  const problem = failures[0]?.classification.details.problem ?? ''
  if (server !== undefined) return unexplained(server, backend, failures, problem)
  return {
    outcome: 'found',
    object: configurationName(backend.injectors[0]),
    meaning: consequence(backend.injectors),
    message: {
      en: `An HTTP proxy answers the API server's calls of ${host} ("${problem}"): its no_proxy lacks .svc`,
      zh: `应答 API server 对 ${host} 调用的是 HTTP 代理（“${problem}”）：其 no_proxy 缺少 .svc`,
    },
    evidence: saidBy(failures),
    confidence: 'likely',
    fix: noProxyFix(cluster, completed('', [...exceptions(undefined), 'SERVICE_CIDR']), {
      name: undefined,
      after: 'HTTPS_PROXY',
      node: '',
    }),
  }
}

function unexplained(
  server: ApiServer,
  backend: Backend,
  failures: readonly CreationFailure[],
  problem: string,
): Found {
  const host = hostOf(backend)
  return {
    outcome: 'found',
    object: configurationName(backend.injectors[0]),
    meaning: consequence(backend.injectors),
    message: {
      en: `The API server's calls of ${host} are answered as by an HTTP proxy ("${problem}"), although its Pod has no HTTPS_PROXY`,
      zh: `API server 对 ${host} 的调用得到了类似 HTTP 代理的应答（“${problem}”），但其 Pod 中没有 HTTPS_PROXY`,
    },
    evidence: [...saidBy(failures), withoutProxy(server)],
    confidence: 'cannot-tell',
    fix: {
      text: {
        en: 'Find out what answers: a proxy that was set when this was said, one in the image or the container runtime, or one that catches connections on the way',
        zh: '查明应答者：当时设置过的代理、镜像或容器运行时里的代理，或途中截获连接的代理',
      },
      commands: ["kubectl -n kube-system get pods -l component=kube-apiserver -o yaml | grep -i -A1 '_proxy'"],
      changes: [],
    },
  }
}

function withoutProxy(server: ApiServer): Evidence {
  return {
    object: objectName(server.pod),
    path: `spec.containers[${server.index}].env`,
    label: { en: 'no HTTPS_PROXY in its Pod', zh: '其 Pod 中没有 HTTPS_PROXY' },
  }
}
