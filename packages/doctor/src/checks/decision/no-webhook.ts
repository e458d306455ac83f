import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, ObjectName } from '../../finding.ts'
import { setTagCommand } from '../../fixes/set-tag.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { listed } from '../../naming.ts'
import { nameOf } from '../../reading.ts'
import { askWebhooks } from '../../subjects/verdict.ts'
import { INJECTION, REVISION } from './keys.ts'
import { askingForInjection, defaultInjection, enabledNamespaces, namespaceEvidence } from './served-default.ts'

export const INJ120: Check = {
  id: 'INJ120',
  severity: 'error',
  category: 'decision',
  scope: 'cluster',
  needs: ['MutatingWebhookConfiguration', 'Namespace'],
  uses: ['Pod', 'Deployment'],
  title: { en: 'No injection webhook', zh: '没有注入 webhook' },
  looksAt: {
    en: 'Whether there is an injection webhook at all, and whether one takes namespaces with istio-injection=enabled where there are such namespaces.',
    zh: '是否存在注入 webhook；如果有命名空间带有 istio-injection=enabled，是否有 webhook 处理它们。',
  },
  why: {
    en: 'Without a webhook the API server never asks an injector. Pods are created without a sidecar, and nothing says so.',
    zh: '没有 webhook，API server 就不会询问注入器，Pod 会在没有任何提示的情况下不带 sidecar 创建。',
  },
  remedy: {
    en: 'Install the injector, or point the tag default to a revision that is installed.',
    zh: '安装注入器，或把 tag default 指向已安装的 revision。',
  },
  references: ['istio/istio#28969', 'istio/istio#43621'],
  run: (cluster) => {
    const all = injectors(cluster)
    return all.length === 0 ? notInstalled(cluster) : noDefault(cluster, all)
  },
}

/** Where nobody asks for a sidecar nobody misses it; but whoever asks the doctor should not hear that all is well. */
function notInstalled(cluster: Cluster): readonly CheckOutcome[] {
  const asking = askingForInjection(cluster)
  const namespaces = enabledNamespaces(cluster)
  const wanted = asking.length > 0 || namespaces.length > 0
  return [
    {
      outcome: 'found',
      object: missing('istio-sidecar-injector'),
      message: {
        en: `There is no injection webhook in the cluster${wanted ? ', although sidecars are asked for' : ': no Pod gets a sidecar'}`,
        zh: `集群中没有注入 webhook${wanted ? '，但有对象请求 sidecar' : '：不会有 Pod 得到 sidecar'}`,
      },
      evidence: [
        {
          path: 'metadata.name',
          label: {
            en: 'no MutatingWebhookConfiguration of an injector',
            zh: '没有注入器的 MutatingWebhookConfiguration',
          },
        },
        ...(asking.length > 0 ? asking : namespaceEvidence(namespaces)),
      ],
      confidence: 'certain',
      ...(wanted ? {} : { severity: 'warn' as const }),
      fix: {
        text: {
          en: 'Install the injector, or restore its MutatingWebhookConfiguration if the control plane still runs',
          zh: '安装注入器；如果控制平面仍在运行，则恢复它的 MutatingWebhookConfiguration',
        },
        commands: ['proa install'],
        changes: [],
      },
    },
  ]
}

/** Only where it is the labels that no webhook asks for. Webhooks that fail for another reason have checks of their own. */
function noDefault(cluster: Cluster, all: readonly Injector[]): readonly CheckOutcome[] {
  const { outcome, injectors: verdicts } = defaultInjection(cluster)
  if (outcome !== 'none') return []
  // A webhook may look at the name of the namespace too: what counts is what it makes of those that there are.
  const namespaces = enabledNamespaces(cluster).filter((name) => askWebhooks(cluster, name, {}).outcome === 'none')
  const active = all.filter(({ deactivated }) => !deactivated)
  const [first] = active
  if (namespaces.length === 0 || first === undefined) return []
  const bySelector = verdicts.every(({ verdict }) => verdict.reason === 'namespace-selector-mismatch')
  const deactivated = all.length > active.length
  // A webhook for Pods with some label takes the namespace. INJ121 tells of a default webhook that is there and was switched off; INJ123 and INJ124 of the other reasons.
  if (!bySelector || deactivated) return []
  const revisions = [...new Set(active.map(({ tag, revision }) => tag ?? revision))]
  const names = listed(namespaces)
  const only = revisions.length === 1 ? revisions[0] : undefined
  return [
    {
      outcome: 'found',
      object: missing('istio-revision-tag-default'),
      message: {
        en: `No webhook takes namespaces with ${INJECTION}=enabled (${names.en}): there is no default injector, only ${revisions.join(', ')}`,
        zh: `没有 webhook 处理带有 ${INJECTION}=enabled 的命名空间（${names.zh}）：没有默认注入器，只有 ${revisions.join('、')}`,
      },
      evidence: [
        ...namespaceEvidence(namespaces),
        ...active.slice(0, 10).map(({ object, index, entry }) => ({
          object: { kind: 'MutatingWebhookConfiguration', name: nameOf(object) },
          path: `webhooks[${index}].namespaceSelector`,
          value: entry.namespaceSelector ?? null,
        })),
      ],
      confidence: 'certain',
      fix: {
        text: {
          en: `Make a revision the default${only === undefined ? '' : `, or label the namespaces ${REVISION}=${only} in place of ${INJECTION}`}; then restart their workloads`,
          zh: `把某个 revision 设为默认${only === undefined ? '' : `，或将命名空间的 ${INJECTION} 标签换成 ${REVISION}=${only}`}；然后重启其中的工作负载`,
        },
        commands: [setTagCommand('default', first)],
        changes: [],
      },
    },
  ]
}

function missing(name: string): ObjectName {
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', name }
}
