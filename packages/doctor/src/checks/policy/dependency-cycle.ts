import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { allSteps, leftToPeople, type Step } from '../../fixes/patch-object.ts'
import { injectors } from '../../mesh/injectors.ts'
import { objectTitle } from '../../naming.ts'
import { textAt } from '../../reading.ts'
import { admissionNeeds, type Need } from './admission-services.ts'
import { excludeNamespaces } from './exclude-namespace.ts'

export const INJ254: Check = {
  id: 'INJ254',
  severity: 'error',
  category: 'policy',
  scope: 'cluster',
  needs: ['MutatingWebhookConfiguration', 'Namespace', 'Service', 'Deployment'],
  uses: ['ValidatingWebhookConfiguration', 'Pod'],
  title: { en: 'admission webhooks wait for each other', zh: '准入 webhook 互相等待' },
  looksAt: {
    en: 'Mutating and validating webhooks with failurePolicy Fail that are answered by Pods of the cluster, and for whose Pods which of them would be called. A circle that an injector is part of is reported.',
    zh: 'failurePolicy 为 Fail 且由集群内 Pod 响应的 mutating 与 validating webhook，以及创建它们各自的 Pod 时会调用哪些 webhook。若存在包含注入器的环则报告。',
  },
  why: {
    en: 'When both are down (all nodes restarted, an upgrade of the cluster), neither can be created: each needs an answer of the other.',
    zh: '两者同时停止时（所有节点重启、集群升级）都无法创建：每一方都需要另一方的响应。',
  },
  remedy: {
    en: 'Break the circle: exclude the namespace of the injector from the other webhook, or the other from the injection.',
    zh: '打破环：把注入器的命名空间排除在另一个 webhook 之外，或不对后者注入。',
  },
  references: ['istio/istio#26380'],
  run: (cluster) => {
    const servers = new Map(
      injectors(cluster).flatMap(({ service, revision }) =>
        service === undefined ? [] : [[`${service.namespace}/${service.name}`, revision] as const],
      ),
    )
    const reported = new Set<string>()
    return [...servers].flatMap(([server, revision]) => {
      const circle = circleFrom(cluster, server)
      const key = circle
        .map((need) => need.server)
        .toSorted()
        .join(' ')
      if (circle.length === 0 || reported.has(key)) return []
      reported.add(key)
      return finding(cluster, circle, revision)
    })
  },
}

/** The shortest way from a server by what it needs back to itself; none when there is none. */
function circleFrom(cluster: Cluster, start: string): readonly Need[] {
  const byServer = Map.groupBy(admissionNeeds(cluster), ({ server }) => server)
  const ways: (readonly Need[])[] = (byServer.get(start) ?? []).map((need) => [need])
  const reached = new Set<string>()
  for (const way of ways) {
    const end = way.at(-1)?.needs ?? start
    if (end === start) return way
    if (reached.has(end)) continue
    reached.add(end)
    for (const need of byServer.get(end) ?? []) ways.push([...way, need])
  }
  return []
}

function finding(cluster: Cluster, circle: readonly Need[], revision: string): CheckOutcome[] {
  const [first] = circle
  if (first === undefined) return []
  const names = [...circle.map(({ server }) => server), first.server].join(' → ')
  const object = objectName(first.webhook.object)
  const own = first.subject.namespace
  return [
    {
      outcome: 'found',
      object,
      revision,
      message: {
        en: `Admission webhooks wait for each other, and all fail closed: ${names} (each needs the next to create its Pods)`,
        zh: `准入 webhook 互相等待且失败时都拒绝：${names}（每一个都要等下一个响应才能创建自己的 Pod）`,
      },
      evidence: circle.map(needEvidence),
      confidence: 'certain',
      fix: {
        text: {
          en: `Exclude namespace ${own} from ${object.name}; where an operator writes it (Kyverno, Gatekeeper), in its configuration`,
          zh: `把命名空间 ${own} 排除在 ${object.name} 之外；若由 operator（Kyverno、Gatekeeper）写入，则在其配置中排除`,
        },
        // A policy that no longer looks at the namespace is weaker there.
        ...leftToPeople(breakAt(cluster, first)),
      },
    },
  ]
}

/** Every entry by which the second server stands in the way of the first. */
function breakAt(cluster: Cluster, first: Need): Step {
  const blocking = admissionNeeds(cluster).filter(
    ({ server, needs }) => server === first.server && needs === first.needs,
  )
  const webhooks = Map.groupBy(new Set(blocking.map(({ webhook }) => webhook)), ({ object }) => object)
  return allSteps(...[...webhooks.values()].map((places) => excludeNamespaces(places, [first.subject.namespace])))
}

function needEvidence({ webhook, subject, server }: Need): Evidence {
  const { object } = subject
  return {
    object: objectName(webhook.object),
    path: `webhooks[${webhook.index}]`,
    value: textAt(webhook.entry, 'name'),
    label: {
      en: `called for ${objectTitle(object)}, which serves ${server}`,
      zh: `创建 ${objectTitle(object)}（服务于 ${server}）时被调用`,
    },
  }
}
