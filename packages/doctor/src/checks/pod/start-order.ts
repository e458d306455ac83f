import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { at, isTrueAt, numberAt, objectsAt, textAt } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { type AppContainer, appContainers, appEvidence, execOf } from './app-containers.ts'
import { networkWord } from './network-commands.ts'
import { inPod, type Proxied, proxied, statusOf } from './proxied.ts'
import { proxyConfigFix, proxyConfigOf } from './proxy-config.ts'
import { longest, shutdownOf, startsWithWait } from './shutdown.ts'

export const INJ305: Check = {
  id: 'INJ305',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'The application runs without its proxy at its start or end', zh: '应用在启动或结束时没有可用的代理' },
  looksAt: {
    en: 'Proxies that are ordinary containers: whether holdApplicationUntilProxyStarts has its two halves (istio-proxy is the first container, and its postStart hook waits), whether a postStart hook of the application needs the network before the proxy is started, and whether the proxy ends (after terminationDrainDuration, 5s by default) while a preStop hook keeps the application serving.',
    zh: '作为普通容器的代理：holdApplicationUntilProxyStarts 的两个条件是否同时满足（istio-proxy 是第一个容器，且其 postStart 钩子会等待）；应用的 postStart 钩子是否在代理启动前需要网络；以及 preStop 钩子仍让应用提供服务时，代理是否已结束（terminationDrainDuration 之后，默认 5s）。',
  },
  why: {
    en: 'The kubelet starts containers in their order and waits for the postStart hook of each. A container before the proxy does not wait for it, and a hook that waits for the network keeps the proxy from being started. At the end all containers are told to stop at once, and without the proxy there is no network.',
    zh: 'kubelet 按顺序启动容器，并等待每个容器的 postStart 钩子。位于代理之前的容器不会等待代理，而等待网络的钩子会阻止代理启动。结束时所有容器同时收到停止信号，没有代理就没有网络。',
  },
  remedy: {
    en: 'Use a native sidecar, or hold the application until the proxy is ready, and let the proxy drain as long as the application serves.',
    zh: '使用原生 sidecar；或让应用等待代理就绪，并让代理的排空时间不短于应用继续服务的时间。',
  },
  references: ['istio/istio#11130', 'istio/istio#34855', 'istio/istio#36660', 'istio/istio#37541', 'istio/istio#59690'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): readonly CheckOutcome[] {
  const position = objectsAt(one.pod, 'spec', 'containers').indexOf(one.proxy)
  if (position === -1) return []
  const waits = startsWithWait(one.proxy)
  const found = [
    waits && position > 0 ? notFirst(one, position) : undefined,
    waits || !isHeld(cluster, one) ? undefined : doesNotWait(one),
    postStartBefore(one, position),
    endsBeforeTheApplication(cluster, one),
  ].filter((part) => part !== undefined)
  const [first] = found
  if (first === undefined) return []
  return [{ ...first, evidence: found.flatMap(({ evidence }) => evidence), message: joined(found) }]
}

function joined(found: readonly Found[]): Found['message'] {
  return {
    en: found.map(({ message }) => message.en).join('. '),
    zh: found.map(({ message }) => message.zh).join('。'),
  }
}

/** What asks for the hold: the Pod or the mesh (both in PROXY_CONFIG), or the values of the control plane. */
function isHeld(cluster: Cluster, one: Proxied): boolean {
  if (isTrueAt(proxyConfigOf(one), 'holdApplicationUntilProxyStarts')) return true
  const { configuration } = verdictOf(cluster, one.subject)
  return one.from === 'rendered' && configuration?.typedValues.holdApplicationUntilProxyStarts === true
}

const HOLD = { holdApplicationUntilProxyStarts: true }

function holdFix({ subject }: Proxied): ReturnType<typeof proxyConfigFix> {
  return proxyConfigFix(
    subject,
    {
      en: 'Hold the application until the proxy is ready: holdApplicationUntilProxyStarts in the annotation proxy.istio.io/config also puts the proxy first',
      zh: '让应用等待代理就绪：在注解 proxy.istio.io/config 中设置 holdApplicationUntilProxyStarts 也会把代理放到第一位',
    },
    HOLD,
  )
}

function notFirst(one: Proxied, position: number): Found {
  const names = objectsAt(one.pod, 'spec', 'containers').map((container) => textAt(container, 'name'))
  const before = names.slice(0, position).join(', ')
  return {
    outcome: 'found',
    object: one.subject.object,
    message: {
      en: `istio-proxy of ${titleOf(one.subject)} makes those wait that are after it, but ${before} stands before it and does not wait`,
      zh: `${titleOf(one.subject)} 的 istio-proxy 会让其后的容器等待，但 ${before} 位于它之前，不会等待`,
    },
    evidence: [
      inPod(one, 'spec.containers[*].name', names),
      inPod(one, `spec.containers[${position}].lifecycle.postStart`, at(one.proxy, 'lifecycle', 'postStart')),
    ],
    confidence: 'certain',
    fix: holdFix(one),
  }
}

function doesNotWait(one: Proxied): Found {
  const lifecycle = at(one.proxy, 'lifecycle')
  return {
    outcome: 'found',
    object: one.subject.object,
    message: {
      en: `holdApplicationUntilProxyStarts is on for ${titleOf(one.subject)}, but istio-proxy has no postStart hook that waits${lifecycle === undefined ? '' : ': it has a lifecycle of its own'}`,
      zh: `${titleOf(one.subject)} 启用了 holdApplicationUntilProxyStarts，但 istio-proxy 没有等待的 postStart 钩子${lifecycle === undefined ? '' : '：它使用了自定义的 lifecycle'}`,
    },
    evidence: [
      inPod(one, 'proxyConfig.holdApplicationUntilProxyStarts', true),
      inPod(one, 'spec.containers[name=istio-proxy].lifecycle', lifecycle),
    ],
    confidence: 'certain',
    fix: {
      text: {
        en: 'Add the hook to the lifecycle of the proxy (values.global.proxy.lifecycle, or the container istio-proxy of the Pod): postStart: {exec: {command: [pilot-agent, wait]}}',
        zh: '在代理的 lifecycle（values.global.proxy.lifecycle 或 Pod 中的 istio-proxy 容器）中加入钩子：postStart: {exec: {command: [pilot-agent, wait]}}',
      },
      commands: [],
      changes: [],
    },
  }
}

/** A hook that wants the network keeps the kubelet from starting the proxy, which stands after it. */
function postStartBefore(one: Proxied, position: number): Found | undefined {
  const blocked = appContainers(one).filter((app) => app.list === 'containers' && app.index < position)
  for (const app of blocked) {
    const command = execOf(at(app.container, 'lifecycle', 'postStart'))
    const word = networkWord(command)
    if (word === undefined || worksLive(one, app)) continue
    return {
      outcome: 'found',
      object: one.subject.object,
      message: {
        en: `The postStart hook of ${app.name} in ${titleOf(one.subject)} needs the network (${word}), and the kubelet starts istio-proxy only when the hook has ended`,
        zh: `${titleOf(one.subject)} 中 ${app.name} 的 postStart 钩子需要网络（${word}），而 kubelet 要等该钩子结束后才启动 istio-proxy`,
      },
      evidence: [
        appEvidence(one, app, 'lifecycle.postStart.exec.command', command.slice(0, 200)),
        inPod(one, `spec.containers[${position}].name`, 'istio-proxy'),
      ],
      confidence: 'likely',
      fix: holdFix(one),
    }
  }
  return undefined
}

function worksLive({ pod, from }: Proxied, { name }: AppContainer): boolean {
  const status = statusOf(pod, name)
  return from === 'live' && isTrueAt(status, 'ready') && numberAt(status, 'restartCount') === 0
}

function endsBeforeTheApplication(cluster: Cluster, one: Proxied): Found | undefined {
  const { preStops, proxyPreStop, drain, drainEvidence, untilIdle, grace } = shutdownOf(cluster, one)
  const hook = longest(preStops)
  const lasts = proxyPreStop + drain
  if (hook === undefined || untilIdle || hook.seconds <= lasts) return undefined
  const preStop = at(one.proxy, 'lifecycle', 'preStop')
  // A hook of the proxy that waits for something else than a time.
  if (preStop !== undefined && proxyPreStop === 0) return undefined
  const seconds = Math.ceil(hook.seconds + 5)
  const wanted = `${seconds}s`
  const longer = seconds < grace ? {} : { terminationGracePeriodSeconds: Math.ceil((seconds + 5) / 5) * 5 }
  return {
    outcome: 'found',
    object: one.subject.object,
    message: {
      en: `When a Pod of ${titleOf(one.subject)} ends, istio-proxy stops after ${lasts} s, while ${hook.app.name} goes on for the ${hook.seconds} s of its preStop hook, without a network`,
      zh: `${titleOf(one.subject)} 的 Pod 结束时，istio-proxy 在 ${lasts} 秒后停止，而 ${hook.app.name} 因 preStop 钩子还会继续 ${hook.seconds} 秒，此时没有网络`,
    },
    evidence: [hook.evidence, drainEvidence],
    confidence: 'certain',
    fix: proxyConfigFix(
      one.subject,
      {
        en: `Let the proxy drain for ${wanted}: terminationDrainDuration in the annotation proxy.istio.io/config`,
        zh: `让代理排空 ${wanted}：在注解 proxy.istio.io/config 中设置 terminationDrainDuration`,
      },
      { terminationDrainDuration: wanted },
      longer,
    ),
  }
}
