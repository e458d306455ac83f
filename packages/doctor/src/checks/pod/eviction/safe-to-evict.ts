import type { Check } from '../../../check.ts'
import { type Cluster, controllerOf, objectName } from '../../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../../finding.ts'
import { editTemplate } from '../../../fixes/edit-template.ts'
import { leftToPeople } from '../../../fixes/patch-object.ts'
import type { Text } from '../../../language.ts'
import { type Revision, revisions } from '../../../mesh/revisions.ts'
import { annotationOf } from '../../../reading.ts'
import { titleOf } from '../../../subjects/subjects.ts'
import { verdictOf } from '../../../subjects/verdict.ts'
import { templateField } from '../../../subjects/wishes.ts'
import { inPod, type Proxied, proxied } from '../proxied.ts'
import { type Autoscaler, autoscalerOf } from './autoscaler.ts'
import { settingFor } from './for-all-workloads.ts'
import { blockingVolumes, LIST_SINCE, type LocalVolume, SAFE, SAFE_VOLUMES } from './local-storage.ts'

/** So many workloads of one control plane are told as one finding: the setting of the injector is the better fix then. */
const MANY = 10

export const INJ332: Check = {
  id: 'INJ332',
  severity: 'info',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'Node', 'Event', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'The cluster autoscaler cannot evict the Pod', zh: '集群自动伸缩无法驱逐该 Pod' },
  looksAt: {
    en: `Volumes of injected Pods that the cluster autoscaler counts as local storage (hostPath, and emptyDir that is not in memory), against the annotations ${SAFE}: "true" and ${SAFE_VOLUMES}; and whether such an autoscaler runs, of which release, with --skip-nodes-with-local-storage or not. As the autoscaler does, it passes over Pods of DaemonSets, static Pods and Pods without a controller.`,
    zh: `被注入的 Pod 中会被 cluster autoscaler 视为本地存储的卷（hostPath，以及不在内存中的 emptyDir），与注解 ${SAFE}: "true" 及 ${SAFE_VOLUMES} 对比；以及是否运行 cluster autoscaler、其版本、是否设置 --skip-nodes-with-local-storage。与 autoscaler 一致，DaemonSet 的 Pod、静态 Pod 和没有控制器的 Pod 不计入。`,
  },
  why: {
    en: 'The sidecar brings an emptyDir of its own (istio-data and others). A Node with such a Pod is never scaled down, although nothing in these volumes is worth keeping.',
    zh: 'sidecar 自带 emptyDir（istio-data 等）。运行此类 Pod 的节点永远不会被缩容，尽管这些卷中没有需要保留的内容。',
  },
  remedy: {
    en: `Annotate the Pod template: list the local volumes in ${SAFE_VOLUMES} (cluster autoscaler 1.${LIST_SINCE} and later), or set ${SAFE}: "true". For all workloads at once: sidecarInjectorWebhook.injectedAnnotations of the injector.`,
    zh: `为 Pod 模板添加注解：在 ${SAFE_VOLUMES} 中列出本地卷（cluster autoscaler 1.${LIST_SINCE} 及以上），或设置 ${SAFE}: "true"。要一次作用于所有工作负载，可用注入器的 sidecarInjectorWebhook.injectedAnnotations。`,
  },
  references: [
    'istio/istio#19395',
    'kubernetes/autoscaler#3947',
    'kubernetes/autoscaler#5594',
    'kubernetes/autoscaler#5551',
  ],
  run,
}

interface Blocking {
  readonly one: Proxied
  readonly volumes: readonly LocalVolume[]
}

function run(cluster: Cluster): CheckOutcome[] {
  const autoscaler = autoscalerOf(cluster)
  const all = proxied(cluster).flatMap((one): Blocking[] => {
    // "true": nothing is in the way; "false": it is wanted so.
    if (!isEvicted(one) || ['true', 'false'].includes(annotationOf(one.pod, SAFE) ?? '')) return []
    const volumes = blockingVolumes(one.pod, one.sidecar, autoscaler.minor)
    return volumes.some(({ injected }) => injected) ? [{ one, volumes }] : []
  })
  if (!blocks(autoscaler)) return all.map((blocking) => finding(blocking, autoscaler, true))
  const groups = Map.groupBy(all, ({ one }) => verdictOf(cluster, one.subject).revision)
  return [...groups].flatMap(([revision, members]) => {
    const many = revision?.configMap !== undefined && members.length >= MANY
    return [
      ...(many && revision !== undefined ? forAll(cluster, revision, members, autoscaler) : []),
      ...members.map((blocking) => finding(blocking, autoscaler, many)),
    ]
  })
}

/** Others the autoscaler leaves alone, or they keep it from removing the Node for other reasons. */
function isEvicted({ subject, pod, from }: Proxied): boolean {
  if (subject.object.kind === 'DaemonSet' || subject.object.kind === 'Node') return false
  return from === 'rendered' ? subject.templatePath.length > 0 : controllerOf(pod) !== undefined
}

/** Whether there is an autoscaler that minds local storage; those of GKE (since 1.22) and AKS do not by default. */
function blocks({ seen, ignoresLocalStorage, provider, karpenter }: Autoscaler): boolean {
  if (ignoresLocalStorage) return false
  if (seen === 'runs') return true
  return seen === 'acts' && !karpenter && provider !== 'GKE' && provider !== 'AKS'
}

function finding({ one, volumes }: Blocking, autoscaler: Autoscaler, quiet: boolean): Found {
  const { subject } = one
  const list = (wanted: boolean): string =>
    volumes.flatMap(({ name, source, injected }) => (injected === wanted ? [`${name} (${source})`] : [])).join(', ')
  const own = list(false)
  const certain = blocks(autoscaler)
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `The cluster autoscaler ${certain ? 'does' : 'would'} not remove a Node with a Pod of ${titleOf(subject)}: local storage that injection added: ${list(true)}${own === '' ? '' : `; of its own: ${own}`}`,
      zh: `${titleOf(subject)} 的 Pod ${certain ? '会' : '可能'}使 cluster autoscaler 无法移除其节点：注入带来的本地存储：${list(true)}${own === '' ? '' : `；自有：${own}`}`,
    },
    ...(certain ? {} : { meaning: why(autoscaler) }),
    evidence: evidenceOf(one, volumes, autoscaler),
    confidence:
      autoscaler.seen === 'runs' ? 'certain' : autoscaler.seen === 'acts' && certain ? 'likely' : 'cannot-tell',
    fix: annotate(one, volumes, autoscaler),
    ...(quiet ? { routine: true as const } : {}),
  }
}

/** Why it is not taken for a problem here. */
function why({ ignoresLocalStorage, karpenter, provider }: Autoscaler): Text {
  if (ignoresLocalStorage) {
    return {
      en: 'This autoscaler is told to ignore local storage (--skip-nodes-with-local-storage=false), so nothing is to be done',
      zh: '该 autoscaler 已设置忽略本地存储（--skip-nodes-with-local-storage=false），无需处理',
    }
  }
  if (karpenter) return { en: 'Karpenter does not look at local storage', zh: 'Karpenter 不考虑本地存储' }
  if (provider === 'GKE') {
    return {
      en: 'The autoscaler of GKE evicts Pods with local storage since 1.22',
      zh: 'GKE 的 autoscaler 自 1.22 起会驱逐使用本地存储的 Pod',
    }
  }
  if (provider === 'AKS') {
    return {
      en: 'The autoscaler of AKS evicts Pods with local storage unless its profile says skip-nodes-with-local-storage=true',
      zh: '除非配置文件设置 skip-nodes-with-local-storage=true，AKS 的 autoscaler 会驱逐使用本地存储的 Pod',
    }
  }
  return { en: 'No cluster autoscaler was seen', zh: '未发现 cluster autoscaler' }
}

function evidenceOf(one: Proxied, volumes: readonly LocalVolume[], { evidence }: Autoscaler): readonly Evidence[] {
  const annotations = [SAFE, SAFE_VOLUMES].map((key): Evidence => {
    const value = annotationOf(one.pod, key)
    const path = templateField(one.subject, `metadata.annotations["${key}"]`)
    return { path, ...(value === undefined ? {} : { value }) }
  })
  const local = volumes.map(({ name, source, injected }) => ({
    ...inPod(one, `spec.volumes[name=${name}]`, source),
    label: injected ? { en: 'injected', zh: '注入的' } : { en: 'of the workload', zh: '工作负载自有' },
  }))
  return [...local, ...annotations, ...evidence]
}

/** Every volume that blocks; the users' own are for them to judge. */
function annotate(one: Proxied, volumes: readonly LocalVolume[], { minor }: Autoscaler): Fix {
  const own = volumes.filter(({ injected }) => !injected).map(({ name }) => name)
  const old = minor !== undefined && minor < LIST_SINCE
  const annotations = old ? { [SAFE]: 'true' } : { [SAFE_VOLUMES]: safeList(one, volumes) }
  const [key] = Object.keys(annotations)
  const step = editTemplate(one.subject, { annotations })
  const warning =
    own.length === 0
      ? { en: '', zh: '' }
      : {
          en: `; ${own.join(', ')} ${own.length === 1 ? 'is' : 'are'} the workload's own: only when what is in there may be lost`,
          zh: `；${own.join('、')} 为工作负载自有：仅在其内容可以丢失时才这样做`,
        }
  return {
    text: {
      en: `Set ${key} in the Pod template${warning.en}`,
      zh: `在 Pod 模板中设置 ${key}${warning.zh}`,
    },
    ...(own.length === 0 ? step : leftToPeople(step)),
  }
}

/** With those that are listed already. */
function safeList({ pod }: Pick<Proxied, 'pod'>, volumes: readonly LocalVolume[]): string {
  const listed = (annotationOf(pod, SAFE_VOLUMES) ?? '').split(',').filter((name) => name !== '')
  return [...new Set([...listed, ...volumes.map(({ name }) => name)])].join(',')
}

/** One finding for the injector: the names of its volumes are the same in all Pods. */
function forAll(cluster: Cluster, revision: Revision, members: readonly Blocking[], autoscaler: Autoscaler): Found[] {
  const { configMap } = revision
  if (configMap === undefined || !revisions(cluster).includes(revision)) return []
  const names = [
    ...new Set(members.flatMap(({ volumes }) => volumes.flatMap((one) => (one.injected ? [one.name] : [])))),
  ]
  const some = members.slice(0, 3).map(({ one }) => titleOf(one.subject))
  const old = autoscaler.minor !== undefined && autoscaler.minor < LIST_SINCE
  return [
    {
      outcome: 'found',
      object: objectName(configMap),
      revision: revision.name,
      message: {
        en: `The cluster autoscaler does not remove Nodes with Pods of ${members.length} injected workloads (${some.join(', ')}, …): the injected volumes ${names.join(', ')} are local storage`,
        zh: `cluster autoscaler 不会移除运行 ${members.length} 个被注入工作负载（${some.join('、')} 等）的节点：注入的卷 ${names.join('、')} 属于本地存储`,
      },
      evidence: [{ path: 'data.config: injectedAnnotations' }, ...autoscaler.evidence],
      confidence: autoscaler.seen === 'runs' ? 'certain' : 'likely',
      fix: settingFor(revision, old ? [SAFE, 'true'] : [SAFE_VOLUMES, names.join(',')]),
    },
  ]
}
