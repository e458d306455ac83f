import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { objectsAt, textAt } from '../../reading.ts'
import { refusalsOf } from '../../subjects/refusals.ts'
import { PROXY_CONTAINER, sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { forSubjects } from './active-subjects.ts'
import { newlyRendered } from './newly-rendered.ts'

/** Proxies of other meshes by the name of their container. Dapr's sidecar is none: it does not take over connections. */
const OTHER_MESHES: readonly (readonly [RegExp, string])[] = [
  [/^linkerd-proxy$/, 'Linkerd'],
  [/^kuma-sidecar$/, 'Kuma'],
  [/^consul-(?:dataplane|connect-envoy-sidecar)/, 'Consul'],
  [/^osm-init$/, 'Open Service Mesh'],
]

export const INJ126: Check = {
  id: 'INJ126',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Pod', 'Deployment', 'Event', 'MutatingWebhookConfiguration', 'ConfigMap', 'Namespace'],
  title: { en: 'Two sidecars in one Pod', zh: '一个 Pod 中有两个 sidecar' },
  looksAt: {
    en: `Pods that would have ${PROXY_CONTAINER} as a container and as an init container, Pods that were refused for it, and Pods with the proxies of two meshes.`,
    zh: `${PROXY_CONTAINER} 同时出现在 containers 和 initContainers 中的 Pod、因此被拒绝的 Pod，以及带有两个服务网格代理的 Pod。`,
  },
  why: {
    en: 'Kubernetes refuses a Pod with two containers of one name. Two proxies of different meshes redirect each other, and connections hang.',
    zh: 'Kubernetes 会拒绝含有同名容器的 Pod。两个网格的代理会互相拦截流量，导致连接卡住。',
  },
  remedy: {
    en: 'Remove the container from the template or the custom injection template that adds it, or take the Pod out of one mesh.',
    zh: '从 Pod 模板或添加该容器的自定义注入模板中移除它，或让 Pod 退出其中一个网格。',
  },
  references: ['istio/istio#56455'],
  run: (cluster) => forSubjects(cluster, (subject) => [...twice(cluster, subject), ...twoMeshes(subject)]),
}

function twice(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const evidence = twiceEvidence(cluster, subject)
  if (evidence === undefined) return []
  return [
    {
      outcome: 'found',
      object: subject.object,
      severity: 'error',
      message: {
        en: `A Pod of ${titleOf(subject)} would have the container ${PROXY_CONTAINER} twice, and Kubernetes refuses it`,
        zh: `${titleOf(subject)} 的 Pod 会有两个 ${PROXY_CONTAINER} 容器，Kubernetes 会拒绝它`,
      },
      evidence,
      confidence: 'certain',
      fix: {
        ...NO_STEP,
        text: {
          en: `Write settings of the proxy in the list in which the injector puts it (initContainers for a native sidecar), in the Pod template and in custom injection templates alike`,
          zh: '把代理的设置写在注入器所用的列表中（原生 sidecar 为 initContainers），Pod 模板与自定义注入模板都应如此',
        },
      },
    },
  ]
}

function twiceEvidence(cluster: Cluster, subject: Subject): readonly Evidence[] | undefined {
  const refusal = refusalsOf(cluster, subject).find(({ classification }) => classification.code === 'duplicate-proxy')
  if (refusal !== undefined && refusal.classification.details.value === PROXY_CONTAINER)
    return [refusal.sighting.evidence]
  const result = newlyRendered(cluster, subject)
  if (result?.outcome !== 'injected') return undefined
  const lists = (['containers', 'initContainers'] as const).filter((list) => has(result.pod, list))
  if (lists.length < 2) return undefined
  const label = { en: 'after injection', zh: '注入之后' }
  return lists.map((list) => ({ path: `spec.${list}[].name`, value: PROXY_CONTAINER, label }))
}

function has(pod: JsonObject, list: 'containers' | 'initContainers'): boolean {
  return objectsAt(pod, 'spec', list).some((container) => container.name === PROXY_CONTAINER)
}

function twoMeshes(subject: Subject): readonly CheckOutcome[] {
  for (const pod of livePods(subject)) {
    if (sidecarOf(pod).container === undefined) continue
    const other = otherMesh(pod)
    if (other === undefined) continue
    const [container, mesh] = other
    return [
      {
        outcome: 'found',
        object: subject.object,
        message: {
          en: `${titleOf(subject)} has the proxies of Istio (${PROXY_CONTAINER}) and ${mesh} (${container})`,
          zh: `${titleOf(subject)} 同时带有 Istio（${PROXY_CONTAINER}）与 ${mesh}（${container}）的代理`,
        },
        evidence: [PROXY_CONTAINER, container].map((value) => ({
          object: objectName(pod),
          path: 'spec.containers[].name',
          value,
        })),
        confidence: 'certain',
        fix: {
          ...NO_STEP,
          text: {
            en: `Take it out of one mesh: the label sidecar.istio.io/inject: "false" on its Pod template, or the setting of ${mesh} that asks for its proxy`,
            zh: `让它退出其中一个网格：在 Pod 模板上设置标签 sidecar.istio.io/inject: "false"，或关闭 ${mesh} 的注入设置`,
          },
        },
      },
    ]
  }
  return []
}

function otherMesh(pod: JsonObject): readonly [string, string] | undefined {
  for (const container of [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')]) {
    const name = textAt(container, 'name')
    const known = OTHER_MESHES.find(([pattern]) => pattern.test(name))
    if (known !== undefined) return [name, known[1]]
  }
  return undefined
}
