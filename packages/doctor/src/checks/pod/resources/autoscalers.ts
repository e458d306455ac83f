import { isObject, type JsonObject } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../../../cluster/cluster.ts'
import type { Found } from '../../../finding.ts'
import { editTemplate } from '../../../fixes/edit-template.ts'
import { jsonPatch } from '../../../fixes/patch-object.ts'
import { at, namespaceOf, objectsAt, textAt } from '../../../reading.ts'
import type { Kind } from '../../../snapshot/kinds.ts'
import { type Subject, titleOf } from '../../../subjects/subjects.ts'
import { containerPath, inPod, type Proxied } from '../proxied.ts'
import { resourceAnnotations } from './annotations.ts'
import { requirementsOf } from './requirements.ts'

/** Autoscalers by the workload that they scale: `Deployment/shop/cart`. */
const byTarget = (kind: Kind, ...path: readonly string[]) =>
  remembered((cluster) =>
    Map.groupBy(cluster.all(kind), (object) => {
      const target = at(object, ...path)
      return `${textAt(target, 'kind')}/${namespaceOf(object)}/${textAt(target, 'name')}`
    }),
  )

const horizontal = byTarget('HorizontalPodAutoscaler', 'spec', 'scaleTargetRef')
const vertical = byTarget('VerticalPodAutoscaler', 'spec', 'targetRef')

const keyOf = ({ object, namespace, name }: Subject): string => `${object.kind}/${namespace}/${name}`

/** Utilization of a whole Pod is not defined when one of its containers has no request. */
export function horizontalProblems(cluster: Cluster, one: Proxied): readonly Found[] {
  const { subject, pod, proxy, sidecar } = one
  // Whether sidecars among the init containers count depends on the release of Kubernetes.
  if (sidecar.native) return []
  const autoscalers = horizontal(cluster).get(keyOf(subject)) ?? []
  return autoscalers.flatMap((autoscaler) => {
    const requests = requirementsOf(pod).find(({ name }) => name === proxy.name)?.requests
    const index = objectsAt(autoscaler, 'spec', 'metrics').findIndex(
      (metric) =>
        metric.type === 'Resource' &&
        textAt(metric, 'resource', 'target', 'type') === 'Utilization' &&
        requests?.has(textAt(metric, 'resource', 'name')) === false,
    )
    const metric = objectsAt(autoscaler, 'spec', 'metrics')[index]
    return metric === undefined ? [] : [horizontalFinding(one, autoscaler, index, textAt(metric, 'resource', 'name'))]
  })
}

function horizontalFinding(one: Proxied, autoscaler: JsonObject, index: number, resource: string): Found {
  const { subject, pod, proxy } = one
  const name = textAt(autoscaler, 'metadata', 'name')
  const annotations = resourceAnnotations(proxy, (field) =>
    field.kind === 'requests' && field.resource === resource ? field.usual : undefined,
  )
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `HorizontalPodAutoscaler ${name} scales ${titleOf(subject)} by ${resource} utilization, but istio-proxy has no ${resource} request, so it gets no metric ("missing request for ${resource} in container istio-proxy")`,
      zh: `HorizontalPodAutoscaler ${name} 按 ${resource} 利用率伸缩 ${titleOf(subject)}，但 istio-proxy 没有 ${resource} request，因此得不到指标（"missing request for ${resource} in container istio-proxy"）`,
    },
    evidence: [
      { object: objectName(autoscaler), path: `spec.metrics[${index}].resource.name`, value: resource },
      inPod(one, `${containerPath(pod, 'istio-proxy')}.resources`, at(proxy, 'resources') ?? {}),
    ],
    confidence: 'certain',
    fix: {
      text: {
        en: `Give the proxy a ${resource} request, or scale by the container of the application (metric type ContainerResource)`,
        zh: `为代理设置 ${resource} request，或按应用容器伸缩（指标类型 ContainerResource）`,
      },
      ...editTemplate(subject, { annotations }),
    },
  }
}

const UPDATING = new Set(['Auto', 'Recreate', 'Initial', 'InPlaceOrRecreate'])

/** Such an autoscaler writes requests of its own into every container of a new Pod, after the injector was called. */
export function verticalProblems(cluster: Cluster, { subject }: Proxied): readonly Found[] {
  return (vertical(cluster).get(keyOf(subject)) ?? []).flatMap((autoscaler) => {
    // Nothing written means Auto.
    const mode = textAt(autoscaler, 'spec', 'updatePolicy', 'updateMode') || 'Auto'
    const policies = objectsAt(autoscaler, 'spec', 'resourcePolicy', 'containerPolicies')
    const covered = policies.some(
      ({ containerName, mode: own }) => containerName === 'istio-proxy' || (containerName === '*' && own === 'Off'),
    )
    return UPDATING.has(mode) && !covered ? [verticalFinding(subject, autoscaler, mode)] : []
  })
}

function verticalFinding(subject: Subject, autoscaler: JsonObject, mode: string): Found {
  const object = objectName(autoscaler)
  const policy = { containerName: 'istio-proxy', mode: 'Off' }
  const resourcePolicy = at(autoscaler, 'spec', 'resourcePolicy')
  const hasList = isObject(resourcePolicy) && Array.isArray(resourcePolicy.containerPolicies)
  const step = jsonPatch(object, [
    hasList
      ? { op: 'add', path: '/spec/resourcePolicy/containerPolicies/-', value: policy }
      : { op: 'add', path: '/spec/resourcePolicy', value: { containerPolicies: [policy] } },
  ])
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `VerticalPodAutoscaler ${object.name} (mode ${mode}) changes the resources of istio-proxy in ${titleOf(subject)}, too: it has no policy for this container`,
      zh: `VerticalPodAutoscaler ${object.name}（模式 ${mode}）也会修改 ${titleOf(subject)} 中 istio-proxy 的资源：其中没有针对该容器的策略`,
    },
    evidence: [
      { object, path: 'spec.updatePolicy.updateMode', value: mode },
      {
        object,
        path: 'spec.resourcePolicy.containerPolicies[*].containerName',
        value: objectsAt(autoscaler, 'spec', 'resourcePolicy', 'containerPolicies').map(
          (one) => one.containerName ?? null,
        ),
      },
    ],
    confidence: 'likely',
    fix: {
      text: {
        en: 'Add a policy for istio-proxy: mode Off, or minAllowed and maxAllowed of your choice',
        zh: '为 istio-proxy 增加策略：mode Off，或设置合适的 minAllowed 与 maxAllowed',
      },
      ...step,
    },
  }
}
