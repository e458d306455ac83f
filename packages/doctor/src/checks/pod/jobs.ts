import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { kubectl } from '../../fixes/kubectl.ts'
import { at, isTrueAt, nameOf, objectsAt, textAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { appContainers, commandOf, endsBeforeTheApp, execOf, fieldInTemplate } from './app-containers.ts'
import { FIRST_STABLE, NATIVE_ANNOTATION, nodesBelow, oldNodes, versionOfApiServer } from './native-support.ts'
import { inPod, type Proxied, proxied, proxyPods, statusOf } from './proxied.ts'
import { annotateTemplate } from './template-change.ts'

/** Something in the Pod that ends the proxy when the work is done. */
const QUIT = /quitquitquit|\bpkill\b|\bkillall\b|pilot-agent\s+request\s+POST|scuttle|envoy-preflight|\bkubexit\b/

export const INJ303: Check = {
  id: 'INJ303',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Job', 'CronJob', 'Node', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'A Job never completes', zh: 'Job 永远不会完成' },
  looksAt: {
    en: 'Jobs, CronJobs and other Pods that end (restartPolicy Never or OnFailure) whose proxy is an ordinary container, and in which nothing ends the proxy: no call of /quitquitquit, no pkill, no shared process namespace, no wrapper such as scuttle. And Pods whose application has ended while the proxy runs on. EXIT_ON_ZERO_ACTIVE_CONNECTIONS does not help: it counts only while the proxy is being stopped.',
    zh: '代理为普通容器、且没有任何机制结束代理的 Job、CronJob 以及其他会结束的 Pod（restartPolicy 为 Never 或 OnFailure）：没有调用 /quitquitquit、没有 pkill、没有共享进程命名空间、没有 scuttle 之类的包装程序；以及应用已结束而代理仍在运行的 Pod。EXIT_ON_ZERO_ACTIVE_CONNECTIONS 无济于事：它只在代理正被停止时生效。',
  },
  why: {
    en: 'A Pod is done when all of its containers are. The proxy does not end by itself, so the Job stays active, and a CronJob piles up Pods or starts no new ones.',
    zh: '只有所有容器都结束，Pod 才算完成。代理不会自行结束，因此 Job 一直处于活动状态，CronJob 会堆积 Pod 或不再启动新任务。',
  },
  remedy: {
    en: 'Use a native sidecar, which Kubernetes ends after the application; or call the agent when the work is done.',
    zh: '使用原生 sidecar，Kubernetes 会在应用结束后停止它；或在工作完成后调用 agent。',
  },
  references: ['istio/istio#6324', 'istio/istio#11659', 'istio/istio#11045', 'kubernetes/kubernetes#25908'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): readonly CheckOutcome[] {
  const { subject, sidecar } = one
  if (!ends(one) || sidecar.native || !isProxyContainer(one)) return []
  const stuck = proxyPods(subject).filter(hasOnlyProxyLeft)
  if (stuck.length === 0 && (hasQuitHook(one) || hasCompleted(subject))) return []
  return [finding(cluster, one, stuck)]
}

function ends({ subject, pod }: Proxied): boolean {
  const policy = textAt(pod, 'spec', 'restartPolicy')
  return (
    subject.object.kind === 'Job' || subject.object.kind === 'CronJob' || policy === 'Never' || policy === 'OnFailure'
  )
}

/** Whether the proxy stands among the containers; what else is wrong is the matter of INJ302. */
function isProxyContainer({ pod, proxy }: Proxied): boolean {
  return objectsAt(pod, 'spec', 'containers').includes(proxy)
}

function hasQuitHook(one: Proxied): boolean {
  if (isTrueAt(one.pod, 'spec', 'shareProcessNamespace')) return true
  return appContainers(one).some(({ container }) => {
    const hooks = ['preStop', 'postStart'].map((hook) => execOf(at(container, 'lifecycle', hook)))
    return [commandOf(container), textAt(container, 'image'), ...hooks].some((text) => QUIT.test(text))
  })
}

/** Every container of the application has ended, well or badly for good, and the proxy runs. */
function hasOnlyProxyLeft(pod: JsonObject): boolean {
  const sidecar = sidecarOf(pod)
  const apps = appContainers({ pod, sidecar }).filter((app) => app.list === 'containers')
  const ended = apps.every(({ name }) => {
    const terminated = at(statusOf(pod, name), 'state', 'terminated')
    return (
      terminated !== undefined && (textAt(pod, 'spec', 'restartPolicy') === 'Never' || at(terminated, 'exitCode') === 0)
    )
  })
  return apps.length > 0 && ended && at(statusOf(pod, 'istio-proxy'), 'state', 'running') !== undefined
}

/** A Pod of it with the same kind of proxy has come to its end already. */
function hasCompleted({ pods, owner, object }: Subject): boolean {
  if (object.kind === 'Job' && objectsAt(owner, 'status', 'conditions').some(isCompleted)) return true
  return pods.some((pod) => {
    const { container, native } = sidecarOf(pod)
    return textAt(pod, 'status', 'phase') === 'Succeeded' && container !== undefined && !native
  })
}

const isCompleted = ({ type, status }: JsonObject): boolean =>
  (type === 'Complete' || type === 'Failed') && status === 'True'

function finding(cluster: Cluster, one: Proxied, stuck: readonly JsonObject[]): CheckOutcome {
  const { subject, pod } = one
  const [first] = stuck
  const isEvident = first !== undefined
  return {
    outcome: 'found',
    object: subject.object,
    message: isEvident
      ? {
          en: `${titleOf(subject)}: the application in Pod ${nameOf(first)} has ended and istio-proxy runs on${stuck.length > 1 ? ` (so do ${stuck.length - 1} more Pods)` : ''}, so the Pod never completes`,
          zh: `${titleOf(subject)}：Pod ${nameOf(first)} 中的应用已结束，istio-proxy 仍在运行${stuck.length > 1 ? `（另有 ${stuck.length - 1} 个 Pod 相同）` : ''}，Pod 永远不会完成`,
        }
      : {
          en: `${titleOf(subject)} gets istio-proxy as an ordinary container, and nothing in it ends the proxy when the work is done`,
          zh: `${titleOf(subject)} 的 istio-proxy 是普通容器，其中没有任何机制在工作完成后结束代理`,
        },
    evidence: [
      inPod(one, 'spec.containers[*].name', namesIn(pod)),
      ...(isEvident ? stuckEvidence(first) : []),
      ...whyNotNative(cluster, one),
    ],
    confidence: isEvident ? 'certain' : 'likely',
    fix: fix(cluster, one, stuck),
  }
}

const namesIn = (pod: JsonObject): readonly string[] =>
  objectsAt(pod, 'spec', 'containers').map((one) => textAt(one, 'name'))

function stuckEvidence(pod: JsonObject): readonly Evidence[] {
  const sidecar = sidecarOf(pod)
  const apps = appContainers({ pod, sidecar }).filter((app) => !endsBeforeTheApp(app))
  return [...apps.map(({ name }) => name), 'istio-proxy'].map((name) => ({
    object: objectName(pod),
    path: `status.containerStatuses[name=${name}].state`,
    value: at(statusOf(pod, name), 'state') ?? null,
  }))
}

/** What keeps the control plane from making it a native sidecar by itself. */
function whyNotNative(cluster: Cluster, { subject }: Proxied): readonly Evidence[] {
  const { configuration } = verdictOf(cluster, subject)
  const annotation = at(subject.template, 'metadata', 'annotations', NATIVE_ANNOTATION)
  if (annotation !== undefined) {
    return [fieldInTemplate(subject, `metadata.annotations["${NATIVE_ANNOTATION}"]`, annotation)]
  }
  if (configuration?.nativeSidecars !== 'auto') return []
  return nodesBelow(cluster, FIRST_STABLE)
    .slice(0, 1)
    .map((node) => ({
      object: objectName(node),
      path: 'status.nodeInfo.kubeletVersion',
      value: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
      label: {
        en: `below 1.${FIRST_STABLE}: native sidecars are not used by themselves`,
        zh: `低于 1.${FIRST_STABLE}：不会自动使用原生 sidecar`,
      },
    }))
}

function fix(cluster: Cluster, one: Proxied, stuck: readonly JsonObject[]): Fix {
  const { subject } = one
  const minor = verdictOf(cluster, subject).configuration?.minor
  const api = versionOfApiServer(cluster) ?? FIRST_STABLE
  // The annotation is known since 1.24, whatever the switch of the control plane says.
  const native = (minor === undefined || minor >= 24) && api >= 29 && oldNodes(cluster).length === 0
  const made = native ? nativeFix(subject) : callFix(subject)
  const release = stuck
    .slice(0, 3)
    .map(
      (pod) => `${kubectl(subject.object)} exec ${nameOf(pod)} -c istio-proxy -- pilot-agent request POST quitquitquit`,
    )
  return { ...made, commands: [...made.commands, ...release] }
}

function nativeFix(subject: Subject): Fix {
  return annotateTemplate(
    subject,
    {
      en: `Make the proxy a native sidecar by the annotation ${NATIVE_ANNOTATION}: "true"`,
      zh: `通过注解 ${NATIVE_ANNOTATION}: "true" 让代理成为原生 sidecar`,
    },
    { [NATIVE_ANNOTATION]: 'true' },
  )
}

function callFix({ object }: Subject): Fix {
  const call = 'curl -fsS -X POST http://127.0.0.1:15020/quitquitquit'
  return {
    text: {
      en: `Call the agent as the last thing that the container of ${object.kind} ${object.name} does: sh -c 'your-program; code=$?; ${call}; exit $code'. With Kubernetes 1.29 and Istio 1.24 the annotation ${NATIVE_ANNOTATION}: "true" does without that`,
      zh: `在 ${object.kind} ${object.name} 的容器最后调用 agent：sh -c 'your-program; code=$?; ${call}; exit $code'。使用 Kubernetes 1.29 和 Istio 1.24 时，注解 ${NATIVE_ANNOTATION}: "true" 即可替代`,
    },
    commands: [],
    changes: [],
  }
}
