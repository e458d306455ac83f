import { type JsonObject, parseQuantity, QuantityError } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { patchObject } from '../../fixes/patch-object.ts'
import {
  type Backend,
  backendFailures,
  backendPods,
  backends,
  backendWorkloads,
  revisionOf,
} from '../../mesh/backends.ts'
import type { CreationFailure } from '../../messages/index.ts'
import { numberAt, objectAt, objectsAt, textAt, timeAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { autoscalerProblem } from './autoscaler.ts'
import { ofCodes, saidBy } from './evidence.ts'
import { twice } from './twice.ts'

export const INJ160: Check = {
  id: 'INJ160',
  severity: 'warn',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Pod', 'Service'],
  uses: ['Deployment', 'HorizontalPodAutoscaler', 'Event'],
  title: { en: 'The injector has too little CPU or memory', zh: '注入器的 CPU 或内存不足' },
  looksAt: {
    en: 'OOMKilled among the terminations of injector containers, small CPU limits together with timeouts or "too many requests", and an autoscaler that is at its maximum.',
    zh: '注入器容器终止记录中的 OOMKilled、较小的 CPU 上限与超时或 “too many requests” 同时出现，以及已达到上限的自动扩缩容。',
  },
  why: {
    en: 'A throttled injector answers too late, one that is killed not at all; both show as timeouts or EOF at Pod creations.',
    zh: '被限流的注入器应答过慢，被杀死的注入器没有应答；表现为创建 Pod 时超时或 EOF。',
  },
  remedy: {
    en: 'Raise the limit (or remove the CPU limit), and let more replicas share the work.',
    zh: '调高上限（或去掉 CPU 上限），并用更多副本分担。',
  },
  references: ['istio/istio#43882', 'istio/istio#14981'],
  run: (cluster) => {
    const seen = new Set<Subject>()
    return backends(cluster).flatMap((backend) =>
      backendWorkloads(cluster, backend).flatMap((subject) => {
        if (seen.has(subject)) return []
        seen.add(subject)
        return judge(cluster, backend, subject)
      }),
    )
  },
}

const SLOW = ['timeout', 'webhook-overloaded', 'connection-closed', 'request-timeout'] as const

function judge(cluster: Cluster, backend: Backend, subject: Subject): readonly CheckOutcome[] {
  const failures = ofCodes(backendFailures(cluster, backend), SLOW)
  const killed = outOfMemory(cluster, backend, subject)
  if (killed !== undefined) return [killed]
  const throttled = smallCpu(backend, subject, failures)
  if (throttled !== undefined) return [throttled]
  return [autoscalerProblem(cluster, backend, subject)].flatMap((one) => one ?? [])
}

const DAY = 24 * 3600 * 1000

/** A container that was killed for memory within the last day. */
function outOfMemory(cluster: Cluster, backend: Backend, subject: Subject): Found | undefined {
  const own = new Set(subject.pods)
  for (const pod of backendPods(cluster, backend)) {
    if (!own.has(pod)) continue
    const statuses = objectsAt(pod, 'status', 'containerStatuses')
    for (const [index, status] of statuses.entries()) {
      const field = (['state', 'lastState'] as const).find((one) => wasKilled(cluster, status, one))
      if (field === undefined) continue
      const path = `status.containerStatuses[${index}].${field}.terminated`
      const value = objectAt(status, field, 'terminated')
      return killedFinding(backend, subject, status, { object: objectName(pod), path, value })
    }
  }
  return undefined
}

function wasKilled(cluster: Cluster, status: JsonObject, field: 'state' | 'lastState'): boolean {
  if (textAt(status, field, 'terminated', 'reason') !== 'OOMKilled') return false
  const at = timeAt(status, field, 'terminated', 'finishedAt')
  return at === undefined || cluster.now.getTime() - at < DAY
}

function killedFinding(backend: Backend, subject: Subject, status: JsonObject, evidence: Evidence): Found {
  const container = textAt(status, 'name')
  const restarts = numberAt(status, 'restartCount') ?? 0
  const limit = limitOf(subject, container, 'memory')
  const more = limit === undefined ? undefined : twice(limit)
  return {
    outcome: 'found',
    object: subject.object,
    severity: 'error',
    ...revisionOf(backend),
    message: {
      en: `The container ${container} of the injector ${titleOf(subject)} was killed for want of memory${limit === undefined ? '' : ` (limit ${limit})`}; ${restarts} restarts`,
      zh: `注入器 ${titleOf(subject)} 的容器 ${container} 因内存不足被杀死${limit === undefined ? '' : `（上限 ${limit}）`}，重启 ${restarts} 次`,
    },
    evidence: [evidence, ...limitEvidence(subject, container, 'memory')],
    confidence: 'certain',
    ...(limit === undefined ? { fix: NODE_WITHOUT_MEMORY } : {}),
    ...(more === undefined ? {} : raise(subject, container, 'memory', more)),
  }
}

/** Less than half a core is little for a control plane that injects in bursts. */
const SMALL_CPU = 0.5

function smallCpu(backend: Backend, subject: Subject, failures: readonly CreationFailure[]): Found | undefined {
  if (failures.length === 0) return undefined
  const small = objectsAt(subject.template, 'spec', 'containers').find((container) => {
    const limit = cores(textAt(container, 'resources', 'limits', 'cpu'))
    return limit !== undefined && limit < SMALL_CPU
  })
  if (small === undefined) return undefined
  const container = textAt(small, 'name')
  const limit = textAt(small, 'resources', 'limits', 'cpu')
  return {
    outcome: 'found',
    object: subject.object,
    ...revisionOf(backend),
    message: {
      en: `The injector ${titleOf(subject)} may use only ${limit} of a CPU, and API servers wait too long for it`,
      zh: `注入器 ${titleOf(subject)} 的 CPU 上限只有 ${limit}，而 API server 等待它的应答超时`,
    },
    evidence: [...limitEvidence(subject, container, 'cpu'), ...saidBy(failures)],
    confidence: 'cannot-tell',
    ...raise(subject, container, 'cpu', '2'),
  }
}

function cores(text: string): number | undefined {
  if (text === '') return undefined
  try {
    const { unscaled, scale } = parseQuantity(text)
    return Number(unscaled) * 10 ** scale
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

type Resource = 'cpu' | 'memory'

function limitOf({ template }: Subject, container: string, resource: Resource): string | undefined {
  const found = objectsAt(template, 'spec', 'containers').find((one) => textAt(one, 'name') === container)
  return textAt(found, 'resources', 'limits', resource) || undefined
}

function limitEvidence(subject: Subject, container: string, resource: Resource): readonly Evidence[] {
  const index = objectsAt(subject.template, 'spec', 'containers').findIndex((one) => textAt(one, 'name') === container)
  const value = limitOf(subject, container, resource)
  const path = `${[...subject.templatePath, 'spec'].join('.')}.containers[${index}].resources.limits.${resource}`
  return value === undefined ? [] : [{ object: subject.object, path, value }]
}

/** Without a limit it is the Node that had no memory left. */
const NODE_WITHOUT_MEMORY: Fix = {
  text: {
    en: 'It has no memory limit, so its Node had no memory left: request as much as it uses, so that a Node with that much is chosen, or take load from the Node',
    zh: '它没有内存上限，说明是节点内存耗尽：按实际用量设置内存 request，以便调度到内存足够的节点，或减轻该节点的负载',
  },
  commands: [],
  changes: [],
}

function raise(subject: Subject, container: string, resource: Resource, to: string): Pick<Found, 'fix'> {
  const containers = [{ name: container, resources: { limits: { [resource]: to } } }]
  return {
    fix: {
      text: {
        en: `Raise the ${resource === 'cpu' ? 'CPU' : 'memory'} limit to ${to}; also in the values that it was installed with`,
        zh: `把${resource === 'cpu' ? ' CPU ' : '内存'}上限调高到 ${to}；安装所用的 values 也要改`,
      },
      ...(subject.object.kind === 'Deployment'
        ? patchObject(subject.object, { type: 'strategic', body: { spec: { template: { spec: { containers } } } } })
        : { commands: [], changes: [] }),
    },
  }
}
