import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendTitle,
  revisionOf,
  serviceSelector,
  targetPortOn,
} from '../../mesh/backends.ts'
import { apiServerAddresses } from '../../mesh/endpoints.ts'
import { type IngressVerdict, ingressFromApiServer } from '../../mesh/ingress-policies.ts'
import { type CreationFailure, lastInjection } from '../../messages/index.ts'
import { at, listAt, nameOf, objectAt, timeAt } from '../../reading.ts'
import { consequence, ofCodes, saidBy } from './evidence.ts'

export const INJ156: Check = {
  id: 'INJ156',
  severity: 'warn',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'NetworkPolicy', 'Pod', 'Service'],
  uses: ['EndpointSlice', 'Event'],
  title: {
    en: 'A NetworkPolicy keeps the API server from the injector',
    zh: 'NetworkPolicy 阻止 API server 访问注入器',
  },
  looksAt: {
    en: 'NetworkPolicies that select the injector Pods, and whether one of their ingress rules lets an API server (which is no Pod, and in no namespace) come to the webhook port.',
    zh: '选中注入器 Pod 的 NetworkPolicy，以及其 ingress 规则是否允许 API server（它不是 Pod，也不属于任何命名空间）访问 webhook 端口。',
  },
  why: {
    en: 'The packets are dropped without a word; Pod creations wait for the timeout and then fail: context deadline exceeded.',
    zh: '数据包被静默丢弃；创建 Pod 会等到超时然后失败：context deadline exceeded。',
  },
  remedy: {
    en: 'Add an ingress rule for the webhook port without from, or with an ipBlock that has the addresses of the API servers.',
    zh: '为 webhook 端口添加一条没有 from 的 ingress 规则，或用包含 API server 地址的 ipBlock。',
  },
  references: ['istio/istio#12456', 'istio/istio#21058'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

const TIMEOUTS = ['timeout', 'timeout-connecting', 'no-route', 'connection-refused'] as const

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const addresses = apiServerAddresses(cluster)
  const failures = ofCodes(backendFailures(cluster, backend), TIMEOUTS)
  for (const pod of backendPods(cluster, backend)) {
    const port = targetPortOn(backend, pod)
    if (port === undefined) continue
    const verdict = ingressFromApiServer(cluster, pod, port, addresses)
    if (verdict.kind === 'open' || isPassed(cluster, verdict, failures)) continue
    // Whether a block has the API server's address cannot be seen; then only failures make it worth a word.
    if (verdict.kind === 'unknown' && failures.length === 0) continue
    return [finding(backend, pod, port, verdict, failures)]
  }
  return []
}

/** A Pod was injected after the policies were there, so that they do not block (some plugins let nodes in always). */
function isPassed(cluster: Cluster, { policies }: IngressVerdict, failures: readonly CreationFailure[]): boolean {
  const last = lastInjection(cluster)
  if (failures.length > 0 || last === undefined) return false
  return policies.every(
    (policy) => (timeAt(policy, 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY) < last,
  )
}

function finding(
  backend: Backend,
  pod: JsonObject,
  port: number,
  { kind, policies, blocks }: IngressVerdict,
  failures: readonly CreationFailure[],
): Found {
  const [policy] = policies
  const names = policies.map(nameOf).join(', ')
  const closed = kind === 'closed'
  return {
    outcome: 'found',
    object: policy === undefined ? objectName(pod) : objectName(policy),
    ...revisionOf(backend),
    ...(failures.length > 0 ? { severity: 'error' as const } : {}),
    message: closed
      ? {
          en: `NetworkPolicy ${names} selects the injector Pods behind ${backendTitle(backend)} and no rule lets the API server come to their port ${port}`,
          zh: `NetworkPolicy ${names} 选中了 ${backendTitle(backend)} 后面的注入器 Pod，且没有规则允许 API server 访问端口 ${port}`,
        }
      : {
          en: `NetworkPolicy ${names} lets only ${blocks.join(', ')} come to port ${port} of the injector Pods behind ${backendTitle(backend)}, and the API server gets no answer there`,
          zh: `NetworkPolicy ${names} 只允许 ${blocks.join('、')} 访问 ${backendTitle(backend)} 后面注入器 Pod 的端口 ${port}，而 API server 得不到应答`,
        },
    ...(failures.length > 0 ? { meaning: consequence(backend.injectors) } : {}),
    evidence: [
      ...policies.map((one) => {
        const value = at(one, 'spec', 'ingress')
        return { object: objectName(one), path: 'spec.ingress', ...(value === undefined ? {} : { value }) }
      }),
      { object: objectName(pod), path: 'metadata.labels', value: objectAt(pod, 'metadata', 'labels') },
      ...saidBy(failures),
    ],
    confidence: closed ? 'likely' : 'cannot-tell',
    ...(policy === undefined ? {} : { fix: opening(backend, policy, port) }),
  }
}

/** The injector's own policy gets a rule more; one for the whole namespace stays, and the injector gets its own beside it. */
function opening(backend: Backend, policy: JsonObject, port: number): NonNullable<Found['fix']> {
  const rule = { ports: [{ port, protocol: 'TCP' }] }
  const text = {
    en: `Let everybody come to port ${port}, which the certificate protects; API servers have no labels to select them by`,
    zh: `放开端口 ${port}（由证书保护）；API server 没有可供选择的标签`,
  }
  const selector = serviceSelector(backend.service)
  if (Object.keys(objectAt(policy, 'spec', 'podSelector')).length === 0 && selector !== undefined) {
    const own = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${backend.name}-webhook`, namespace: backend.namespace },
      spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress'], ingress: [rule] },
    }
    return { text, commands: [`kubectl apply -f - <<'EOF'\n${JSON.stringify(own, null, 2)}\nEOF`], changes: [] }
  }
  const operation =
    listAt(policy, 'spec', 'ingress').length > 0
      ? { op: 'add' as const, path: '/spec/ingress/-', value: rule }
      : { op: 'add' as const, path: '/spec/ingress', value: [rule] }
  return { text, ...jsonPatch(objectName(policy), [operation]) }
}
