import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix, Found } from '../../finding.ts'
import { within } from '../../fixes/edit-template.ts'
import { mergePatch } from '../../fixes/patch-object.ts'
import { ignoredByAll } from '../../mesh/namespace-verdicts.ts'
import { isTrueAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateField, type Wish, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT } from './keys.ts'
import { labelFix, templateFix } from './template-fix.ts'

export const INJ102: Check = {
  id: 'INJ102',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Namespace', 'Pod', 'Deployment', 'DaemonSet', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'hostNetwork keeps the sidecar away', zh: 'hostNetwork 导致不注入' },
  looksAt: {
    en: 'spec.hostNetwork of Pods and Pod templates, against the labels and annotations that ask for a sidecar. When the Pod itself asks it is a warning; when only its namespace does, a note.',
    zh: 'Pod 和 Pod 模板的 spec.hostNetwork，以及请求 sidecar 的标签和注解。Pod 自身请求时为警告；仅命名空间请求时为提示。',
  },
  why: {
    en: 'A Pod with hostNetwork shares the network of its node. Rules that capture its traffic would capture the traffic of the whole node, so the injector never touches it.',
    zh: '使用 hostNetwork 的 Pod 与节点共享网络。拦截其流量的规则会影响整个节点，因此注入器从不处理它。',
  },
  remedy: {
    en: 'Remove hostNetwork, or accept it and say so with the label sidecar.istio.io/inject: "false". In ambient mode such Pods are left out as well; only what calls them through a waypoint can be controlled.',
    zh: '去掉 hostNetwork；或者接受现状，并用标签 sidecar.istio.io/inject: "false" 明确说明。ambient 模式同样不处理这类 Pod，只能控制经 waypoint 访问它们的流量。',
  },
  references: ['istio/istio#22749', 'istio/istio#17771'],
  run: (cluster) =>
    forSubjects(cluster, (subject) =>
      isTrueAt(subject.template, 'spec', 'hostNetwork') ? [outcome(cluster, subject)] : [],
    ),
}

function outcome(cluster: Cluster, subject: Subject): CheckOutcome {
  const [wish] = wishesOf(cluster, subject)
  const path = templateField(subject, 'spec.hostNetwork')
  const found = {
    outcome: 'found',
    object: subject.object,
    evidence: [{ path, value: true }, ...(wish === undefined ? [] : [wish.evidence])],
    confidence: 'certain',
  } satisfies Partial<Found>
  // What a namespace asks for that the injector ignores, INJ101 tells, once.
  const isIgnored = wish?.by.startsWith('pod-') === false && ignoredByAll(cluster).includes(subject.namespace)
  if (wish?.wants !== true || isIgnored) {
    return {
      ...found,
      message: {
        en: `${titleOf(subject)} uses the network of its node and is never injected; ${isIgnored ? `the injector ignores namespace ${subject.namespace}, too` : 'nobody asks for it'}`,
        zh: `${titleOf(subject)} 使用节点网络，永远不会被注入；${isIgnored ? `注入器也会忽略命名空间 ${subject.namespace}` : '也没有人请求注入'}`,
      },
      severity: 'info',
      routine: true,
    }
  }
  const byPod = wish.by.startsWith('pod-')
  return {
    ...found,
    message: message(subject, wish, byPod),
    fix: fix(subject, byPod),
    ...(byPod ? {} : { severity: 'info' }),
  }
}

function message(subject: Subject, { evidence }: Wish, byPod: boolean): Found['message'] {
  const value = JSON.stringify(evidence.value)
  return {
    en: `${titleOf(subject)} has hostNetwork: true and is never injected, although ${byPod ? 'it' : `namespace ${subject.namespace}`} asks for it (${evidence.path} is ${value})`,
    zh: `${titleOf(subject)} 设置了 hostNetwork: true，永远不会被注入，尽管${byPod ? '它自身' : `命名空间 ${subject.namespace} `}请求注入（${evidence.path} 为 ${value}）`,
  }
}

/** Whether hostNetwork can go only its owner knows. Who asked for a sidecar by name gets it that way; a namespace asks for many. */
function fix(subject: Subject, byPod: boolean): Fix {
  const path = templateField(subject, 'spec.hostNetwork')
  if (byPod) {
    return templateFix(
      subject,
      {
        en: `Remove ${path}, if the workload does not need the network of its node; else remove the request for a sidecar, which cannot be met`,
        zh: `如果该工作负载不需要节点网络，请删除 ${path}；否则请删除无法满足的注入请求`,
      },
      mergePatch(subject.object, within([...subject.templatePath, 'spec'], { hostNetwork: null })),
    )
  }
  return labelFix(
    subject,
    {
      en: `Say that it is to have no sidecar, with the label ${INJECT}: "false"; or remove ${path}, if the workload does not need the network of its node`,
      zh: `用标签 ${INJECT}: "false" 明确说明不需要 sidecar；如果该工作负载不需要节点网络，也可以删除 ${path}`,
    },
    { labels: { [INJECT]: 'false' } },
  )
}
