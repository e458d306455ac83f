import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { type Subject, subjectsIn } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { isWanted, wishesOf } from '../../subjects/wishes.ts'

/** Istio's fixed list (`IgnoredNamespaces`, pkg/kube/inject). Nothing in the configuration can change it. */
const IGNORED = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'] as const

export const INJ101: Check = {
  id: 'INJ101',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Namespace', 'Deployment', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The workload is in a system namespace', zh: '工作负载位于系统命名空间' },
  looksAt: {
    en: `Workloads in ${IGNORED.join(', ')} for which a label or an annotation asks for a sidecar.`,
    zh: `位于 ${IGNORED.join('、')} 且通过标签或注解请求 sidecar 的工作负载。`,
  },
  why: {
    en: 'The injector skips these namespaces before it looks at anything else. No label and no setting changes that.',
    zh: '注入器在查看其他任何内容之前就会跳过这些命名空间，任何标签或配置都无法改变。',
  },
  remedy: {
    en: 'Move the workload to a namespace of its own, or remove the label that asks in vain.',
    zh: '把工作负载移到单独的命名空间，或删除无效的标签。',
  },
  run: (cluster) => IGNORED.flatMap((namespace) => inNamespace(cluster, namespace)),
}

function inNamespace(cluster: Cluster, namespace: string): CheckOutcome[] {
  return subjectsIn(cluster, namespace).map((subject) => outcome(cluster, subject))
}

/** Nobody wants a sidecar in kube-dns: without a wish there is nothing to act on. */
function outcome(cluster: Cluster, subject: Subject): CheckOutcome {
  const wishes = wishesOf(cluster, subject)
  const { namespace, name, object } = subject
  const wanted = isWanted(cluster, subject) && verdictOf(cluster, subject).expected !== 'injected'
  return {
    outcome: 'found',
    object,
    message: {
      en: `${object.kind} ${namespace}/${name} is in the namespace ${namespace}, which the injector ignores`,
      zh: `${object.kind} ${namespace}/${name} 位于注入器忽略的命名空间 ${namespace}`,
    },
    evidence: [{ path: 'metadata.namespace', value: namespace }, ...wishes.map(({ evidence }) => evidence)],
    confidence: 'certain',
    ...(wanted
      ? {
          fix: {
            text: {
              en: `Move it to another namespace; ${IGNORED.join(', ')} are never injected`,
              zh: `将其移到其他命名空间；${IGNORED.join('、')} 永远不会被注入`,
            },
            commands: [],
            changes: [],
          },
        }
      : { routine: true as const, severity: 'info' as const }),
  }
}
