import type { JsonObject } from '@proa/kube'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Found } from '../../finding.ts'
import { patchObject } from '../../fixes/patch-object.ts'
import { type Backend, revisionOf } from '../../mesh/backends.ts'
import { nameOf, numberAt, objectAt, objectsAt, textAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'

/** An autoscaler of the injector that wants more replicas than it may have. */
export function autoscalerProblem(cluster: Cluster, backend: Backend, subject: Subject): Found | undefined {
  const autoscaler = cluster
    .inNamespace('HorizontalPodAutoscaler', subject.namespace)
    .find((one) => isFor(one, subject) && isLimited(one) && isOverTarget(one))
  if (autoscaler === undefined) return undefined
  const most = numberAt(autoscaler, 'spec', 'maxReplicas') ?? 0
  return {
    outcome: 'found',
    object: subject.object,
    ...revisionOf(backend),
    message: {
      en: `The autoscaler ${nameOf(autoscaler)} of the injector ${titleOf(subject)} is at its maximum of ${most} replicas, and they are still over their target`,
      zh: `注入器 ${titleOf(subject)} 的自动扩缩容 ${nameOf(autoscaler)} 已到上限 ${most} 个副本，负载仍超过目标`,
    },
    evidence: [
      { object: objectName(autoscaler), path: 'spec.maxReplicas', value: most },
      {
        object: objectName(autoscaler),
        path: 'status.currentMetrics',
        value: objectsAt(autoscaler, 'status', 'currentMetrics'),
      },
    ],
    confidence: 'likely',
    fix: {
      text: { en: `Let it go up to ${most * 2} replicas`, zh: `允许扩容到 ${most * 2} 个副本` },
      ...patchObject(objectName(autoscaler), { type: 'merge', body: { spec: { maxReplicas: most * 2 } } }),
    },
  }
}

function isFor(autoscaler: JsonObject, { object }: Subject): boolean {
  const target = objectAt(autoscaler, 'spec', 'scaleTargetRef')
  return target.kind === object.kind && target.name === object.name
}

function isLimited(autoscaler: JsonObject): boolean {
  return objectsAt(autoscaler, 'status', 'conditions').some(
    ({ type, status, reason }) => type === 'ScalingLimited' && status === 'True' && reason === 'TooManyReplicas',
  )
}

/** Some resource is used more than it should be on average. */
function isOverTarget(autoscaler: JsonObject): boolean {
  const current = new Map(
    objectsAt(autoscaler, 'status', 'currentMetrics').map((metric) => [
      textAt(metric, 'resource', 'name'),
      numberAt(metric, 'resource', 'current', 'averageUtilization'),
    ]),
  )
  return objectsAt(autoscaler, 'spec', 'metrics').some((metric) => {
    const target = numberAt(metric, 'resource', 'target', 'averageUtilization')
    const used = current.get(textAt(metric, 'resource', 'name'))
    return target !== undefined && used !== undefined && used > target
  })
}
