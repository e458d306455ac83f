import { type JsonObject, labelsOf } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { annotationOf, at, namespaceOf, numberAt, objectsAt, textAt, textsAt } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { templateField } from '../../subjects/wishes.ts'
import { envOf, injectedNames, type Proxied, proxied } from './proxied.ts'

export const INJ326: Check = {
  id: 'INJ326',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Service', 'Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'A port of the application is one of the proxy', zh: '应用端口与代理端口冲突' },
  looksAt: {
    en: 'containerPort of the containers that are not injected, against the ports that the proxy of this Pod listens on: 15000, 15001, 15004, 15006, 15020 (or the status port), 15021, 15090, and 15008 and 15053 where HBONE and DNS capture are on. Also Services whose targetPort is a port that the proxy keeps for itself.',
    zh: '非注入容器的 containerPort 与该 Pod 代理监听端口的对比：15000、15001、15004、15006、15020（或状态端口）、15021、15090；启用 HBONE 和 DNS 拦截时还有 15008 和 15053。另外检查 targetPort 指向代理自用端口的 Service。',
  },
  why: {
    en: 'All containers of a Pod share one network. Whoever comes second cannot listen: either the application ends with "address already in use", or the proxy never gets ready.',
    zh: 'Pod 内所有容器共享同一网络。后启动者无法监听端口：要么应用因 "address already in use" 退出，要么代理永远无法就绪。',
  },
  remedy: { en: 'Let the application listen on another port.', zh: '让应用监听其他端口。' },
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

interface Reserved {
  readonly port: number
  readonly use: string
  readonly udp?: true
}

/** Ports that this proxy listens on. */
function reservedBy({ pod, proxy }: Proxied): readonly Reserved[] {
  // Proxyless gRPC: the agent runs without Envoy.
  if (envOf(proxy, 'ISTIO_META_GENERATOR') === 'grpc') return []
  const isOn = (name: string): boolean => /^(true|1)$/i.test(envOf(proxy, name) ?? '')
  const captures = envOf(proxy, 'ISTIO_META_INTERCEPTION_MODE') !== 'NONE'
  const status = Number(annotationOf(pod, 'status.sidecar.istio.io/port') ?? 15_020)
  return [
    { port: 15_000, use: 'Envoy admin' },
    ...(captures
      ? [
          { port: 15_001, use: 'outbound capture' },
          { port: 15_006, use: 'inbound capture' },
        ]
      : []),
    { port: 15_004, use: 'xDS debug' },
    ...(isOn('ISTIO_META_ENABLE_HBONE') ? [{ port: 15_008, use: 'HBONE' }] : []),
    ...(Number.isInteger(status) && status > 0 ? [{ port: status, use: 'pilot-agent status' }] : []),
    { port: 15_021, use: 'Envoy health' },
    ...(isOn('ISTIO_META_DNS_CAPTURE') ? [{ port: 15_053, use: 'DNS proxy', udp: true as const }] : []),
    { port: 15_090, use: 'Envoy metrics' },
  ]
}

interface Clash extends Reserved {
  readonly evidence: Evidence
}

function judge(cluster: Cluster, one: Proxied): CheckOutcome[] {
  const reserved = reservedBy(one)
  const clashes = containerClashes(one, reserved)
  if (clashes.length > 0) return [finding(one, clashes)]
  return serviceClashes(cluster, one, reserved)
}

/** Users' containers as their template has them; without one, as the Pod has them. */
function containerClashes({ subject, sidecar }: Proxied, reserved: readonly Reserved[]): readonly Clash[] {
  const ours = new Set([...injectedNames(sidecar, 'containers'), ...injectedNames(sidecar, 'initContainers')])
  return (['containers', 'initContainers'] as const).flatMap((list) =>
    objectsAt(subject.template, 'spec', list).flatMap((container) => {
      const name = textAt(container, 'name')
      // Other init containers are gone when the proxy listens, or it is not there yet.
      if (ours.has(name) || (list === 'initContainers' && container.restartPolicy !== 'Always')) return []
      return objectsAt(container, 'ports').flatMap((entry, index): Clash[] => {
        const found = reserved.find((other) => isSame(entry, other))
        if (found === undefined) return []
        const path = templateField(subject, `spec.${list}[name=${name}].ports[${index}].containerPort`)
        return [{ ...found, evidence: { path, value: found.port } }]
      })
    }),
  )
}

function isSame(entry: JsonObject, { port, udp }: Reserved): boolean {
  const protocol = textAt(entry, 'protocol') || 'TCP'
  return numberAt(entry, 'containerPort') === port && (protocol === 'TCP' || (protocol === 'UDP' && udp === true))
}

function finding({ subject }: Proxied, clashes: readonly Clash[]): Found {
  const ports = clashes.map(({ port, use }) => `${port} (${use})`).join(', ')
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `${titleOf(subject)} listens on ${ports}, which its proxy listens on, too`,
      zh: `${titleOf(subject)} 监听了代理同样监听的端口 ${ports}`,
    },
    evidence: clashes.map(({ evidence }) => evidence),
    confidence: 'likely',
    fix: changePort(clashes.map(({ port }) => port)),
  }
}

function changePort(ports: readonly number[]): Fix {
  const text: Text = {
    en: `Let the application listen on another port than ${ports.join(', ')}, and change containerPort and the targetPort of its Services with it`,
    zh: `让应用改用 ${ports.join('、')} 以外的端口，并同步修改 containerPort 与 Service 的 targetPort`,
  }
  return { text, commands: [], changes: [] }
}

/** Ports that serve nothing to others. 15020, 15021 and 15090 are asked from outside, by kubelets and Prometheus. */
const PRIVATE = new Set([15_000, 15_001, 15_004, 15_006, 15_053])

interface Aimed {
  readonly service: JsonObject
  readonly selector: Readonly<Record<string, string>>
  readonly index: number
  readonly target: number
}

/** Services with such a target, by namespace: there are hardly any. */
const aimedServices = remembered((cluster) => {
  const found = cluster.all('Service').flatMap((service): Aimed[] => {
    const selector = textsAt(service, 'spec', 'selector')
    if (Object.keys(selector).length === 0) return []
    return objectsAt(service, 'spec', 'ports').flatMap((entry, index) => {
      const target = at(entry, 'targetPort') ?? at(entry, 'port')
      return typeof target === 'number' && PRIVATE.has(target) ? [{ service, selector, index, target }] : []
    })
  })
  return Map.groupBy(found, ({ service }) => namespaceOf(service))
})

function serviceClashes(cluster: Cluster, { subject }: Proxied, reserved: readonly Reserved[]): CheckOutcome[] {
  const labels = labelsOf(subject.template)
  return (aimedServices(cluster).get(subject.namespace) ?? []).flatMap(({ service, selector, index, target }) => {
    const found = reserved.find(({ port }) => port === target)
    const selects = Object.entries(selector).every(
      ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
    )
    if (found === undefined || !selects) return []
    const { name } = objectName(service)
    return [
      {
        outcome: 'found' as const,
        object: subject.object,
        message: {
          en: `The Service ${subject.namespace}/${name} sends to port ${target} of ${titleOf(subject)}, which belongs to the proxy (${found.use})`,
          zh: `Service ${subject.namespace}/${name} 把流量发往 ${titleOf(subject)} 的端口 ${target}，该端口属于代理（${found.use}）`,
        },
        evidence: [{ object: objectName(service), path: `spec.ports[${index}].targetPort`, value: target }],
        confidence: 'likely' as const,
        fix: {
          text: {
            en: 'Send to the port that the application listens on; the proxy is passed in any case',
            zh: '把 targetPort 改为应用监听的端口；流量总会经过代理',
          },
          commands: [],
          changes: [],
        },
      },
    ]
  })
}
