import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import {
  type Backend,
  backendPods,
  backends,
  backendTitle,
  looksLikeInjector,
  revisionOf,
  selects,
  serviceName,
  serviceSelector,
} from '../../mesh/backends.ts'
import { labelOf, objectAt, textAt } from '../../reading.ts'
import { type Subject, subjectOfPod, subjectsIn } from '../../subjects/subjects.ts'
import { consequence } from './evidence.ts'

export const INJ159: Check = {
  id: 'INJ159',
  severity: 'warn',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Service', 'Pod'],
  uses: ['Deployment'],
  title: {
    en: 'The selector of the Service matches no Pods of the injector, or foreign ones',
    zh: 'Service 的选择器没有匹配注入器的 Pod，或匹配了别的 Pod',
  },
  looksAt: {
    en: 'spec.selector of the Service of every injection webhook against the labels of Pods and of Pod templates.',
    zh: '每个注入 webhook 的 Service 的 spec.selector 与 Pod、Pod 模板的标签。',
  },
  why: {
    en: 'Without a match the Service has no endpoints. With foreign Pods among them a part of the calls goes to something that is no injector, or to the one of another revision.',
    zh: '没有匹配时 Service 没有端点；混入别的 Pod 时，部分调用会到达不是注入器的程序，或另一个 revision 的注入器。',
  },
  remedy: {
    en: 'Give the Service the labels that its Deployment selects its Pods by.',
    zh: '让 Service 的选择器与 Deployment 选择 Pod 的标签一致。',
  },
  references: ['istio/istio#42290'],
  run: (cluster) => backends(cluster).flatMap((backend) => ofBackend(cluster, backend)),
}

function ofBackend(cluster: Cluster, backend: Backend): readonly CheckOutcome[] {
  const selector = serviceSelector(backend.service)
  // Without a selector somebody writes the endpoints by hand, and may do so.
  if (selector === undefined || textAt(backend.service, 'spec', 'type') === 'ExternalName') return []
  const here = subjectsIn(cluster, backend.namespace)
  const selected = here.filter(({ template }) => selects(selector, objectAt(template, 'metadata', 'labels')))
  if (selected.length === 0 && backendPods(cluster, backend).length === 0) {
    const meant = here.filter((subject) => looksLikeInjector(subject, backend))
    const [workload] = meant
    return workload === undefined ? [] : [matchesNothing(backend, selector, workload)]
  }
  const foreign = foreignOnes(cluster, backend)
  return foreign.length === 0 ? [] : [matchesForeign(cluster, backend, selector, foreign)]
}

function matchesNothing(backend: Backend, selector: Readonly<Record<string, string>>, workload: Subject): Found {
  const { object, template } = workload
  const labels = objectAt(template, 'metadata', 'labels')
  const missing = Object.entries(selector).filter(([key, value]) => labels[key] !== value)
  const pairs = missing.map(([key, value]) => `${key}=${value}`).join(', ')
  return {
    outcome: 'found',
    object: serviceName(backend),
    severity: 'error',
    ...revisionOf(backend),
    message: {
      en: `The Service ${backendTitle(backend)} selects ${pairs}, which the Pods of ${object.kind} ${object.name} do not have, so it has no endpoints`,
      zh: `Service ${backendTitle(backend)} 选择 ${pairs}，而 ${object.kind} ${object.name} 的 Pod 没有这些标签，因此没有端点`,
    },
    meaning: consequence(backend.injectors),
    evidence: [
      { path: 'spec.selector', value: selector },
      { object, path: 'spec.template.metadata.labels', value: labels },
    ],
    confidence: 'certain',
    ...fixFor(backend, selector, workload),
  }
}

function fixFor(backend: Backend, selector: Readonly<Record<string, string>>, workload: Subject): Pick<Found, 'fix'> {
  const right = objectAt(workload.owner, 'spec', 'selector', 'matchLabels')
  if (Object.keys(right).length === 0) return {}
  const { object } = workload
  return {
    fix: {
      text: {
        en: `Select the Pods of ${object.kind} ${object.name} by the labels that it selects them by`,
        zh: `使用 ${object.kind} ${object.name} 自己选择 Pod 的标签`,
      },
      ...jsonPatch(serviceName(backend), [
        { op: 'test', path: '/spec/selector', value: selector },
        { op: 'replace', path: '/spec/selector', value: right },
      ]),
    },
  }
}

interface Foreign {
  readonly subject: Subject
  readonly pod: JsonObject
  readonly why: { readonly en: string; readonly zh: string }
}

/** Of several workloads behind one Service, those that are no injector of its revision. */
function foreignOnes(cluster: Cluster, backend: Backend): readonly Foreign[] {
  const revisions = new Set(backend.injectors.map(({ revision }) => revision))
  const groups = new Map<Subject, JsonObject>()
  for (const pod of backendPods(cluster, backend)) {
    const subject = subjectOfPod(cluster, pod)
    if (subject !== undefined && !groups.has(subject)) groups.set(subject, pod)
  }
  return [...groups].flatMap(([subject, pod]): Foreign[] => {
    const revision = labelOf(pod, 'istio.io/rev')
    if (revision !== undefined && !revisions.has(revision)) {
      return [{ subject, pod, why: { en: `revision ${revision}`, zh: `revision ${revision}` } }]
    }
    // One workload alone is what the Service was made for, whatever it is called.
    if (groups.size === 1 || looksLikeInjector(subject, backend)) return []
    return [{ subject, pod, why: { en: 'no injector', zh: '不是注入器' } }]
  })
}

function matchesForeign(
  cluster: Cluster,
  backend: Backend,
  selector: Readonly<Record<string, string>>,
  foreign: readonly Foreign[],
): Found {
  const english = foreign.map(({ subject, why }) => `${subject.object.kind} ${subject.name} (${why.en})`)
  const chinese = foreign.map(({ subject, why }) => `${subject.object.kind} ${subject.name}（${why.zh}）`)
  const foreigners = new Set(foreign.map(({ subject }) => subject))
  const own = subjectsIn(cluster, backend.namespace).find(
    (subject) => !foreigners.has(subject) && looksLikeInjector(subject, backend),
  )
  return {
    outcome: 'found',
    object: serviceName(backend),
    ...revisionOf(backend),
    message: {
      en: `The Service ${backendTitle(backend)}, which webhooks of revision ${backend.injectors[0].revision} call, selects also Pods of ${english.join(', ')}`,
      zh: `revision ${backend.injectors[0].revision} 的 webhook 调用的 Service ${backendTitle(backend)} 还选中了其他工作负载的 Pod：${chinese.join('、')}`,
    },
    meaning: {
      en: 'Calls are shared among all selected Pods: a part of the Pods is injected by another revision, or not at all.',
      zh: '调用会分摊到所有选中的 Pod：一部分 Pod 会被另一个 revision 注入，或得不到注入。',
    },
    evidence: [
      { path: 'spec.selector', value: selector },
      ...foreign.map(({ pod }) => ({
        object: objectName(pod),
        path: 'metadata.labels',
        value: objectAt(pod, 'metadata', 'labels'),
      })),
    ],
    confidence: 'certain',
    ...(own === undefined ? {} : fixFor(backend, selector, own)),
  }
}
