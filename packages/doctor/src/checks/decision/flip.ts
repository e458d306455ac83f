import type { LabelChange, Turnaround } from '@proa/injector'
import type { Cluster } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { Fix } from '../../finding.ts'
import { editTemplate, within } from '../../fixes/edit-template.ts'
import { mergePatch, NO_STEP } from '../../fixes/patch-object.ts'
import { relabel } from '../../fixes/relabel.ts'
import type { Text } from '../../language.ts'
import { isIgnored } from '../../mesh/namespace-verdicts.ts'
import { isTrueAt, objectAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { workloadTrace } from '../../subjects/trace.ts'
import { judge, type Verdict } from '../../subjects/verdict.ts'
import { INJECT } from './keys.ts'
import { enablePolicy } from './policy.ts'
import { templateFix } from './template-fix.ts'

/** The smallest change after which the verdict is the other way round; undefined where that is not known. */
export function flip(cluster: Cluster, subject: Subject, verdict: Verdict): Fix | undefined {
  const { outcome } = verdict.webhooks
  if (isIgnored(cluster, subject.namespace)) return elsewhere()
  if (outcome === 'none') {
    return offHostNetwork(subject, verdict) ?? call(cluster, subject, verdict) ?? reselect(outcome)
  }
  if (outcome !== 'one') return reselect(outcome)
  const change = workloadTrace(cluster, subject).explanation?.change
  return change === undefined ? undefined : turn(subject, verdict, change)
}

/** Webhooks may look at the network themselves (as proa's do): leaving that of the node is then all that they wait for. */
function offHostNetwork(subject: Subject, { webhooks }: Verdict): Fix | undefined {
  if (!isTrueAt(subject.template, 'spec', 'hostNetwork') || webhooks.nearest[0]?.edits.length !== 0) return undefined
  const path = [...subject.templatePath, 'spec', 'hostNetwork'].join('.')
  return withoutHostNetwork(subject, { en: `Remove ${path}`, zh: `删除 ${path}` })
}

function withoutHostNetwork(subject: Subject, text: Text): Fix {
  const body = within([...subject.templatePath, 'spec'], { hostNetwork: null })
  return templateFix(subject, text, mergePatch(subject.object, body))
}

/** Labels by which a webhook is called, whose injector then says yes. */
function call(cluster: Cluster, subject: Subject, { webhooks }: Verdict): Fix | undefined {
  const change = webhooks.nearest.find((one) => injects(cluster, subject, one))
  if (change === undefined) return undefined
  const fix = relabel(cluster, subject, change)
  const onPod = change.edits.some(({ on }) => on === 'pod')
  return onPod ? templateFix(subject, fix.text, fix) : fix
}

function injects(cluster: Cluster, { namespace, template }: Subject, { edits }: LabelChange): boolean {
  const edited = (on: 'namespace' | 'pod', labels: Readonly<Record<string, unknown>>): Record<string, string> => {
    const changes = edits.filter((edit) => edit.on === on)
    const kept = Object.entries(labels).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && !changes.some(({ key }) => key === entry[0]),
    )
    return Object.fromEntries([...kept, ...changes.flatMap(({ key, to }) => (to === undefined ? [] : [[key, to]]))])
  }
  const metadata = objectAt(template, 'metadata')
  const pod = { ...template, metadata: { ...metadata, labels: edited('pod', objectAt(metadata, 'labels')) } }
  const { expected } = judge(
    cluster,
    namespace,
    pod,
    edited('namespace', namespaceLabels(cluster).get(namespace) ?? {}),
  )
  return expected === 'injected' || expected === 'unknown'
}

/** Where labels of one Pod are not what is in the way. */
function reselect(outcome: Verdict['webhooks']['outcome']): Fix | undefined {
  switch (outcome) {
    case 'not-installed':
      return advice({ en: 'Install an injector', zh: '安装注入器' })
    case 'none':
      return advice({
        en: 'Change the selectors of the webhooks, or deploy it to another namespace: no label leads to exactly one injector',
        zh: '修改 webhook 的选择器，或部署到其他命名空间：没有标签能恰好选中一个注入器',
      })
    case 'several':
      return advice({ en: 'Let only one webhook match it', zh: '使其只匹配一个 webhook' })
    case 'refused':
      return advice({ en: 'Correct the webhook that refuses the Pod', zh: '修正拒绝该 Pod 的 webhook' })
    default:
      return undefined
  }
}

function elsewhere(): Fix {
  return advice({ en: 'Deploy it to a namespace that is not ignored', zh: '部署到未被忽略的命名空间' })
}

function advice(text: Text): Fix {
  return { ...NO_STEP, text }
}

/** What the injector itself decides. */
function turn(subject: Subject, { revision, decision }: Verdict, { target, path, to }: Turnaround): Fix | undefined {
  if (target === 'namespace') return elsewhere()
  const set = {
    en: to === undefined ? `Remove ${path}` : `Set ${path} to ${JSON.stringify(to)}`,
    zh: to === undefined ? `删除 ${path}` : `将 ${path} 设为 ${JSON.stringify(to)}`,
  }
  if (target === 'configuration') return revision === undefined ? undefined : enablePolicy(revision, set)
  if (decision?.reason === 'HostNetwork') return withoutHostNetwork(subject, set)
  const value = typeof to === 'string' ? to : null
  const field = path.includes('metadata.annotations[') ? 'annotations' : 'labels'
  return templateFix(subject, set, editTemplate(subject, { [field]: { [INJECT]: value } }))
}
