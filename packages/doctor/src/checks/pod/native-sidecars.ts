import { type JsonObject, podCreation, selectWebhooks } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { injectors } from '../../mesh/injectors.ts'
import type { Revision } from '../../mesh/revisions.ts'
import { annotationOf, nameOf, objectsAt, textAt } from '../../reading.ts'
import { PROXY_CONTAINER } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import {
  FIRST_WITH_SIDECARS,
  NATIVE_ANNOTATION,
  nativeWish,
  nodesFor,
  oldNodes,
  versionOfApiServer,
} from './native-support.ts'
import { asOne } from './one-cause.ts'
import { inPod, type Proxied, proxied, proxyPods } from './proxied.ts'
import { annotateTemplate } from './template-change.ts'

export const INJ302: Check = {
  id: 'INJ302',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Node', 'Deployment', 'Namespace', 'ConfigMap', 'MutatingWebhookConfiguration'],
  title: { en: 'A native sidecar cannot run as one', zh: '原生 sidecar 无法按原生方式运行' },
  looksAt: {
    en: `Pods whose ${PROXY_CONTAINER} is an init container: its restartPolicy, the kubelet version of the nodes that the Pod may run on, and the version of the API server. A native sidecar is an init container with restartPolicy Always, which Kubernetes knows since 1.28 and runs by default since 1.29.`,
    zh: `${PROXY_CONTAINER} 为 init 容器的 Pod：其 restartPolicy、Pod 可运行节点的 kubelet 版本以及 API server 版本。原生 sidecar 是 restartPolicy 为 Always 的 init 容器，Kubernetes 1.28 引入，1.29 起默认启用。`,
  },
  why: {
    en: 'Without restartPolicy Always the proxy is an ordinary init container: it never ends, and the Pod hangs in Init for ever.',
    zh: '没有 restartPolicy: Always 时，代理只是普通的 init 容器：它永远不会结束，Pod 会一直停在 Init 状态。',
  },
  remedy: {
    en: 'Update the nodes, or the webhook that loses the field; until then ask for a classic sidecar.',
    zh: '升级节点，或升级丢失该字段的 webhook；在此之前请使用传统 sidecar。',
  },
  references: ['istio/istio#48794', 'istio/istio#52245', 'istio/istio#57587', 'kubernetes/kubernetes#127701'],
  run: (cluster) => [...stripped(cluster), ...onOldNodes(cluster)],
}

/** Live Pods whose proxy is an init container that does not restart. */
function stripped(cluster: Cluster): readonly CheckOutcome[] {
  return subjects(cluster).flatMap((subject) => {
    const found = livePods(subject).flatMap((pod) => {
      const containers = objectsAt(pod, 'spec', 'containers')
      const init = objectsAt(pod, 'spec', 'initContainers')
      const index = init.findIndex(({ name }) => name === PROXY_CONTAINER)
      const regular = containers.some(({ name }) => name === PROXY_CONTAINER)
      return index === -1 || regular || textAt(init[index], 'restartPolicy') === 'Always' ? [] : [{ pod, index }]
    })
    const [first] = found
    return first === undefined ? [] : [strippedFinding(cluster, subject, first, found.length)]
  })
}

function strippedFinding(
  cluster: Cluster,
  subject: Subject,
  { pod, index }: { readonly pod: JsonObject; readonly index: number },
  count: number,
): CheckOutcome {
  const others = otherWebhooks(cluster, subject, pod)
  const names = others.map(({ title }) => title).join(', ')
  const restartPolicy = textAt(objectsAt(pod, 'spec', 'initContainers')[index], 'restartPolicy')
  return {
    outcome: 'found',
    severity: 'error',
    object: subject.object,
    message: {
      en: `${PROXY_CONTAINER} of ${titleOf(subject)} is an init container without restartPolicy Always (${count === 1 ? '1 Pod' : `${count} Pods`}): the Pod waits for it to end, which it never does`,
      zh: `${titleOf(subject)} 的 ${PROXY_CONTAINER} 是没有 restartPolicy: Always 的 init 容器（${count} 个 Pod）：Pod 会一直等待它结束，而它永远不会结束`,
    },
    meaning: {
      en:
        names === ''
          ? 'Something wrote the Pod again with types that do not know the field: an old API server, or a webhook or controller built against Kubernetes before 1.28.'
          : `Another webhook that is built against Kubernetes before 1.28 loses the field when it writes the Pod again. Called for this Pod: ${names}.`,
      zh:
        names === ''
          ? '某个组件用不认识该字段的类型重写了 Pod：旧版 API server，或基于 Kubernetes 1.28 之前版本构建的 webhook 或控制器。'
          : `基于 Kubernetes 1.28 之前版本构建的其他 webhook 在重写 Pod 时丢失了该字段。该 Pod 会调用：${names}。`,
    },
    evidence: [
      {
        object: objectName(pod),
        path: `spec.initContainers[${index}].restartPolicy`,
        ...(restartPolicy === '' ? {} : { value: restartPolicy }),
      },
      { object: objectName(pod), path: 'status.phase', value: textAt(pod, 'status', 'phase') },
      ...others.slice(0, 5).map(({ evidence }) => evidence),
    ],
    confidence: 'certain',
    fix: classicFix(cluster, subject),
  }
}

interface OtherWebhook {
  readonly title: string
  readonly evidence: Evidence
}

/** Mutating webhooks, other than injectors, that the API server calls for the Pod. */
function otherWebhooks(cluster: Cluster, { namespace }: Subject, pod: JsonObject): readonly OtherWebhook[] {
  const own = new Set(injectors(cluster).map(({ configuration, index }) => `${configuration}/${index}`))
  const request = podCreation(namespace, pod, namespaceLabels(cluster).get(namespace))
  return selectWebhooks(cluster.all('MutatingWebhookConfiguration'), request)
    .filter(({ configuration, index, called }) => called !== false && !own.has(`${configuration}/${index}`))
    .map(({ configuration, webhook, index }) => ({
      title: `${configuration}/${webhook}`,
      evidence: {
        object: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'MutatingWebhookConfiguration',
          name: configuration,
        },
        path: `webhooks[${index}].name`,
        value: webhook,
        label: { en: 'also called for the Pod', zh: '该 Pod 也会调用' },
      },
    }))
}

/** Proxies that are native sidecars where some kubelet (or the API server) does not know them. */
function onOldNodes(cluster: Cluster): readonly CheckOutcome[] {
  const api = versionOfApiServer(cluster)
  const apiIsOld = api !== undefined && api < FIRST_WITH_SIDECARS
  if (!apiIsOld && oldNodes(cluster).length === 0) return []
  const all = proxied(cluster)
    .filter(({ sidecar }) => sidecar.native)
    .flatMap((one) => {
      const nodes = nodesFor(cluster, one).filter((node) => oldNodes(cluster).includes(node))
      return nodes.length === 0 && !apiIsOld ? [] : [{ one, found: oldFinding(cluster, one, nodes) }]
    })
  const byWish = Map.groupBy(all, ({ one }) => wisher(cluster, one))
  return [...byWish].flatMap(([who, group]) => {
    const found = group.map((each) => each.found)
    return who === undefined ? found : asOne(found, (first, names) => forAll(who, first, names, found.length))
  })
}

/** The control plane that gives native sidecars to everybody; undefined where the Pod itself asks for one. */
function wisher(cluster: Cluster, { subject }: Proxied): Revision | undefined {
  if (annotationOf(subject.template, NATIVE_ANNOTATION) !== undefined) return undefined
  const { configuration, revision } = verdictOf(cluster, subject)
  return configuration?.nativeSidecars === true && revision?.injectors.some((one) => one.service) ? revision : undefined
}

function forAll(revision: Revision, first: Found, names: Found['message'], count: number): Found {
  const service = revision.injectors.find((one) => one.service !== undefined)?.service
  const [namespace, name] = [service?.namespace ?? '', service?.name ?? '']
  return {
    ...first,
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
    revision: revision.name,
    message: {
      en: `Revision ${revision.name} gives ${count} workloads native sidecars, and nodes or the API server are older than 1.${FIRST_WITH_SIDECARS}: ${names.en}`,
      zh: `revision ${revision.name} 为 ${count} 个工作负载注入原生 sidecar，但节点或 API server 低于 1.${FIRST_WITH_SIDECARS}：${names.zh}`,
    },
    fix: classicForAll(namespace, name),
  }
}

function classicForAll(namespace: string, name: string): Fix {
  return {
    text: {
      en: 'Update what is too old. Until then turn native sidecars off for this control plane, and restart the workloads',
      zh: '升级过旧的组件。在此之前为该控制平面关闭原生 sidecar，并重启工作负载',
    },
    commands: [`${kubectl({ namespace })} set env ${shellWord(`deployment/${name}`)} ENABLE_NATIVE_SIDECARS=false`],
    changes: [],
  }
}

function oldFinding(cluster: Cluster, one: Proxied, nodes: readonly JsonObject[]): Found {
  const { subject } = one
  const isThere = new Set(proxyPods(subject).map((pod) => textAt(pod, 'spec', 'nodeName')))
  const hanging = nodes.some((node) => isThere.has(nameOf(node)))
  const version = cluster.snapshot.kubernetesVersion ?? ''
  const where = nodes.map((node) => `${nameOf(node)} (${textAt(node, 'status', 'nodeInfo', 'kubeletVersion')})`)
  const listed = where.length > 3 ? `${where.slice(0, 3).join(', ')} …` : where.join(', ')
  const wish = nativeWish(cluster, subject)
  return {
    outcome: 'found',
    object: subject.object,
    ...(hanging || nodes.length === 0 ? { severity: 'error' as const } : {}),
    message:
      nodes.length === 0
        ? {
            en: `${titleOf(subject)} gets a native sidecar, which the API server ${version} does not know`,
            zh: `${titleOf(subject)} 使用原生 sidecar，但 API server ${version} 不支持`,
          }
        : {
            en: `${titleOf(subject)} gets a native sidecar, and ${hanging ? 'runs' : 'may run'} on nodes whose kubelet is older than 1.${FIRST_WITH_SIDECARS}: ${listed}`,
            zh: `${titleOf(subject)} 使用原生 sidecar，${hanging ? '并运行在' : '且可能运行在'} kubelet 低于 1.${FIRST_WITH_SIDECARS} 的节点上：${listed}`,
          },
    evidence: [
      ...wish,
      inPod(one, 'spec.initContainers[name=istio-proxy].restartPolicy', 'Always'),
      ...nodes.slice(0, 3).map((node) => ({
        object: objectName(node),
        path: 'status.nodeInfo.kubeletVersion',
        value: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
      })),
    ],
    confidence: hanging || nodes.length === 0 ? 'certain' : 'likely',
    fix: classicFix(cluster, subject),
  }
}

/** With a classic sidecar they would never end. */
function ofJobs(): Fix {
  return {
    text: {
      en: `Update the nodes, or keep the Job to nodes that are new enough by a nodeSelector: with a classic sidecar it would not end by itself (INJ303)`,
      zh: `升级节点，或用 nodeSelector 让该 Job 只运行在足够新的节点上：使用传统 sidecar 时它不会自行结束（INJ303）`,
    },
    commands: ['kubectl get nodes -o wide'],
    changes: [],
  }
}

function classicFix(cluster: Cluster, subject: Subject): Fix {
  const { configuration, revision } = verdictOf(cluster, subject)
  if (subject.object.kind === 'Job' || subject.object.kind === 'CronJob') return ofJobs()
  // The annotation came with 1.24; before, only the switch of the control plane counts.
  if (configuration === undefined || configuration.minor >= 24) {
    return annotateTemplate(
      subject,
      {
        en: `Repair what is too old. Until then give the workload a classic sidecar by the annotation ${NATIVE_ANNOTATION}: "false"`,
        zh: `升级过旧的组件。在此之前通过注解 ${NATIVE_ANNOTATION}: "false" 让该工作负载使用传统 sidecar`,
      },
      { [NATIVE_ANNOTATION]: 'false' },
    )
  }
  const service = revision?.injectors.find((one) => one.service !== undefined)?.service
  return {
    text: {
      en: 'Repair what is too old. Until then turn native sidecars off for this control plane; its release has no switch per workload',
      zh: '升级过旧的组件。在此之前为该控制平面关闭原生 sidecar；该版本没有针对单个工作负载的开关',
    },
    commands: [
      `kubectl -n ${service?.namespace ?? 'istio-system'} set env deployment/${service?.name ?? 'istiod'} ENABLE_NATIVE_SIDECARS=false`,
    ],
    changes: [],
  }
}
