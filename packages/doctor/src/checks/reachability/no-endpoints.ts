import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendTitle,
  callers,
  revisionOf,
  serviceName,
  serviceSelector,
} from '../../mesh/backends.ts'
import { endpointsOf, slicesOf } from '../../mesh/endpoints.ts'
import { isReady } from '../../mesh/readiness.ts'
import { isTrueAt, textAt } from '../../reading.ts'
import { consequence, notRead, ofCodes, saidBy } from './evidence.ts'
import { whyNoEndpoints } from './why-no-endpoints.ts'

export const INJ153: Check = {
  id: 'INJ153',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Service', 'EndpointSlice', 'Pod', 'Deployment', 'Event'],
  title: { en: 'The Service of the webhook has no ready endpoints', zh: 'webhook 的 Service 没有就绪的端点' },
  looksAt: {
    en: 'The EndpointSlices of the Service that an injection webhook calls, and why none of their addresses is ready: replicas, selector, the Pods, their status and logs.',
    zh: '注入 webhook 所调用 Service 的 EndpointSlice，以及没有就绪地址的原因：副本数、选择器、Pod 及其状态和日志。',
  },
  why: {
    en: 'API servers then answer: no endpoints available for service, or connection refused. With failurePolicy Fail no Pod can be created, with Ignore Pods come without a sidecar.',
    zh: 'API server 会报 no endpoints available for service 或 connection refused。failurePolicy 为 Fail 时 Pod 无法创建，为 Ignore 时 Pod 没有 sidecar。',
  },
  remedy: {
    en: 'Bring one injector Pod to readiness: scale up, or repair what keeps the Pods from it.',
    zh: '让至少一个注入器 Pod 就绪：扩容，或修复妨碍 Pod 就绪的问题。',
  },
  references: ['istio/istio#6307', 'istio/istio#12456', 'istio/istio#26380'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const said = saidBy(ofCodes(backendFailures(cluster, backend), ['no-endpoints']))
  const { service, namespace } = backend
  if (service === undefined) {
    // That it is missing is another check's; that it could not be read leaves what API servers say.
    if (cluster.unread('Service', namespace) === undefined) return []
    return said.length > 0
      ? [finding(cluster, backend, said, 'likely')]
      : [notRead(cluster, 'Service', backend)].flatMap((one) => one ?? [])
  }
  if (textAt(service, 'spec', 'type') === 'ExternalName') return []
  const state = readiness(cluster, backend)
  if (state === 'ready') return []
  if (state === 'unknown') {
    const unread = notRead(cluster, 'EndpointSlice', backend)
    return said.length > 0 ? [finding(cluster, backend, said, 'likely')] : unread === undefined ? [] : [unread]
  }
  return [finding(cluster, backend, [...state.evidence, ...said], state.confidence)]
}

type Readiness =
  | 'ready'
  | 'unknown'
  | { readonly evidence: readonly Evidence[]; readonly confidence: 'certain' | 'likely' }

/** By the endpoints; where they could not be read, by the Pods, which come to the same but for endpoints written by hand. */
function readiness(cluster: Cluster, backend: Backend): Readiness {
  const { namespace, name, service } = backend
  if (cluster.unread('EndpointSlice', namespace) === undefined) {
    const endpoints = endpointsOf(cluster, namespace, name)
    if (endpoints.some(({ ready }) => ready)) return 'ready'
    const slices = slicesOf(cluster, namespace, name)
    const evidence: Evidence[] = endpoints.map(({ slice, index, address }) => ({
      object: objectName(slice),
      path: `endpoints[${index}].conditions.ready`,
      value: false,
      label: { en: address, zh: address },
    }))
    const nothing: Evidence[] =
      slices.length === 0
        ? [{ path: `EndpointSlices with kubernetes.io/service-name=${name}` }]
        : slices.map((slice) => ({ object: objectName(slice), path: 'endpoints', value: [] }))
    return { evidence: evidence.length > 0 ? evidence : nothing, confidence: 'certain' }
  }
  if (cluster.unread('Pod', namespace) !== undefined || serviceSelector(service) === undefined) return 'unknown'
  if (isTrueAt(service, 'spec', 'publishNotReadyAddresses') && backendPods(cluster, backend).length > 0) return 'ready'
  return backendPods(cluster, backend).some(isReady) ? 'ready' : { evidence: [], confidence: 'likely' }
}

function finding(
  cluster: Cluster,
  backend: Backend,
  evidence: readonly Evidence[],
  confidence: Found['confidence'],
): Found {
  const why = whyNoEndpoints(cluster, backend)
  const title = backendTitle(backend)
  return {
    outcome: 'found',
    object: serviceName(backend),
    ...revisionOf(backend),
    message: {
      en: `The Service ${title}, which ${named(callers(backend)).en}, has no ready endpoint: ${why.reason.en}`,
      zh: `${named(callers(backend)).zh}的 Service ${title} 没有就绪的端点：${why.reason.zh}`,
    },
    meaning: consequence(backend.injectors),
    evidence: [...evidence, ...why.evidence],
    confidence,
    fix: why.fix,
  }
}

function named(all: readonly string[]): { readonly en: string; readonly zh: string } {
  const [first = ''] = all
  return all.length === 1
    ? { en: `${first} calls`, zh: `${first} 调用` }
    : { en: `${first} and ${all.length - 1} more call`, zh: `${first} 等 ${all.length} 个 webhook 调用` }
}
