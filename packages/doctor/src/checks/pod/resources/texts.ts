import { objectName } from '../../../cluster/cluster.ts'
import type { ClusterEvent } from '../../../cluster/events.ts'
import type { Evidence, Fix, Found } from '../../../finding.ts'
import { editTemplate } from '../../../fixes/edit-template.ts'
import { allSteps, leftToPeople, mergePatch } from '../../../fixes/patch-object.ts'
import { at, nameOf, textAt } from '../../../reading.ts'
import { titleOf } from '../../../subjects/subjects.ts'
import { containerPath, inPod, type Proxied } from '../proxied.ts'
import { formatAmount } from './amounts.ts'
import { resourceAnnotations } from './annotations.ts'
import type { LimitItem, Violation } from './limit-range.ts'
import { containerResource, type QuotaLine } from './quota.ts'

/** What one Pod adds to a line of a quota. */
export interface Overflow {
  readonly line: QuotaLine
  /** What the whole Pod needs, and what of it is injected. */
  readonly pod: bigint
  readonly sidecar: bigint
}

/** The API server's refusal, where it was seen. */
function eventEvidence({ kind, namespace, name, reason, message }: ClusterEvent): Evidence {
  return { object: { kind, namespace, name }, path: `events[reason=${reason}].message`, value: message }
}

export function exceededFinding(one: Proxied, full: readonly Overflow[], event: ClusterEvent | undefined): Found {
  const title = titleOf(one.subject)
  const parts = full.map(({ line, pod, sidecar }) => {
    const text = (value: bigint): string => formatAmount(line.resource, value)
    const share = `${text(sidecar)} of ${text(pod)}`
    return {
      en: `${line.resource}: used ${text(line.used)} + ${text(pod)} > hard ${text(line.hard)} (sidecar: ${share})`,
      zh: `${line.resource}：已用 ${text(line.used)} + ${text(pod)} > 上限 ${text(line.hard)}（其中 sidecar ${text(sidecar)}）`,
    }
  })
  const names = [...new Set(full.map(({ line }) => nameOf(line.quota)))].join(', ')
  return {
    outcome: 'found',
    ...(event === undefined ? {} : { severity: 'error' as const }),
    object: one.subject.object,
    message: {
      en: `The next Pod of ${title} with its sidecar does not fit into ResourceQuota ${names}; ${parts.map(({ en }) => en).join('; ')}`,
      zh: `${title} 的下一个带 sidecar 的 Pod 超出 ResourceQuota ${names}；${parts.map(({ zh }) => zh).join('；')}`,
    },
    evidence: [
      ...full.flatMap(({ line }) => lineEvidence(line)),
      inPod(one, `${containerPath(one.pod, 'istio-proxy')}.resources`, at(one.proxy, 'resources') ?? {}),
      ...(event === undefined ? [] : [eventEvidence(event)]),
    ],
    confidence: event === undefined ? 'likely' : 'certain',
    fix: raiseQuota(full),
  }
}

function lineEvidence({ quota, resource, used, hard }: QuotaLine): readonly Evidence[] {
  const object = objectName(quota)
  return [
    { object, path: `status.used["${resource}"]`, value: formatAmount(resource, used) },
    { object, path: `spec.hard["${resource}"]`, value: formatAmount(resource, hard) },
  ]
}

/** Room for this Pod. */
function raiseQuota(full: readonly Overflow[]): Fix {
  const quotas = Map.groupBy(full, ({ line }) => line.quota)
  const steps = [...quotas].map(([quota, lines]) => {
    const hard = Object.fromEntries(
      lines.map(({ line, pod }) => [line.resource, formatAmount(line.resource, line.used + pod)]),
    )
    return mergePatch(objectName(quota), { spec: { hard } })
  })
  return {
    text: {
      en: 'Raise the quota by at least what this Pod needs, or give the sidecar less by its annotations (all four of sidecar.istio.io/proxyCPU, proxyMemory, proxyCPULimit, proxyMemoryLimit)',
      zh: '至少按该 Pod 的需求提高配额，或用注解减少 sidecar 的资源（sidecar.istio.io/proxyCPU、proxyMemory、proxyCPULimit、proxyMemoryLimit 四个一起设置）',
    },
    ...leftToPeople(allSteps(...steps)),
  }
}

interface Lack {
  readonly line: QuotaLine
  readonly names: readonly string[]
}

export function lackingFinding(one: Proxied, lacks: readonly Lack[], event: ClusterEvent | undefined): Found {
  const { subject } = one
  const en = lacks.map(({ line, names }) => `${line.resource} for ${names.join(', ')}`).join('; ')
  const zh = lacks.map(({ line, names }) => `${names.join('、')} 的 ${line.resource}`).join('；')
  const quotas = [...new Set(lacks.map(({ line }) => nameOf(line.quota)))].join(', ')
  return {
    outcome: 'found',
    severity: 'error',
    object: subject.object,
    message: {
      en: `ResourceQuota ${quotas} refuses every Pod of ${titleOf(subject)}, as injected containers do not say ${en}`,
      zh: `ResourceQuota ${quotas} 会拒绝 ${titleOf(subject)} 的所有 Pod，因为注入的容器没有设置 ${zh}`,
    },
    evidence: [
      ...lacks.flatMap(({ line }) => lineEvidence(line).slice(1)),
      inPod(one, `${containerPath(one.pod, 'istio-proxy')}.resources`, at(one.proxy, 'resources') ?? {}),
      ...(event === undefined ? [] : [eventEvidence(event)]),
    ],
    confidence: 'certain',
    fix: setResources(one, lacks),
  }
}

/** The missing ones with Istio's usual values, and those that the proxy has as they are. */
function setResources({ subject, proxy }: Proxied, lacks: readonly Lack[]): Fix {
  const missing = new Set(
    lacks.map(({ line }) => {
      const wanted = containerResource(line.resource)
      return wanted === undefined ? '' : `${wanted.field}.${wanted.resource}`
    }),
  )
  const annotations = resourceAnnotations(proxy, ({ kind, resource, usual }) =>
    missing.has(`${kind}.${resource}`) && textAt(proxy, 'resources', kind, resource) === '' ? usual : undefined,
  )
  return {
    text: {
      en: 'Set the resources of the sidecar in the Pod template, or for all workloads in global.proxy.resources (and global.proxy_init.resources) of the injector, or let a LimitRange of the namespace fill them in',
      zh: '在 Pod 模板中设置 sidecar 的资源，或在注入器的 global.proxy.resources（及 global.proxy_init.resources）中为所有工作负载设置，或由命名空间的 LimitRange 填充',
    },
    ...editTemplate(subject, { annotations }),
  }
}

export function rangeFinding(one: Proxied, found: readonly Violation[]): Found {
  const { subject } = one
  const title = titleOf(subject)
  const parts = found.map(({ container, resource, rule, bound, value, range }) => {
    const text = (amount: bigint): string => formatAmount(rule === 'maxLimitRequestRatio' ? 'ratio' : resource, amount)
    return `${container}: ${resource} ${value === undefined ? '-' : text(value)}, ${rule} ${text(bound)} (LimitRange ${nameOf(range)})`
  })
  return {
    outcome: 'found',
    severity: 'error',
    object: subject.object,
    message: {
      en: `Every Pod of ${title} is refused, as injected containers break the limits of the namespace; ${parts.join('; ')}`,
      zh: `${title} 的所有 Pod 都会被拒绝，因为注入的容器超出命名空间的限制；${parts.join('；')}`,
    },
    evidence: found.flatMap(({ range, index, resource, rule, item, container }) => [
      {
        object: objectName(range),
        path: `spec.limits[${index}].${rule}.${resource}`,
        value: at(item, rule, resource) ?? null,
      },
      inPod(one, `${containerPath(one.pod, container)}.resources`, resourcesOf(one, container)),
    ]),
    confidence: 'certain',
    fix: {
      text: {
        en: 'Set resources of the sidecar that fit (annotations sidecar.istio.io/proxyCPU, proxyMemory, proxyCPULimit, proxyMemoryLimit, all four), or widen the LimitRange',
        zh: '为 sidecar 设置合适的资源（sidecar.istio.io/proxyCPU、proxyMemory、proxyCPULimit、proxyMemoryLimit 四个注解一起设置），或放宽 LimitRange',
      },
      commands: [],
      changes: [],
    },
  }
}

function resourcesOf({ pod }: Proxied, name: string): NonNullable<Evidence['value']> {
  const lists = ['containers', 'initContainers'].flatMap((list) => at(pod, 'spec', list) ?? [])
  const found = lists.flat().find((one) => at(one, 'name') === name)
  return at(found, 'resources') ?? {}
}

export function shrunkFinding(one: Proxied, { range, index, item }: LimitItem, memory: bigint): Found {
  const { subject } = one
  const limit = formatAmount('memory', memory)
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `LimitRange ${nameOf(range)} limits istio-proxy of ${titleOf(subject)} to ${limit} of memory, as the sidecar has no limit of its own; this is too little for Envoy`,
      zh: `sidecar 未设置内存限制，LimitRange ${nameOf(range)} 会把 ${titleOf(subject)} 的 istio-proxy 限制为 ${limit}，对 Envoy 来说过少`,
    },
    evidence: [
      {
        object: objectName(range),
        path: `spec.limits[${index}].default.memory`,
        value: at(item, 'default', 'memory') ?? null,
      },
      inPod(one, `${containerPath(one.pod, 'istio-proxy')}.resources`, at(one.proxy, 'resources') ?? {}),
    ],
    confidence: 'likely',
    fix: {
      text: {
        en: 'Give the sidecar limits of its own: global.proxy.resources of the injector, or all four annotations',
        zh: '为 sidecar 单独设置限制：注入器的 global.proxy.resources，或四个注解一起设置',
      },
      commands: [],
      changes: [],
    },
  }
}
