import type { WebhookExplanation } from '@proa/injector'
import { formatRequirement, type LabelSelector, parseLabelSelector, SelectorError } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence, ObjectName } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { commonLabels, type ExampleLabels } from '../../mesh/overlap.ts'
import { listed, objectTitle } from '../../naming.ts'
import { askWebhooks, verdictOf } from '../../subjects/verdict.ts'
import { namespaceName } from '../../subjects/wishes.ts'
import { activeSubjects } from './active-subjects.ts'
import { overlapFix } from './overlap-fix.ts'

export const INJ122: Check = {
  id: 'INJ122',
  severity: 'error',
  category: 'decision',
  scope: 'cluster',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Namespace', 'Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'Several webhooks inject the same Pods', zh: '多个 webhook 会注入同一个 Pod' },
  looksAt: {
    en: 'Selectors, rules and match conditions of all injection webhooks together: for the workloads and namespaces that there are, and for labels that would meet two webhooks at once.',
    zh: '综合所有注入 webhook 的选择器、rules 与 matchConditions：针对现有的工作负载和命名空间，以及能同时满足两个 webhook 的标签。',
  },
  why: {
    en: 'Each of them adds its sidecar. The last one wins, or the Pod is invalid; which control plane it belongs to is a matter of names.',
    zh: '每个 webhook 都会添加自己的 sidecar：最后一个生效，或者 Pod 无效；由哪个控制平面管理仅取决于名称顺序。',
  },
  remedy: {
    en: 'Leave only one configuration for these labels: delete the one of a control plane that is gone, or move the tag default.',
    zh: '对这些标签只保留一个配置：删除已不存在的控制平面的配置，或移动 tag default。',
  },
  references: ['IST0139', 'istio/istio#42290', 'istio/istio#36258'],
  run: (cluster) => {
    const groups = realOverlaps(cluster)
    return [...groups.values(), ...possibleOverlaps(cluster, groups)].map((overlap) => outcome(cluster, overlap))
  },
}

/** Webhooks that inject the same Pods, by the configurations that they stand in: these are what must change. */
interface Overlap {
  readonly entries: Set<Injector>
  /** Workloads and namespaces that are affected now. */
  readonly affected: ObjectName[]
  /** For which labels, where nothing is affected yet. */
  readonly example?: ExampleLabels
}

function realOverlaps(cluster: Cluster): Map<string, Overlap> {
  const groups = new Map<string, Overlap>()
  const add = (webhooks: WebhookExplanation, object: ObjectName): void => {
    if (webhooks.outcome !== 'several') return
    const called = calledEntries(cluster, webhooks)
    const key = keyOf(called)
    const overlap = groups.get(key) ?? { entries: new Set(), affected: [] }
    groups.set(key, overlap)
    for (const entry of called) overlap.entries.add(entry)
    overlap.affected.push(object)
  }
  for (const subject of activeSubjects(cluster)) add(verdictOf(cluster, subject).webhooks, subject.object)
  const told = new Set([...groups.values()].flatMap(({ affected }) => affected.map(({ namespace }) => namespace)))
  const seen = new Set<string>()
  for (const [name, labels] of namespaceLabels(cluster)) {
    // Namespaces differ in few labels; those of equal labels are alike but for their names.
    const same = JSON.stringify(Object.entries(labels).filter(([, value]) => value !== name))
    if (seen.has(same) || told.has(name)) continue
    seen.add(same)
    add(askWebhooks(cluster, name, {}), namespaceName(name))
  }
  return groups
}

/** A hundred webhooks make five thousand pairs. */
const MOST_ENTRIES = 200

function possibleOverlaps(cluster: Cluster, known: ReadonlyMap<string, Overlap>): readonly Overlap[] {
  const active = injectors(cluster)
    .filter(({ deactivated }) => !deactivated)
    .slice(0, MOST_ENTRIES)
  const found = new Map<string, Overlap>()
  for (const [position, one] of active.entries()) {
    for (const other of active.slice(position + 1)) {
      const key = keyOf([one, other])
      if (known.has(key) || found.has(key)) continue
      const example = commonLabels(one, other)
      if (example === undefined || !isReal(cluster, example, [one, other])) continue
      found.set(key, { entries: new Set([one, other]), affected: [], example })
    }
  }
  return [...found.values()]
}

/** Rules and match conditions have their say, too. */
function isReal(cluster: Cluster, { namespace, pod }: ExampleLabels, pair: readonly Injector[]): boolean {
  const name = namespace['kubernetes.io/metadata.name'] ?? 'any-namespace'
  const called = calledEntries(cluster, askWebhooks(cluster, name, { metadata: { labels: pod } }, namespace))
  return pair.every((one) => called.includes(one))
}

function calledEntries(cluster: Cluster, { injectors: verdicts }: WebhookExplanation): readonly Injector[] {
  const called = new Set(
    verdicts
      .filter(({ verdict }) => verdict.called === true)
      .map(({ injector }) => `${injector.configuration}/${injector.index}`),
  )
  return injectors(cluster).filter(({ configuration, index }) => called.has(`${configuration}/${index}`))
}

function keyOf(entries: readonly Injector[]): string {
  return [...new Set(entries.map(({ configuration }) => configuration))].toSorted().join('\n')
}

const MOST_EXAMPLES = 5

function outcome(cluster: Cluster, { entries, affected, example }: Overlap): CheckOutcome {
  const all = [...entries]
  const titles = all.map(injectorTitle)
  const where = affected.length > 0 ? affectedText(affected) : labelsText(example)
  const first = all[0]?.object
  const both = all.length === 2 ? 'both inject' : 'all inject'
  return {
    outcome: 'found',
    object: first === undefined ? { kind: 'MutatingWebhookConfiguration', name: '' } : objectName(first),
    message: {
      en: `${titles.join(' and ')} ${affected.length > 0 ? both : `would ${both}`} ${where.en}`,
      zh: `${titles.join(' 与 ')} ${affected.length > 0 ? '都会注入 ' : '在标签如下时都会注入：'}${where.zh}`,
    },
    evidence: [...all.flatMap(selectorEvidence), ...affected.slice(0, MOST_EXAMPLES).map(affectedEvidence(cluster))],
    confidence: 'certain',
    fix: overlapFix(cluster, all),
    ...(affected.length > 0 ? {} : { severity: 'warn' as const }),
  }
}

function affectedText(affected: readonly ObjectName[]): Text {
  const names = affected.map((object) =>
    object.kind === 'Namespace'
      ? { en: `new Pods in namespace ${object.name}`, zh: `命名空间 ${object.name} 中的新 Pod` }
      : objectTitle(object),
  )
  return listed(names, MOST_EXAMPLES)
}

function labelsText(example: ExampleLabels | undefined): Text {
  const [namespace, pod] = [written(example?.namespace), written(example?.pod)]
  return {
    en: `a Pod ${pod === '' ? 'without labels' : `with ${pod}`} in a namespace ${namespace === '' ? 'without labels' : `with ${namespace}`}`,
    zh: `Pod${pod === '' ? '（无标签）' : `（${pod}）`}，命名空间${namespace === '' ? '（无标签）' : `（${namespace}）`}`,
  }
}

function written(labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

function selectorEvidence({ object, index, settings }: Injector): readonly Evidence[] {
  return (['namespaceSelector', 'objectSelector'] as const).map((name) => ({
    object: objectName(object),
    path: `webhooks[${index}].${name}`,
    value: requirements(settings[name]),
  }))
}

/** As kubectl writes selectors: `istio-injection in (enabled)`. */
function requirements(selector: Injector['settings']['namespaceSelector']): string {
  let read: LabelSelector
  try {
    read = parseLabelSelector(selector)
  } catch (error) {
    if (error instanceof SelectorError) return error.message
    throw error
  }
  return read.requirements.map(formatRequirement).join(',')
}

function affectedEvidence(cluster: Cluster): (object: ObjectName) => Evidence {
  return (object) => {
    const namespace = object.kind === 'Namespace' ? object.name : (object.namespace ?? '')
    return {
      object: namespaceName(namespace),
      path: 'metadata.labels',
      value: { ...namespaceLabels(cluster).get(namespace) },
    }
  }
}
