import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Fix, Found } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { ignoredByAll } from '../../mesh/namespace-verdicts.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { namespaceName, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECTION, REVISION } from './keys.ts'

export const INJ101: Check = {
  id: 'INJ101',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Namespace', 'Pod', 'Deployment', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'A sidecar is asked for in a system namespace', zh: '在系统命名空间中请求 sidecar' },
  looksAt: {
    en: 'Namespaces that the injector of the installed release passes over (kube-system, kube-public, and since Istio 1.13 kube-node-lease and local-path-storage): labels and annotations there, of workloads and of the namespace, that ask for a sidecar.',
    zh: '已安装版本的注入器会跳过的命名空间（kube-system、kube-public，以及自 Istio 1.13 起的 kube-node-lease 和 local-path-storage）：其中的工作负载以及命名空间自身请求 sidecar 的标签和注解。',
  },
  why: {
    en: 'The injector passes these namespaces over before it looks at anything else. No label and no setting changes that.',
    zh: '注入器在查看其他任何内容之前就会跳过这些命名空间，任何标签或配置都无法改变。',
  },
  remedy: {
    en: 'Move the workload to a namespace of its own, or remove the label that asks in vain.',
    zh: '把工作负载移到单独的命名空间，或删除无效的标签。',
  },
  run(cluster) {
    const ignored = ignoredByAll(cluster)
    const names = new Set(ignored)
    return [
      ...ignored.flatMap((name) => ofNamespace(cluster, name)),
      ...forSubjects(cluster, (subject) =>
        names.has(subject.namespace) ? [ofSubject(cluster, subject, ignored)] : [],
      ),
    ]
  },
}

/** One mistake at the namespace is one finding, however much runs there. */
function ofNamespace(cluster: Cluster, name: string): CheckOutcome[] {
  const labels = namespaceLabels(cluster).get(name) ?? {}
  const asking = [INJECTION, REVISION].filter(
    (key) => Object.hasOwn(labels, key) && (key === REVISION ? labels[key] !== '' : labels[key] === 'enabled'),
  )
  if (asking.length === 0) return []
  const written = asking.map((key) => `${key}=${labels[key] ?? ''}`).join(', ')
  return [
    {
      outcome: 'found',
      object: namespaceName(name),
      message: {
        en: `Namespace ${name} is labelled ${written}, but the injector ignores this namespace: nothing in it gets a sidecar`,
        zh: `命名空间 ${name} 带有标签 ${written}，但注入器会忽略该命名空间：其中任何 Pod 都不会得到 sidecar`,
      },
      evidence: asking.map((key) => ({ path: `metadata.labels["${key}"]`, value: labels[key] ?? '' })),
      confidence: 'certain',
      fix: {
        text: {
          en: 'Remove the label; put what needs a sidecar into a namespace of its own',
          zh: '删除该标签；把需要 sidecar 的工作负载放到单独的命名空间',
        },
        ...labelNamespace(name, Object.fromEntries(asking.map((key) => [key, null]))),
      },
    },
  ]
}

/** Nobody wants a sidecar in kube-dns: without a wish of its own there is nothing to act on. */
function ofSubject(cluster: Cluster, subject: Subject, ignored: readonly string[]): Found {
  const { namespace, object } = subject
  const wishes = wishesOf(cluster, subject)
  const asks = wishes[0]?.wants === true && wishes[0].by.startsWith('pod-')
  return {
    outcome: 'found',
    object,
    message: asks
      ? {
          en: `${titleOf(subject)} asks for a sidecar, but the injector ignores the namespace ${namespace}`,
          zh: `${titleOf(subject)} 请求 sidecar，但注入器会忽略命名空间 ${namespace}`,
        }
      : {
          en: `${titleOf(subject)} is in ${namespace}, a namespace that the injector ignores`,
          zh: `${titleOf(subject)} 位于注入器忽略的命名空间 ${namespace}`,
        },
    evidence: [{ path: 'metadata.namespace', value: namespace }, ...wishes.map(({ evidence }) => evidence)],
    confidence: 'certain',
    ...(asks ? { fix: moveFix(ignored) } : { routine: true, severity: 'info' }),
  }
}

function moveFix(ignored: readonly string[]): Fix {
  return {
    text: {
      en: `Deploy it to another namespace; in ${ignored.join(', ')} nothing is ever injected, and no setting changes that`,
      zh: `将其部署到其他命名空间；${ignored.join('、')} 永远不会被注入，任何配置都无法改变`,
    },
    commands: [],
    changes: [],
  }
}
