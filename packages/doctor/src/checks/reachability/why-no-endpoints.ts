import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { eventsAbout } from '../../cluster/events.ts'
import type { Evidence, Fix, ObjectName } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { jsonPatch, leftToPeople, patchObject } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import {
  type Backend,
  backendPods,
  backendTitle,
  backendWorkloads,
  selects,
  serviceName,
  serviceSelector,
} from '../../mesh/backends.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { type PodState, podState } from '../../mesh/pod-state.ts'
import { classifyMessage } from '../../messages/index.ts'
import { nameOf, numberAt, objectAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { configurationName } from './evidence.ts'
import { podAdvice, podSentence } from './pod-words.ts'
import { reinstallCommand } from './reinstall.ts'

export interface Why {
  readonly reason: Text
  readonly evidence: readonly Evidence[]
  readonly fix: Fix
}

/** Why nothing is ready behind a Service: the first of the reasons that holds. */
export function whyNoEndpoints(cluster: Cluster, backend: Backend): Why {
  const selector = serviceSelector(backend.service)
  const pods = backendPods(cluster, backend)
  if (pods.length > 0)
    return ofPods(
      pods.map((pod) => podState(cluster, pod)),
      backend,
    )
  if (backend.service !== undefined && selector === undefined) return withoutSelector(backend)
  if (cluster.unread('Pod', backend.namespace) !== undefined) return unknown(backend)
  const [workload] = backendWorkloads(cluster, backend).filter(({ object }) => object.kind !== 'Pod')
  if (workload === undefined) return noWorkload(cluster, backend)
  if (selector !== undefined && !selects(selector, objectAt(workload.template, 'metadata', 'labels'))) {
    return selectorMisses(backend, workload)
  }
  if (numberAt(workload.owner, 'spec', 'replicas') === 0) return scaledToZero(workload)
  return noPods(cluster, backend, workload)
}

/** Where several Pods have troubles, the one that says most. */
const WEIGHT: Readonly<Record<string, number>> = { creating: 1, unknown: 0 }

function ofPods(states: readonly PodState[], backend: Backend): Why {
  const worst = states
    .filter(({ ready }) => !ready)
    .toSorted((a, b) => (WEIGHT[b.trouble ?? 'unknown'] ?? 2) - (WEIGHT[a.trouble ?? 'unknown'] ?? 2))
  const [first] = worst
  if (first === undefined) return readyWithoutEndpoints(states, backend)
  const sentence = podSentence(first)
  const advice = podAdvice(first)
  const others = worst.length - 1
  return {
    reason: {
      en: `${sentence.en}${others > 0 ? `, and ${others} more ${others === 1 ? 'Pod is' : 'Pods are'} not ready` : ''}`,
      zh: `${sentence.zh}${others > 0 ? `，另有 ${others} 个 Pod 未就绪` : ''}`,
    },
    evidence: worst.flatMap(({ pod, evidence }) =>
      evidence.map((one) => (one.object === undefined ? { object: objectName(pod), ...one } : one)),
    ),
    fix: { text: advice.text, commands: advice.commands, changes: [] },
  }
}

function readyWithoutEndpoints(states: readonly PodState[], { namespace, name }: Backend): Why {
  return {
    reason: {
      en: `its ${states.length === 1 ? 'Pod is' : 'Pods are'} ready, but no EndpointSlice says so: its targetPort names no port of the Pods (INJ154), or the controller manager does not run`,
      zh: `Pod 已就绪，但 EndpointSlice 里没有：targetPort 在 Pod 中没有对应端口（INJ154），或 controller manager 未运行`,
    },
    evidence: states.map(({ pod }) => ({
      object: objectName(pod),
      path: 'status.conditions[Ready].status',
      value: 'True',
    })),
    fix: {
      text: { en: 'Compare the ports of the Service and of the Pods', zh: '比较 Service 与 Pod 的端口' },
      commands: [
        `${kubectl({ namespace })} describe service ${shellWord(name)}`,
        `${kubectl({ namespace })} get endpointslices -l kubernetes.io/service-name=${shellWord(name)} -o yaml`,
      ],
      changes: [],
    },
  }
}

function withoutSelector(backend: Backend): Why {
  return {
    reason: {
      en: 'it has no selector, and nobody writes endpoints for it',
      zh: '它没有选择器，也没有人为它写入端点',
    },
    evidence: [{ path: 'spec.selector' }],
    fix: {
      text: {
        en: 'Give the Service a selector, or write an EndpointSlice with the address of the injector',
        zh: '为 Service 设置选择器，或写入带有注入器地址的 EndpointSlice',
      },
      commands: [`${kubectl(backend)} get service ${shellWord(backend.name)} -o yaml`],
      changes: [],
    },
  }
}

function unknown(backend: Backend): Why {
  return {
    reason: { en: 'why is not known, its Pods could not be read', zh: '原因未知，无法读取其 Pod' },
    evidence: [],
    fix: {
      text: { en: 'Look at its Pods', zh: '查看它的 Pod' },
      commands: [`${kubectl(backend)} get pods`],
      changes: [],
    },
  }
}

function noWorkload(cluster: Cluster, backend: Backend): Why {
  const selector = serviceSelector(backend.service) ?? {}
  return {
    reason: {
      en: 'no Pod has the labels that it selects, and no workload makes such Pods',
      zh: '没有 Pod 带有它所选择的标签，也没有工作负载会创建这样的 Pod',
    },
    evidence: [{ path: 'spec.selector', value: selector }],
    fix: {
      text: {
        en: `Install the control plane of revision ${backend.injectors[0].revision} again`,
        zh: `重新安装 revision ${backend.injectors[0].revision} 的控制平面`,
      },
      commands: [reinstallCommand(cluster, backend)],
      changes: [],
    },
  }
}

function selectorMisses(backend: Backend, { object, template }: Subject): Why {
  return {
    reason: {
      en: `its selector does not match the Pods of ${object.kind} ${object.name} (INJ159)`,
      zh: `它的选择器与 ${object.kind} ${object.name} 的 Pod 不匹配（INJ159）`,
    },
    evidence: [
      { path: 'spec.selector', value: serviceSelector(backend.service) ?? null },
      { object, path: 'spec.template.metadata.labels', value: objectAt(template, 'metadata', 'labels') },
    ],
    fix: {
      text: {
        en: `Correct the selector of ${backendTitle(backend)}; INJ159 has the patch`,
        zh: `修正 ${backendTitle(backend)} 的选择器，patch 见 INJ159`,
      },
      commands: [
        `${kubectl(backend)} get service ${shellWord(serviceName(backend).name)} -o jsonpath='{.spec.selector}'`,
      ],
      changes: [],
    },
  }
}

/** So that one of them may be away. */
const REPLICAS = 2

function scaledToZero({ object }: Subject): Why {
  const kind = object.kind.toLowerCase()
  return {
    reason: {
      en: `${object.kind} ${object.name} is scaled to 0`,
      zh: `${object.kind} ${object.name} 的副本数为 0`,
    },
    evidence: [{ object, path: 'spec.replicas', value: 0 }],
    fix: {
      text: { en: `Scale ${object.kind} ${object.name} up`, zh: `扩容 ${object.kind} ${object.name}` },
      ...patchObject(
        object,
        { type: 'merge', body: { spec: { replicas: REPLICAS } } },
        `${kubectl(object)} scale ${kind} ${shellWord(object.name)} --replicas=${REPLICAS}`,
      ),
    },
  }
}

/** Pods are wanted, and there are none: they cannot be created. */
function noPods(cluster: Cluster, backend: Backend, subject: Subject): Why {
  const { object, namespace } = subject
  const event = [object, ...ownReplicaSets(cluster, subject)]
    .flatMap(({ kind, name }) => eventsAbout(cluster, kind, namespace, name))
    .find(({ reason }) => reason === 'FailedCreate')
  const found = event === undefined ? undefined : classifyMessage(event.message)[0]
  const evidence: Evidence =
    event === undefined
      ? { object, path: 'status.replicas', value: numberAt(subject.owner, 'status', 'replicas') ?? 0 }
      : { object: objectName(event.object), path: 'message', value: event.message }
  if (found?.service?.name === backend.name && found.service.namespace === backend.namespace) {
    const own = backend.injectors.find(({ webhook }) => webhook === found.webhook)
    if (own !== undefined) return deadlock(own, subject, evidence)
  }
  const because = found?.verdict ?? { en: '', zh: '' }
  return {
    reason: {
      en: `${object.kind} ${object.name} wants Pods and has none. ${because.en.replace(/\.$/, '')}`.trim(),
      zh: `${object.kind} ${object.name} 需要 Pod 但一个也没有。${because.zh.replace(/。$/, '')}`,
    },
    evidence: [evidence],
    fix: {
      text: { en: 'See why its Pods cannot be created', zh: '查看其 Pod 无法创建的原因' },
      commands: [
        `${kubectl({ namespace })} describe ${object.kind.toLowerCase()} ${shellWord(object.name)}`,
        `${kubectl({ namespace })} get events --field-selector reason=FailedCreate`,
      ],
      changes: [],
    },
  }
}

/** Its own webhook is asked for its Pods, and nobody is there to answer. */
function deadlock(injector: Injector, { object }: Subject, evidence: Evidence): Why {
  return {
    reason: {
      en: `${object.kind} ${object.name} wants Pods and has none, because its own webhook ${injector.webhook} is asked for them and nobody is there to answer`,
      zh: `${object.kind} ${object.name} 需要 Pod 但一个也没有：创建它的 Pod 要先问它自己的 webhook ${injector.webhook}，而没有 Pod 能应答`,
    },
    evidence: [evidence],
    fix: {
      text: {
        en: 'Let Pods in without an answer until the injector is ready, and then set Fail again. INJ250 says how the webhook leaves out its own Pods',
        zh: '在注入器就绪之前先放行 Pod，之后再改回 Fail。如何让 webhook 排除自己的 Pod 见 INJ250',
      },
      ...leftToPeople(
        jsonPatch(configurationName(injector), [
          { op: 'test', path: `/webhooks/${injector.index}/name`, value: injector.webhook },
          { op: 'add', path: `/webhooks/${injector.index}/failurePolicy`, value: 'Ignore' },
        ]),
      ),
    },
  }
}

/** ReplicaSets without Pods do not stand between. */
function ownReplicaSets(
  cluster: Cluster,
  { object, namespace, between }: Pick<Subject, 'object' | 'namespace' | 'between'>,
): readonly ObjectName[] {
  const deployment = cluster.find('Deployment', namespace, object.name)
  const uid = objectAt(deployment, 'metadata').uid
  const owned = typeof uid === 'string' ? cluster.ownedBy('ReplicaSet', uid) : []
  return [...new Set([...between, ...owned])].map((one) => ({ ...objectName(one), name: nameOf(one) }))
}
