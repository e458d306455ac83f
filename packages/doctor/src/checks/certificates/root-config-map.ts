import type { JsonObject } from '@proa/kube'
import { ROOT_CONFIG_MAP, ROOT_KEY, rootConfigMaps } from '../../certificates/places.ts'
import type { Check } from '../../check.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { type ClusterEvent, events } from '../../cluster/events.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { applyObject } from '../../fixes/apply-object.ts'
import { kubectl } from '../../fixes/kubectl.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { listed } from '../../naming.ts'
import { isTrueAt, objectsAt, textAt, timeAt } from '../../reading.ts'
import { livePods, type Subject, subjects } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { namespaceName } from '../../subjects/wishes.ts'
import { missingRootCause } from './missing-root-cause.ts'

export const INJ209: Check = {
  id: 'INJ209',
  severity: 'error',
  category: 'certificates',
  scope: 'namespace',
  needs: ['ConfigMap'],
  uses: ['Namespace', 'Pod', 'Event', 'MutatingWebhookConfiguration'],
  title: { en: 'root certificate is missing in a namespace', zh: '命名空间中缺少根证书' },
  looksAt: {
    en: 'The ConfigMap istio-ca-root-cert in every namespace that has injected Pods, or would get some; and Events of the kubelet that it cannot be mounted.',
    zh: '每个已有或将有注入 Pod 的命名空间中的 ConfigMap istio-ca-root-cert，以及 kubelet 无法挂载它的 Event。',
  },
  why: {
    en: 'The sidecar mounts it. Without it the Pod stays in ContainerCreating: MountVolume.SetUp failed for volume "istiod-ca-cert": configmap "istio-ca-root-cert" not found.',
    zh: 'sidecar 会挂载它。缺少时 Pod 会停在 ContainerCreating：MountVolume.SetUp failed for volume "istiod-ca-cert": configmap "istio-ca-root-cert" not found。',
  },
  remedy: {
    en: 'istiod writes it into each namespace that its discoverySelectors select. Copy it for now, and find out why istiod does not (not running, no permission, namespace not selected, another tool deletes it).',
    zh: 'istiod 会把它写入 discoverySelectors 选中的每个命名空间。可先手动复制，再查明 istiod 未写入的原因（未运行、无权限、命名空间未被选中、被其他工具删除）。',
  },
  references: ['istio/istio#22463', 'istio/istio#43824', 'istio/istio#29659'],
  run: (cluster) => {
    const needing = Map.groupBy(
      subjects(cluster).filter((subject) => needsRoot(cluster, subject)),
      ({ namespace }) => namespace,
    )
    const found = [...needing].flatMap(([namespace, affected]) => examine(cluster, namespace, affected))
    return isNowhere(cluster) ? together(cluster, found) : found
  },
}

/** Then it is one cause, whatever the number of namespaces. */
function isNowhere(cluster: Cluster): boolean {
  return [...rootConfigMaps(cluster).values()].every(({ text }) => text.trim() === '')
}

const MOST_EVIDENCE = 5

/** One finding at the place of the control plane, and word of it at each namespace. */
function together(cluster: Cluster, outcomes: readonly CheckOutcome[]): readonly CheckOutcome[] {
  const found = outcomes.filter((one) => one.outcome === 'found')
  const [first] = found
  const isKnown = found.length === outcomes.length && found.every(({ confidence }) => confidence === 'certain')
  if (first === undefined || found.length === 1 || !isKnown) return outcomes
  const home = revisions(cluster).find(({ name }) => name === first.revision)?.namespace
  const names = listed(found.map(({ object }) => object.name))
  const all: Found = {
    ...first,
    object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: home || 'istio-system', name: ROOT_CONFIG_MAP },
    message: {
      en: `No namespace has the ConfigMap ${ROOT_CONFIG_MAP}: new Pods cannot start with a sidecar in ${found.length} namespaces: ${names.en}`,
      zh: `所有命名空间都没有 ConfigMap ${ROOT_CONFIG_MAP}：${found.length} 个命名空间中的新 Pod 无法带 sidecar 启动：${names.zh}`,
    },
    evidence: found.slice(0, MOST_EVIDENCE).flatMap(({ evidence }) => evidence.slice(0, 2)),
  }
  return [all, ...outcomes.map((one) => (one.outcome === 'found' ? { ...one, routine: true as const } : one))]
}

/** A live Pod tells what it mounts; for others, what the injector would add. */
function needsRoot(cluster: Cluster, subject: Subject): boolean {
  const [pod] = livePods(subject)
  if (pod !== undefined && objectsAt(pod, 'spec', 'volumes').some(mountsRoot)) return true
  const { expected, revision } = verdictOf(cluster, subject)
  return expected === 'injected' && revision !== undefined && addsRoot(revision)
}

function mountsRoot(volume: Parameters<typeof textAt>[0]): boolean {
  const sources = [volume, ...objectsAt(volume, 'projected', 'sources')]
  return sources.some(
    (source) => textAt(source, 'configMap', 'name') === ROOT_CONFIG_MAP && !isTrueAt(source, 'configMap', 'optional'),
  )
}

/** With Kubernetes' own authority (pilotCertProvider) templates do without it. */
function addsRoot({ configMap }: Revision): boolean {
  return configMap === undefined || textAt(configMap, 'data', 'config').includes(ROOT_CONFIG_MAP)
}

/** Files may hold the ConfigMaps of the control plane only. Every namespace has some: Kubernetes' own root at least. */
function isGiven({ snapshot, inNamespace }: Cluster, namespace: string): boolean {
  return snapshot.source.kind !== 'files' || inNamespace('ConfigMap', namespace).length > 0
}

/** A namespace that was just made gets it within seconds. */
const JUST_NOW = 30_000

function examine(cluster: Cluster, namespace: string, affected: readonly Subject[]): CheckOutcome[] {
  const map = rootConfigMaps(cluster).get(namespace)
  if (map?.text.trim()) return []
  const object = cluster.find('Namespace', '', namespace)
  if (textAt(object, 'status', 'phase') === 'Terminating') return []
  const created = timeAt(object, 'metadata', 'creationTimestamp')
  if (created !== undefined && cluster.now.getTime() - created < JUST_NOW) return []
  const [event] = mountFailures(cluster).get(namespace) ?? []
  const isUnread = cluster.unread('ConfigMap', namespace) !== undefined
  if (isUnread && event === undefined) return []
  if (event === undefined && map === undefined && !isGiven(cluster, namespace)) {
    const reason = { en: 'the files have no ConfigMap of the namespace', zh: '文件中没有该命名空间的 ConfigMap' }
    return [{ outcome: 'not-evaluated', object: namespaceName(namespace), reason }]
  }
  return [finding(cluster, namespace, affected, map === undefined ? undefined : ROOT_KEY, event)]
}

/** What the kubelet says, newest first. */
const mountFailures: (cluster: Cluster) => ReadonlyMap<string, readonly ClusterEvent[]> = remembered((cluster) =>
  Map.groupBy(
    events(cluster).filter(
      ({ reason, message }) => reason === 'FailedMount' && message.includes(`"${ROOT_CONFIG_MAP}" not found`),
    ),
    ({ namespace }) => namespace,
  ),
)

function finding(
  cluster: Cluster,
  namespace: string,
  affected: readonly Subject[],
  emptyKey: string | undefined,
  event: ClusterEvent | undefined,
): CheckOutcome {
  const revision = affected.map((subject) => verdictOf(cluster, subject).revision).find((one) => one !== undefined)
  const cause = missingRootCause(cluster, namespace, revision)
  const what =
    emptyKey === undefined
      ? { en: `has no ConfigMap ${ROOT_CONFIG_MAP}`, zh: `没有 ConfigMap ${ROOT_CONFIG_MAP}` }
      : {
          en: `has a ConfigMap ${ROOT_CONFIG_MAP} without ${emptyKey}`,
          zh: `的 ConfigMap ${ROOT_CONFIG_MAP} 中没有 ${emptyKey}`,
        }
  const names = listed(affected.map(({ object }) => `${object.kind} ${object.name}`))
  return {
    outcome: 'found',
    object: namespaceName(namespace),
    ...(revision === undefined ? {} : { revision: revision.name }),
    message: {
      en: `Namespace ${namespace} ${what.en}: new Pods of ${names.en} cannot start with a sidecar`,
      zh: `命名空间 ${namespace} ${what.zh}：${names.zh} 的新 Pod 无法带 sidecar 启动`,
    },
    ...(cause === undefined ? {} : { meaning: cause.text }),
    evidence: [
      {
        object: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: ROOT_CONFIG_MAP },
        path: emptyKey === undefined ? 'metadata.name' : `data["${emptyKey}"]`,
      },
      ...(event === undefined ? [] : [eventEvidence(event)]),
      ...(cause?.evidence ?? []),
    ],
    confidence: cluster.unread('ConfigMap', namespace) === undefined ? 'certain' : 'likely',
    fix: fixOf(cluster, namespace, revision?.namespace, cause?.remedy),
  }
}

function eventEvidence({ kind, namespace, name, message }: ClusterEvent): Evidence {
  return { object: { apiVersion: 'v1', kind, namespace, name }, path: 'events[0].message', value: message }
}

function fixOf(
  cluster: Cluster,
  namespace: string,
  home: string | undefined,
  then: { readonly en: string; readonly zh: string } | undefined,
): Fix {
  const maps = rootConfigMaps(cluster)
  const from = [home ?? '', 'istio-system', ...maps.keys()].find(
    (one) => one !== namespace && maps.get(one)?.text.trim(),
  )
  const after = then === undefined ? { en: '', zh: '' } : { en: `. Then: ${then.en}`, zh: `。然后：${then.zh}` }
  if (from === undefined) {
    return {
      text: {
        en: `istiod has to write it, and no namespace has one that could be copied: ${then?.en ?? 'see to istiod'}`,
        zh: `必须由 istiod 写入，且没有任何命名空间有可供复制的根证书：${then?.zh ?? '检查 istiod'}`,
      },
      commands: [],
      changes: [],
    }
  }
  const get = `${kubectl({ namespace: from })} get configmap ${ROOT_CONFIG_MAP} -o jsonpath='{.data.root-cert\\.pem}'`
  return {
    text: {
      en: `Copy it from ${from}${after.en}`,
      zh: `从 ${from} 复制${after.zh}`,
    },
    commands: [
      `${kubectl({ namespace })} create configmap ${ROOT_CONFIG_MAP} --from-literal=${ROOT_KEY}="$(${get})" --dry-run=client -o yaml | kubectl apply -f -`,
    ],
    changes: [applyObject(copyFor(namespace, maps.get(from)?.text ?? ''))],
  }
}

/** As istiod writes it, so that it takes the copy for its own. */
function copyFor(namespace: string, text: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: ROOT_CONFIG_MAP, namespace, labels: { 'istio.io/config': 'true' } },
    data: { [ROOT_KEY]: text },
  }
}
