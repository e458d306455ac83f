import { isObject, type JsonObject, parseLabelSelector, SelectorError, selectorMatches } from '@proa/kube'
import { workloadsBehind } from '../../certificates/control-plane.ts'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { applyObject } from '../../fixes/apply-object.ts'
import { changeCommand } from '../../fixes/change-command.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { mergePatch, NO_STEP, patchObject, type Step } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { isReady } from '../../mesh/readiness.ts'
import { at, isTrueAt, listAt, nameOf, numberAt, objectAt, objectsAt, textAt, textsAt } from '../../reading.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'

export const INJ251: Check = {
  id: 'INJ251',
  severity: 'warn',
  category: 'policy',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Service', 'Deployment'],
  uses: ['PodDisruptionBudget', 'HorizontalPodAutoscaler', 'Pod', 'Node'],
  title: { en: 'fails closed on a single point', zh: '失败时拒绝，且存在单点' },
  looksAt: {
    en: 'The Deployments behind injection webhooks with failurePolicy Fail: replicas (or minReplicas of the HorizontalPodAutoscaler), a PodDisruptionBudget, and the nodes that the Pods run on.',
    zh: 'failurePolicy 为 Fail 的注入 webhook 背后的 Deployment：副本数（或 HorizontalPodAutoscaler 的 minReplicas）、PodDisruptionBudget，以及 Pod 所在的节点。',
  },
  why: {
    en: 'While the only replica moves, or its node is drained, no Pod can be created in injected namespaces, its own neighbours on that node among them.',
    zh: '唯一的副本迁移或其节点被排空期间，注入的命名空间中无法创建任何 Pod，包括该节点上需要迁移的 Pod。',
  },
  remedy: {
    en: 'Run two replicas on different nodes, with a PodDisruptionBudget.',
    zh: '在不同节点上运行两个副本，并设置 PodDisruptionBudget。',
  },
  references: ['istio/istio#12456'],
  run: (cluster) => {
    const behind = new Map<Subject, Injector>()
    for (const injector of injectors(cluster)) {
      if (injector.deactivated || injector.settings.failurePolicy !== 'Fail') continue
      for (const subject of workloadsBehind(cluster, injector)) {
        if (subject.object.kind === 'Deployment' && !behind.has(subject)) behind.set(subject, injector)
      }
    }
    return [...behind].flatMap(([subject, injector]) => examine(cluster, subject, injector))
  },
}

function examine(cluster: Cluster, subject: Subject, injector: Injector): CheckOutcome[] {
  const { owner } = subject
  // Scaled to nothing on purpose or not: INJ153 tells.
  if (owner === undefined || numberAt(owner, 'spec', 'replicas') === 0) return []
  const scaler = scalerOf(cluster, subject)
  const least = scaler === undefined ? numberAt(owner, 'spec', 'replicas') : numberAt(scaler, 'spec', 'minReplicas')
  if ((least ?? 1) < 2) return [singleReplica(cluster, subject, injector, scaler)]
  return [...withoutBudget(cluster, subject, injector), ...onOneNode(cluster, subject, injector)]
}

function scalerOf(cluster: Cluster, { namespace, name, object }: Subject): JsonObject | undefined {
  return cluster.inNamespace('HorizontalPodAutoscaler', namespace).find((scaler) => {
    const target = at(scaler, 'spec', 'scaleTargetRef')
    return textAt(target, 'name') === name && textAt(target, 'kind') === object.kind
  })
}

function found(
  { object }: Subject,
  injector: Injector,
  rest: Pick<Extract<CheckOutcome, { outcome: 'found' }>, 'message' | 'evidence' | 'fix' | 'severity'>,
): CheckOutcome {
  const policy: Evidence = {
    object: objectName(injector.object),
    path: `webhooks[${injector.index}].failurePolicy`,
    value: 'Fail',
  }
  const { evidence, ...others } = rest
  return {
    outcome: 'found',
    object,
    revision: injector.revision,
    evidence: [...evidence, policy],
    confidence: 'certain',
    ...others,
  }
}

function singleReplica(
  cluster: Cluster,
  subject: Subject,
  injector: Injector,
  scaler: JsonObject | undefined,
): CheckOutcome {
  const { object, name, owner } = subject
  // Nobody runs two replicas on a laptop.
  const isSmall = cluster.unread('Node') === undefined && cluster.all('Node').length === 1
  const evidence: Evidence =
    scaler === undefined
      ? { path: 'spec.replicas', value: numberAt(owner, 'spec', 'replicas') ?? 1 }
      : { object: objectName(scaler), path: 'spec.minReplicas', value: numberAt(scaler, 'spec', 'minReplicas') ?? 1 }
  const step =
    scaler === undefined
      ? patchObject(
          object,
          { type: 'merge', body: { spec: { replicas: 2 } } },
          `${kubectl(object)} scale deployment/${shellWord(name)} --replicas=2`,
        )
      : mergePatch(objectName(scaler), { spec: { minReplicas: 2 } })
  return found(subject, injector, {
    ...(isSmall ? { severity: 'info' as const } : {}),
    message: {
      en: `${titleOf(subject)} may run as a single replica, and its webhook fails closed`,
      zh: `${titleOf(subject)} 可能只有一个副本，而其 webhook 失败时拒绝`,
    },
    evidence: [evidence],
    fix: { text: { en: 'Run at least two replicas', zh: '至少运行两个副本' }, ...step },
  })
}

function withoutBudget(cluster: Cluster, subject: Subject, injector: Injector): CheckOutcome[] {
  const { namespace, owner, template } = subject
  if (cluster.unread('PodDisruptionBudget', namespace) !== undefined) return []
  const budgets = cluster.inNamespace('PodDisruptionBudget', namespace)
  if (budgets.some((budget) => selects(at(budget, 'spec', 'selector'), template))) return []
  return [
    found(subject, injector, {
      message: {
        en: `No PodDisruptionBudget selects the Pods of ${titleOf(subject)}: a drain may take all replicas at once`,
        zh: `没有 PodDisruptionBudget 选中 ${titleOf(subject)} 的 Pod：排空节点时可能同时失去所有副本`,
      },
      evidence: [
        { path: 'spec.selector', value: objectAt(owner, 'spec', 'selector') },
        {
          object: { kind: 'PodDisruptionBudget', namespace, name: '*' },
          path: 'metadata.name',
          value: budgets.map(nameOf),
        },
      ],
      fix: { text: { en: 'Create a PodDisruptionBudget', zh: '创建 PodDisruptionBudget' }, ...budgetFor(subject) },
    }),
  ]
}

/** For the Pods of a Deployment, by its own selector: an empty one would be for every Pod of the namespace. */
function budgetFor({ object, namespace, name, owner }: Subject): Step {
  const selector = objectAt(owner, 'spec', 'selector')
  const labels = textsAt(selector, 'matchLabels')
  const expressions = listAt(selector, 'matchExpressions')
  if (Object.keys(labels).length === 0 && expressions.length === 0) return NO_STEP
  const change = applyObject({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { maxUnavailable: 1, selector },
  })
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const create = `${kubectl(object)} create poddisruptionbudget ${shellWord(name)} --selector=${shellWord(words.join(','))} --max-unavailable=1`
  return { commands: [expressions.length > 0 ? changeCommand(change) : create], changes: [change] }
}

/** An empty selector selects every Pod of the namespace (policy/v1). */
function selects(selector: Parameters<typeof parseLabelSelector>[0], template: JsonObject): boolean {
  if (!isObject(selector)) return false
  try {
    return selectorMatches(parseLabelSelector(selector), objectAt(template, 'metadata', 'labels'))
  } catch (error) {
    if (error instanceof SelectorError) return false
    throw error
  }
}

function onOneNode(cluster: Cluster, subject: Subject, injector: Injector): CheckOutcome[] {
  const pods = livePods(subject).filter((pod) => isReady(pod) && textAt(pod, 'spec', 'nodeName') !== '')
  const nodes = new Set(pods.map((pod) => textAt(pod, 'spec', 'nodeName')))
  const others = cluster.all('Node').filter((node) => !isTrueAt(node, 'spec', 'unschedulable'))
  if (pods.length < 2 || nodes.size > 1 || cluster.unread('Node') !== undefined || others.length < 2) return []
  const [node = ''] = nodes
  return [
    found(subject, injector, {
      message: {
        en: `All ${pods.length} replicas of ${titleOf(subject)} run on node ${node}`,
        zh: `${titleOf(subject)} 的 ${pods.length} 个副本都在节点 ${node} 上`,
      },
      evidence: pods.slice(0, 5).map((pod) => ({ object: objectName(pod), path: 'spec.nodeName', value: node })),
      fix: spread(cluster, subject),
    }),
  ]
}

/** With a rule that spreads them a restart is enough: they came together when the other nodes were away. */
function spread(cluster: Cluster, subject: Subject): Fix {
  const { object, template, owner } = subject
  const hasRule =
    objectsAt(template, 'spec', 'topologySpreadConstraints').length > 0 ||
    at(template, 'spec', 'affinity', 'podAntiAffinity') !== undefined
  const constraint = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: objectAt(owner, 'spec', 'selector'),
  }
  const step = hasRule
    ? restartFix(cluster, subject)
    : mergePatch(object, { spec: { template: { spec: { topologySpreadConstraints: [constraint] } } } })
  return {
    text: hasRule
      ? { en: 'Restart it, so that its Pods are spread anew', zh: '重启它，使其 Pod 重新分布' }
      : { en: 'Spread the replicas over nodes', zh: '把副本分布到不同节点' },
    commands: step.commands,
    changes: step.changes,
  }
}
