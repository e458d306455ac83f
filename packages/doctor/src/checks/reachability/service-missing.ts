import { nearest } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { callService } from '../../fixes/call-service.ts'
import { deleteConfiguration } from '../../fixes/delete-configuration.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import {
  type Backend,
  backendFailures,
  backends,
  backendTitle,
  backendWorkloads,
  containerPorts,
  revisionOf,
  selects,
  serviceSelector,
} from '../../mesh/backends.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { nameOf, namespaceOf, objectAt, objectsAt, textAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { calledService, configurationName, consequence, notRead, ofCodes, saidBy } from './evidence.ts'
import { externalName } from './external-name.ts'
import { reinstallCommand } from './reinstall.ts'

export const INJ151: Check = {
  id: 'INJ151',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Service', 'Namespace', 'Deployment', 'Event', 'ConfigMap'],
  title: { en: 'The webhook calls a Service that does not exist', zh: 'webhook 调用的 Service 不存在' },
  looksAt: {
    en: 'clientConfig.service of every injection webhook against the Services that there are, and what API servers say: service "…" not found, no such host.',
    zh: '每个注入 webhook 的 clientConfig.service 与实际存在的 Service，以及 API server 的报错：service "…" not found、no such host。',
  },
  why: {
    en: 'The API server cannot call the injector. With failurePolicy Fail no Pod can be created, with Ignore Pods come without a sidecar. It happens when a control plane was removed and its webhook stayed, or with a wrong name or namespace.',
    zh: 'API server 无法调用注入器。failurePolicy 为 Fail 时 Pod 无法创建，为 Ignore 时 Pod 没有 sidecar。常见于控制平面已卸载而 webhook 残留，或名称、命名空间写错。',
  },
  remedy: {
    en: 'Point the webhook to the Service that there is, install the control plane again, or delete the webhook that was left behind.',
    zh: '让 webhook 指向实际存在的 Service，重新安装控制平面，或删除残留的 webhook。',
  },
  references: ['istio/istio#6307', 'istio/istio#22487', 'istio/istio#7409', 'IST0139'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

const CODES = ['service-not-found', 'host-not-found', 'service-type-unsupported'] as const

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const failures = ofCodes(backendFailures(cluster, backend), CODES)
  if (backend.service !== undefined) {
    if (textAt(backend.service, 'spec', 'type') === 'ExternalName') return [externalName(backend)]
    return ofCodes(failures, ['host-not-found']).length > 0 ? [notResolved(backend, saidBy(failures))] : []
  }
  const unread = notRead(cluster, 'Service', backend)
  if (unread !== undefined && failures.length === 0) return [unread]
  const byConfiguration = Map.groupBy(backend.injectors, ({ configuration }) => configuration)
  return [...byConfiguration.values()].map((injectors) => {
    const found = missing(cluster, backend, injectors, saidBy(failures), unread === undefined)
    // Of a tag it is told where it comes from: at the webhook of its revision, or by INJ108 where that is gone, too.
    return unread === undefined && injectors[0]?.tag !== undefined ? { ...found, routine: true as const } : found
  })
}

function missing(
  cluster: Cluster,
  backend: Backend,
  injectors: readonly Injector[],
  said: readonly Evidence[],
  sure: boolean,
): Found {
  const [first = backend.injectors[0]] = injectors
  const { namespace, name } = backend
  const noNamespace =
    cluster.unread('Namespace') === undefined && cluster.find('Namespace', '', namespace) === undefined
  const near = sure ? nearServices(cluster, backend) : []
  return {
    outcome: 'found',
    object: configurationName(first),
    ...revisionOf(backend),
    message: isMissing(first.configuration, backend, near, noNamespace),
    meaning: consequence(injectors),
    evidence: [
      ...injectors.map(calledService),
      { object: { apiVersion: 'v1', kind: 'Service', namespace, name }, path: 'metadata.name' },
      ...near.map((service) => ({
        object: objectName(service),
        path: 'spec.selector',
        value: service.spec === undefined ? null : (serviceSelector(service) ?? null),
        label: { en: 'a Service that may be meant', zh: '可能想要的 Service' },
      })),
      ...said,
    ],
    confidence: sure ? 'certain' : 'likely',
    fix: repair(cluster, backend, injectors, near, sure),
  }
}

function isMissing(
  configuration: string,
  backend: Backend,
  near: readonly JsonObject[],
  noNamespace: boolean,
): Found['message'] {
  const title = backendTitle(backend)
  const { namespace } = backend
  return noNamespace
    ? {
        en: `${configuration} calls the Service ${title}, but there is no namespace ${namespace}${alsoEn(near)}`,
        zh: `${configuration} 调用 Service ${title}，但命名空间 ${namespace} 不存在${alsoZh(near)}`,
      }
    : {
        en: `${configuration} calls the Service ${title}, which does not exist${alsoEn(near)}`,
        zh: `${configuration} 调用的 Service ${title} 不存在${alsoZh(near)}`,
      }
}

const serviceTitle = (service: JsonObject): string => `${namespaceOf(service)}/${nameOf(service)}`

function alsoEn(near: readonly JsonObject[]): string {
  return near.length === 0 ? '' : `; there is ${near.map(serviceTitle).join(', ')}`
}

function alsoZh(near: readonly JsonObject[]): string {
  return near.length === 0 ? '' : `；存在 ${near.map(serviceTitle).join('、')}`
}

/**
 * Services that no other control plane's webhook calls: of the same name elsewhere; else the one that selects the injector of this
 * revision, since its certificate is for that name; else one of a similar name that looks like an injector's.
 */
function nearServices(cluster: Cluster, backend: Backend): readonly JsonObject[] {
  const { namespace, name } = backend
  const revisions = new Set(backend.injectors.map(({ revision }) => revision))
  const others = backends(cluster).filter(({ injectors }) =>
    injectors.every(({ revision }) => !revisions.has(revision)),
  )
  const called = new Set(others.map(backendTitle))
  const free = cluster.all('Service').filter((service) => !called.has(serviceTitle(service)))
  const sameName = free.filter((service) => nameOf(service) === name)
  if (sameName.length > 0) return sameName
  const here = free.filter((service) => namespaceOf(service) === namespace && servesWebhooks(service))
  const ofInjector = here.filter((service) => selectsInjector(cluster, backend, service))
  if (ofInjector.length > 0) return ofInjector
  const similar = nearest(name, here.map(nameOf))
  return here.filter((service) => nameOf(service) === similar)
}

function selectsInjector(cluster: Cluster, backend: Backend, service: JsonObject): boolean {
  const selector = serviceSelector(service)
  if (selector === undefined) return false
  const behind = backendWorkloads(cluster, backend).filter(({ object }) => object.kind === 'Deployment')
  return behind.some(({ template }) => selects(selector, objectAt(template, 'metadata', 'labels')))
}

const WEBHOOK_PORTS: ReadonlySet<unknown> = new Set([15017, '15017', 'https', 'https-webhook', 443, 9443])

function servesWebhooks(service: JsonObject): boolean {
  return objectsAt(service, 'spec', 'ports').some(
    ({ port, targetPort }) => port === 443 || WEBHOOK_PORTS.has(targetPort),
  )
}

function repair(
  cluster: Cluster,
  backend: Backend,
  injectors: readonly Injector[],
  near: readonly JsonObject[],
  sure: boolean,
): Fix {
  const [meant, ...others] = near
  if (meant !== undefined && others.length === 0 && servesWebhooks(meant)) return callService(injectors, meant)
  if (sure && isLeftBehind(cluster, backend)) return removal(cluster, injectors)
  const [first = backend.injectors[0]] = injectors
  const workload = backendWorkloads(cluster, backend).find(({ object }) => object.kind === 'Deployment')
  if (sure && workload !== undefined) return newService(backend, workload)
  return {
    text: {
      en: `Install the control plane of revision ${first.revision} again. If it was removed on purpose, delete the MutatingWebhookConfiguration ${first.configuration} instead`,
      zh: `重新安装 revision ${first.revision} 的控制平面。如果是有意卸载，则删除 MutatingWebhookConfiguration ${first.configuration}`,
    },
    commands: [reinstallCommand(cluster, backend)],
    changes: [],
  }
}

/** The injector runs, only its Service is gone. */
function newService({ namespace, name, port }: Backend, { object, template }: Subject): Fix {
  const ports = containerPorts(template)
  const target = ports.find((one) => one.name.startsWith('https') || one.port === 15017)?.port ?? 15017
  const what = `deployment/${shellWord(object.name)} --name=${shellWord(name)} --port=${port} --target-port=${target}`
  return {
    text: {
      en: `Create the Service again for Deployment ${object.name}, which is there. Installing the control plane again brings back its other ports, too`,
      zh: `Deployment ${object.name} 仍在，为它重新创建 Service。重新安装控制平面还会恢复其他端口`,
    },
    commands: [`${kubectl({ namespace })} expose ${what}`],
    changes: [],
  }
}

/** Nothing is left of its control plane, and another one injects. */
function isLeftBehind(cluster: Cluster, backend: Backend): boolean {
  const read = cluster.unread('Deployment') === undefined && cluster.unread('Pod', backend.namespace) === undefined
  const other = backends(cluster).some(
    (one) => one.service !== undefined && one.injectors[0].revision !== backend.injectors[0].revision,
  )
  return read && other && backendWorkloads(cluster, backend).length === 0
}

/** While the webhook fails closed it keeps out the Pods of those that still name it; without it they run without a sidecar. */
function removal(cluster: Cluster, injectors: readonly Injector[]): Fix {
  const [first] = injectors
  if (first === undefined) return { text: { en: '', zh: '' }, commands: [], changes: [] }
  const what = first.tag === undefined ? `revision ${first.revision}` : `tag ${first.tag}`
  return {
    text: {
      en: `Nothing of this control plane is left: delete the webhook of the ${what}. Label namespaces and Pods that still name it before: without the webhook they are not refused any more, and come without a sidecar`,
      zh: `该控制平面已不存在：删除 ${what} 的 webhook。请先把仍指向它的命名空间和 Pod 改为其他 revision：webhook 删除后它们不再被拒绝，但也没有 sidecar`,
    },
    ...deleteConfiguration(cluster, first.configuration),
  }
}

/** The Service is there, and the API server cannot resolve its name: it does not look Services up itself, or asked before. */
function notResolved(backend: Backend, said: readonly Evidence[]): Found {
  return {
    outcome: 'found',
    object: configurationName(backend.injectors[0]),
    severity: 'warn',
    ...revisionOf(backend),
    message: {
      en: `The API server could not resolve ${backend.name}.${backend.namespace}.svc, although the Service exists`,
      zh: `Service 存在，但 API server 无法解析 ${backend.name}.${backend.namespace}.svc`,
    },
    meaning: {
      en: 'An API server finds Services by itself. It asks a DNS server only when it calls through a proxy or a tunnel that knows nothing of the cluster, or when the Service was missing at that time.',
      zh: 'API server 自己就能找到 Service。只有在通过不认识集群的代理或隧道调用时，或当时 Service 还不存在时，才会去查询 DNS。',
    },
    evidence: [calledService(backend.injectors[0]), ...said],
    confidence: 'cannot-tell',
    fix: {
      text: {
        en: 'Try again; if it stays, look at the proxy settings (INJ161) and the tunnel (konnectivity) of the API server',
        zh: '重试一次；如果仍然失败，检查 API server 的代理设置（INJ161）和隧道（konnectivity）',
      },
      commands: [`kubectl -n ${backend.namespace} get service ${backend.name}`],
      changes: [],
    },
  }
}
