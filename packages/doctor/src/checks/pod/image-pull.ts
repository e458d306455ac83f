import { isObject, type JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { eventsAbout } from '../../cluster/events.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import { at, nameOf, namespaceOf, objectsAt, textAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { type PullFacts, pullTexts } from './image-pull-texts.ts'
import { containerPath, injectedNames } from './proxied.ts'

export const INJ324: Check = {
  id: 'INJ324',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Event', 'ServiceAccount'],
  title: { en: 'The image of the proxy cannot be pulled', zh: '无法拉取代理镜像' },
  looksAt: {
    en: 'Injected containers that wait with ErrImagePull, ImagePullBackOff or the like, what the registry answered (events), the imagePullSecrets of the Pod and of its ServiceAccount, and which of these Secrets the kubelet could not read.',
    zh: '以 ErrImagePull、ImagePullBackOff 等状态等待的注入容器、镜像仓库的应答（事件）、Pod 与其 ServiceAccount 的 imagePullSecrets，以及 kubelet 无法读取的 Secret。',
  },
  why: {
    en: 'The Pod does not start although the image of the application is fine. Pull secrets must exist in the namespace of the Pod; injection only adds their names.',
    zh: '即使应用镜像没有问题，Pod 也无法启动。拉取凭据必须存在于 Pod 所在的命名空间；注入只会添加它们的名称。',
  },
  remedy: {
    en: 'Create the pull secret in the namespace and name it in global.imagePullSecrets, or correct hub and tag of the injector.',
    zh: '在该命名空间创建拉取凭据并写入 global.imagePullSecrets，或修正注入器的 hub 与 tag。',
  },
  references: ['istio/istio#4870', 'istio/istio#20749', 'istio/istio#35789'],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

const FAILED =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/

function judge(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const failing = livePods(subject).flatMap((pod) => waiting(pod) ?? [])
  const [first] = failing
  return first === undefined ? [] : [finding(cluster, subject, first, failing.length)]
}

interface Waiting {
  readonly pod: JsonObject
  readonly status: JsonObject
  readonly list: string
  readonly container: string
}

/** The first injected container of the Pod whose image is missing. */
function waiting(pod: JsonObject): Waiting | undefined {
  const sidecar = sidecarOf(pod)
  if (sidecar.container === undefined) return undefined
  const ours = new Set([...injectedNames(sidecar, 'containers'), ...injectedNames(sidecar, 'initContainers')])
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const status of objectsAt(pod, 'status', list)) {
      const container = textAt(status, 'name')
      if (ours.has(container) && FAILED.test(textAt(status, 'state', 'waiting', 'reason'))) {
        return { pod, status, list, container }
      }
    }
  }
  return undefined
}

function finding(cluster: Cluster, subject: Subject, { pod, status, list, container }: Waiting, count: number): Found {
  const image = imageOf(pod, container)
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) }
  const about = eventsAbout(cluster, 'Pod', namespaceOf(pod), nameOf(pod))
  const failed = about.find(
    ({ reason, message }) => reason === 'Failed' && message.includes(image) && message.length > image.length + 40,
  )
  const unreadable = about.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret')
  const secrets = secretsOf(cluster, pod)
  const said = failed?.message ?? textAt(status, 'state', 'waiting', 'message')
  const facts: PullFacts = {
    title: titleOf(subject),
    namespace: namespaceOf(pod),
    container,
    image,
    said,
    secrets,
    missing: secrets.filter((name) => unreadable?.message.split(/[(),;\s]+/).includes(name)),
    count,
  }
  const evidence: Evidence[] = [
    { object, path: `${containerPath(pod, container)}.image`, value: image },
    {
      object,
      path: `status.${list}[name=${container}].state.waiting.reason`,
      value: textAt(status, 'state', 'waiting', 'reason'),
    },
    ...[failed, unreadable].flatMap((event) =>
      event === undefined ? [] : [{ object, path: `events[reason=${event.reason}].message`, value: event.message }],
    ),
    { object, path: 'spec.imagePullSecrets[*].name', value: secrets },
  ]
  return { outcome: 'found', object: subject.object, evidence, confidence: 'certain', ...pullTexts(facts) }
}

function imageOf(pod: JsonObject, name: string): string {
  const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')]
  return textAt(
    containers.find((one) => one.name === name),
    'image',
  )
}

/** The API server copies those of the ServiceAccount into a Pod that has none of its own. */
function secretsOf(cluster: Cluster, pod: JsonObject): readonly string[] {
  const own = names(pod, 'spec', 'imagePullSecrets')
  if (own.length > 0) return own
  const account = textAt(pod, 'spec', 'serviceAccountName') || 'default'
  return names(cluster.find('ServiceAccount', namespaceOf(pod), account), 'imagePullSecrets')
}

function names(object: JsonObject | undefined, ...path: readonly string[]): readonly string[] {
  const list = at(object, ...path)
  return Array.isArray(list) ? list.flatMap((one) => (isObject(one) ? textAt(one, 'name') || [] : [])) : []
}
