import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { annotationOf, at, numberAt, objectsAt, textAt } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { type AppContainer, appContainers, appEvidence, commandOf, endsBeforeTheApp } from './app-containers.ts'
import { FIRST_WITH_SIDECARS, NATIVE_ANNOTATION, oldNodes, versionOfApiServer } from './native-support.ts'
import { type NetworkUse, networkUse } from './network-commands.ts'
import { inPod, type Proxied, proxied, proxyPods, statusOf } from './proxied.ts'
import { proxyIds } from './proxy-ids.ts'
import { annotateTemplate } from './template-change.ts'

const EXCLUDE_PORTS = 'traffic.sidecar.istio.io/excludeOutboundPorts'
const EXCLUDE_RANGES = 'traffic.sidecar.istio.io/excludeOutboundIPRanges'
const INCLUDE_RANGES = 'traffic.sidecar.istio.io/includeOutboundIPRanges'
const MODE = 'sidecar.istio.io/interceptionMode'

export const INJ304: Check = {
  id: 'INJ304',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Node', 'Namespace'],
  title: { en: 'An init container has no network', zh: 'init 容器没有网络' },
  looksAt: {
    en: 'Init containers that need a network, as far as their command or image tells (git clone, curl, wget, nc, wait-for, flyway, psql, vault agent …), and that run after traffic is redirected to the proxy and before the proxy runs: all of them with the CNI plugin, those after istio-init otherwise. Not those that run as the user of the proxy, whose ports are excluded, or that come after a native sidecar.',
    zh: '根据命令或镜像判断需要网络的 init 容器（git clone、curl、wget、nc、wait-for、flyway、psql、vault agent 等），且运行在流量已被重定向到代理、而代理尚未运行的阶段：使用 CNI 插件时为全部 init 容器，否则为 istio-init 之后的容器。不包括以代理用户运行、端口已被排除或位于原生 sidecar 之后的容器。',
  },
  why: {
    en: 'Its connections are sent to a proxy that does not run yet, and fail; the Pod hangs in Init.',
    zh: '其连接被转发到尚未运行的代理，因而失败；Pod 停在 Init 状态。',
  },
  remedy: {
    en: 'Use a native sidecar, which starts before them; or exclude what they connect to; or run them as user 1337.',
    zh: '使用先于它们启动的原生 sidecar；或排除它们要连接的目标；或以用户 1337 运行它们。',
  },
  references: ['istio/istio#11130', 'istio/istio#23802', 'istio/istio#27382', 'istio/istio#34032', 'istio/cni#77'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

interface Stranded {
  readonly app: AppContainer
  readonly use: NetworkUse
}

function judge(cluster: Cluster, one: Proxied): readonly CheckOutcome[] {
  const from = capturedFrom(one)
  if (from === undefined || capturesNothing(one)) return []
  const before = one.sidecar.native ? indexOf(one, 'istio-proxy') : Number.POSITIVE_INFINITY
  const found = appContainers(one).flatMap((app): Stranded[] => {
    if (!endsBeforeTheApp(app) || app.index < from || app.index > before) return []
    const use = networkUse(app.container)
    return use === undefined || isExcluded(one, app, use) || hasWorked(one, app.name) ? [] : [{ app, use }]
  })
  return found.length === 0 ? [] : [finding(cluster, one, found)]
}

const indexOf = ({ pod }: Proxied, name: string): number =>
  objectsAt(pod, 'spec', 'initContainers').findIndex((one) => one.name === name)

/** The first init container that is captured: with the CNI plugin, the first of all. Undefined: none is. */
function capturedFrom(one: Proxied): number | undefined {
  const init = indexOf(one, 'istio-init')
  if (init !== -1) return init + 1
  return indexOf(one, 'istio-validation') === -1 ? undefined : 0
}

/** Outbound traffic of the Pod is not captured at all. */
function capturesNothing({ pod }: Proxied): boolean {
  return annotationOf(pod, INCLUDE_RANGES) === '' || annotationOf(pod, MODE) === 'NONE'
}

function isExcluded(one: Proxied, { container }: AppContainer, { ports }: NetworkUse): boolean {
  const { uids, gids } = proxyIds(one)
  const own = (field: string): number | undefined =>
    numberAt(container, 'securityContext', field) ?? numberAt(one.pod, 'spec', 'securityContext', field)
  const [uid, gid] = [own('runAsUser'), own('runAsGroup')]
  if ((uid !== undefined && uids.includes(uid)) || (gid !== undefined && gids.includes(gid))) return true
  // Which addresses they are cannot be seen here; whoever excludes some has thought of it.
  const ranges = annotationOf(one.pod, EXCLUDE_RANGES)
  const included = annotationOf(one.pod, INCLUDE_RANGES)
  if ((ranges ?? '') !== '' || (included !== undefined && included !== '*')) return true
  const excluded = (annotationOf(one.pod, EXCLUDE_PORTS) ?? '').split(',').map((port) => port.trim())
  if (excluded.every((port) => port === '')) return false
  return ports.every((port) => excluded.includes(String(port)))
}

/** A live Pod shows that it gets through. */
function hasWorked({ subject }: Proxied, name: string): boolean {
  return proxyPods(subject).some((pod) => at(statusOf(pod, name), 'state', 'terminated', 'exitCode') === 0)
}

function finding(cluster: Cluster, one: Proxied, found: readonly Stranded[]): CheckOutcome {
  const { subject } = one
  const names = found.map(({ app }) => app.name).join(', ')
  const uses = [...new Set(found.map(({ use }) => use.by))].join(', ')
  const failures = found.flatMap(({ app }) => failureEvidence(one, app.name))
  const cni = indexOf(one, 'istio-init') === -1
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `${titleOf(subject)}: init container ${names} needs a network (${uses}), but ${cni ? 'the CNI plugin redirects the traffic of the Pod before anything runs' : 'it runs after istio-init, which redirects the traffic'}, and the proxy starts only after it`,
      zh: `${titleOf(subject)}：init 容器 ${names} 需要网络（${uses}），但${cni ? ' CNI 插件在任何容器运行之前就重定向了 Pod 的流量' : '它在重定向流量的 istio-init 之后运行'}，而代理在它之后才启动`,
    },
    evidence: [...found.map(({ app, use }) => useEvidence(one, app, use)), initEvidence(one), ...failures],
    confidence: failures.length > 0 ? 'certain' : 'likely',
    fix: fix(cluster, one, found),
  }
}

function useEvidence(one: Proxied, app: AppContainer, { in: place }: NetworkUse): Evidence {
  const field = place === 'image' ? 'image' : app.container.command === undefined ? 'args' : 'command'
  const value = place === 'image' ? textAt(app.container, 'image') : commandOf(app.container).slice(0, 200)
  return appEvidence(one, app, field, value)
}

function initEvidence(one: Proxied): Evidence {
  const names = objectsAt(one.pod, 'spec', 'initContainers').map((container) => textAt(container, 'name'))
  return inPod(one, 'spec.initContainers[*].name', names)
}

/** Live Pods in which it fails. */
function failureEvidence({ subject }: Proxied, name: string): readonly Evidence[] {
  return proxyPods(subject)
    .filter((pod) => {
      const status = statusOf(pod, name)
      const code = at(status, 'state', 'terminated', 'exitCode') ?? at(status, 'lastState', 'terminated', 'exitCode')
      return typeof code === 'number' && code !== 0
    })
    .slice(0, 1)
    .map((pod) => ({
      object: objectName(pod),
      path: `status.initContainerStatuses[name=${name}].restartCount`,
      value: numberAt(statusOf(pod, name), 'restartCount') ?? 0,
    }))
}

function fix(cluster: Cluster, one: Proxied, found: readonly Stranded[]): Fix {
  const { subject } = one
  const minor = verdictOf(cluster, subject).configuration?.minor
  const sidecarsWork =
    oldNodes(cluster).length === 0 && (versionOfApiServer(cluster) ?? FIRST_WITH_SIDECARS) >= FIRST_WITH_SIDECARS
  if ((minor === undefined || minor >= 24) && sidecarsWork && !one.sidecar.native) {
    return annotateTemplate(
      subject,
      {
        en: `Make the proxy a native sidecar, which starts before them: annotation ${NATIVE_ANNOTATION}: "true"`,
        zh: `让代理成为先于它们启动的原生 sidecar：注解 ${NATIVE_ANNOTATION}: "true"`,
      },
      { [NATIVE_ANNOTATION]: 'true' },
    )
  }
  const ports = [...new Set(found.flatMap(({ use }) => use.ports))]
  if (ports.length > 0 && found.every(({ use }) => use.ports.length > 0)) {
    return annotateTemplate(
      subject,
      {
        en: `Let the ports ${ports.join(', ')} bypass the proxy (those connections are then outside the mesh)`,
        zh: `让端口 ${ports.join('、')} 绕过代理（这些连接将不在网格内）`,
      },
      { [EXCLUDE_PORTS]: ports.join(',') },
    )
  }
  return {
    text: {
      en: `Run ${found.map(({ app }) => app.name).join(', ')} with securityContext.runAsUser: 1337, whose traffic is not redirected, or name what it connects to in the annotation ${EXCLUDE_PORTS}`,
      zh: `让 ${found.map(({ app }) => app.name).join('、')} 以 securityContext.runAsUser: 1337 运行（其流量不会被重定向），或在注解 ${EXCLUDE_PORTS} 中列出其要连接的端口`,
    },
    commands: [],
    changes: [],
  }
}
