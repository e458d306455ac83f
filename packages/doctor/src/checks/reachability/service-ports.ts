import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendTitle,
  containerPorts,
  revisionOf,
  serviceName,
  targetPortOn,
} from '../../mesh/backends.ts'
import { isReady } from '../../mesh/readiness.ts'
import { at, listAt, numberAt, objectsAt, textAt } from '../../reading.ts'
import { calledService, configurationName, consequence, notRead, ofCodes, saidBy } from './evidence.ts'
import { likelyHttpsPort, problemOfTarget } from './target-port.ts'

export const INJ154: Check = {
  id: 'INJ154',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Service', 'Pod', 'Event'],
  title: {
    en: 'The ports of webhook, Service and Pod do not fit together',
    zh: 'webhook、Service 与 Pod 的端口对不上',
  },
  looksAt: {
    en: 'clientConfig.service.port, spec.ports of the Service with its targetPort (number or name), the ports of the containers, and who answers there.',
    zh: 'clientConfig.service.port、Service 的 spec.ports 及其 targetPort（数字或名称）、容器端口，以及该端口上的应答者。',
  },
  why: {
    en: 'The call ends at a port where nothing listens, or something else: connection refused, no service port found, EOF, HTTP response to HTTPS client.',
    zh: '调用会到达没有监听或监听着别的服务的端口：connection refused、no service port found、EOF、HTTP response to HTTPS client。',
  },
  remedy: {
    en: 'Correct the port so that the webhook comes to the HTTPS port of the injector; Istio and proa use 443 to 15017.',
    zh: '修正端口，使 webhook 到达注入器的 HTTPS 端口；Istio 和 proa 使用 443 到 15017。',
  },
  references: ['istio/istio#19532', 'istio/istio#20890'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

const CODES = [
  'service-port-not-found',
  'connection-refused',
  'not-tls',
  'tls-alert',
  'path-not-found',
  'webhook-refuses-call',
  'not-an-admission-response',
] as const

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const { service, servicePort } = backend
  const failures = ofCodes(backendFailures(cluster, backend), CODES)
  if (service === undefined) {
    if (cluster.unread('Service', backend.namespace) === undefined) return []
    const named = ofCodes(failures, ['service-port-not-found'])
    return named.length > 0
      ? [portMissing(backend, saidBy(named))]
      : [notRead(cluster, 'Service', backend)].flatMap((one) => one ?? [])
  }
  if (textAt(service, 'spec', 'type') === 'ExternalName') return []
  if (servicePort === undefined) return [portMissing(backend, saidBy(failures))]
  return [targetProblem(cluster, backend, saidBy(failures)) ?? listener(cluster, backend, saidBy(failures))].flatMap(
    (one) => one ?? [],
  )
}

function found(backend: Backend, message: Text, rest: Omit<Found, 'outcome' | 'object' | 'message'>): Found {
  const meaning = consequence(backend.injectors)
  return { outcome: 'found', object: serviceName(backend), ...revisionOf(backend), message, meaning, ...rest }
}

/** The Service has no such port: correct the webhook when it names an odd one, else the Service. */
function portMissing(backend: Backend, said: readonly Evidence[]): Found {
  const ports = objectsAt(backend.service, 'spec', 'ports')
  const [first] = backend.injectors
  const title = backendTitle(backend)
  const meant = ports.find((one) => numberAt(one, 'port') === 443)
  const own = backend.injectors.filter(({ configuration }) => configuration === first.configuration)
  const base = {
    evidence: [
      ...own.map(calledService),
      { path: 'spec.ports[*].port', value: ports.map((one) => one.port ?? null) },
      ...said,
    ],
    confidence: backend.service === undefined ? ('likely' as const) : ('certain' as const),
  }
  const message = {
    en: `${first.configuration} calls port ${backend.port} of the Service ${title}, which has no such port`,
    zh: `${first.configuration} 调用 Service ${title} 的端口 ${backend.port}，而它没有这个端口`,
  }
  if (meant !== undefined || backend.service === undefined) {
    const operations = own.flatMap(({ index, webhook }) => [
      { op: 'test' as const, path: `/webhooks/${index}/name`, value: webhook },
      { op: 'add' as const, path: `/webhooks/${index}/clientConfig/service/port`, value: 443 },
    ])
    const text = { en: `Let the webhook call port 443 of ${title}`, zh: `让 webhook 调用 ${title} 的端口 443` }
    return found(backend, message, { ...base, fix: { text, ...jsonPatch(configurationName(first), operations) } })
  }
  const added = { name: 'https-webhook', port: backend.port, targetPort: 15017, protocol: 'TCP' }
  const list = listAt(backend.service, 'spec', 'ports').length > 0
  const operation = list
    ? { op: 'add' as const, path: '/spec/ports/-', value: added }
    : { op: 'add' as const, path: '/spec/ports', value: [added] }
  const text = {
    en: `Give the Service the port ${backend.port}, which leads to 15017 of the injector`,
    zh: `为 Service 添加端口 ${backend.port}，指向注入器的 15017`,
  }
  return found(backend, message, { ...base, fix: { text, ...jsonPatch(serviceName(backend), [operation]) } })
}

/** The targetPort names a port that the Pods do not have, or one that is known not to be the webhook's. */
function targetProblem(cluster: Cluster, backend: Backend, said: readonly Evidence[]): Found | undefined {
  const pods = backendPods(cluster, backend)
  const problem = problemOfTarget(backend, pods, said.length > 0)
  if (problem === undefined) return undefined
  const index = objectsAt(backend.service, 'spec', 'ports').findIndex((one) => Object.is(one, backend.servicePort))
  const title = backendTitle(backend)
  const target = at(backend.servicePort, 'targetPort') ?? backend.port
  const right = likelyHttpsPort(pods)
  return found(
    backend,
    {
      en: `Port ${backend.port} of the Service ${title} leads to ${JSON.stringify(target)} of the Pods: ${problem.text.en}`,
      zh: `Service ${title} 的端口 ${backend.port} 指向 Pod 的 ${JSON.stringify(target)}：${problem.text.zh}`,
    },
    {
      evidence: [
        { path: `spec.ports[${index}].targetPort`, value: at(backend.servicePort, 'targetPort') ?? null },
        ...portsEvidence(pods),
        ...said,
      ],
      confidence: problem.confidence,
      fix: {
        text: {
          en: `Let it lead to ${right}, where the injector serves HTTPS`,
          zh: `让它指向注入器提供 HTTPS 的 ${right}`,
        },
        ...jsonPatch(serviceName(backend), [
          { op: 'test', path: `/spec/ports/${index}/port`, value: backend.port },
          { op: 'add', path: `/spec/ports/${index}/targetPort`, value: right },
        ]),
      },
    },
  )
}

function portsEvidence(pods: readonly JsonObject[]): readonly Evidence[] {
  const [pod] = pods
  if (pod === undefined) return []
  const shown = new Map(pods.flatMap(containerPorts).map((one) => [`${one.name}:${one.port}`, one]))
  const value = [...shown.values()].map(({ name, port }) => (name === '' ? port : `${name}: ${port}`))
  return [{ object: objectName(pod), path: 'spec.containers[*].ports', value }]
}

/** The ports fit, the Pods are ready, and still nothing (or something else) answers. */
function listener(cluster: Cluster, backend: Backend, said: readonly Evidence[]): Found | undefined {
  const pods = backendPods(cluster, backend).filter(isReady)
  const [pod] = pods
  const probed = pods.length === 0 ? [] : probeEvidence(cluster, backend)
  if (pod === undefined || (said.length === 0 && probed.length === 0)) return undefined
  const port = targetPortOn(backend, pod)
  const { name, namespace } = objectName(pod)
  return found(
    backend,
    {
      en: `The Pods behind ${backendTitle(backend)} are ready, but port ${port ?? '?'} does not answer as a webhook`,
      zh: `${backendTitle(backend)} 后面的 Pod 已就绪，但端口 ${port ?? '?'} 没有像 webhook 那样应答`,
    },
    {
      evidence: [...probed, ...said],
      confidence: 'likely',
      fix: {
        text: {
          en: 'See in the log whether the webhook server was started, and on which port. Istio: injection is off with ENABLE_SIDECAR_INJECTOR=false or without its ConfigMap',
          zh: '在日志中查看 webhook 服务是否启动、监听哪个端口。Istio：设置了 ENABLE_SIDECAR_INJECTOR=false 或缺少 ConfigMap 时不会启动',
        },
        commands: [`kubectl -n ${namespace ?? ''} logs ${name} --tail=200 | grep -iE 'webhook|inject|listen|https'`],
        changes: [],
      },
    },
  )
}

function probeEvidence(cluster: Cluster, { namespace, name, port }: Backend): readonly Evidence[] {
  return cluster.probes.flatMap((probe, index): Evidence[] => {
    if (probe.kind !== 'served-certificate' || probe.outcome.kind !== 'failed') return []
    const { service, outcome } = probe
    if (service?.namespace !== namespace || service.name !== name || service.port !== port) return []
    if (outcome.at !== 'connect' && outcome.at !== 'handshake') return []
    const label = { en: 'proa tried a TLS handshake with the Pod', zh: 'proa 尝试与 Pod 进行 TLS 握手' }
    return [{ path: `probes[${index}].outcome.message`, value: outcome.message, label }]
  })
}
