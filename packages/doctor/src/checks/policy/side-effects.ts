import type { Check } from '../../check.ts'
import { objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'

export const INJ255: Check = {
  id: 'INJ255',
  severity: 'warn',
  category: 'policy',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  title: { en: 'webhook says that it has side effects', zh: 'webhook 声明有副作用' },
  looksAt: {
    en: 'sideEffects of every injection webhook: None and NoneOnDryRun are right.',
    zh: '每个注入 webhook 的 sideEffects：应为 None 或 NoneOnDryRun。',
  },
  why: {
    en: 'The API server refuses every dry run that the webhook matches: "admission webhook does not support dry run". `kubectl diff`, `kubectl apply --dry-run=server` and GitOps tools fail.',
    zh: 'API server 会拒绝该 webhook 匹配的所有 dry run："admission webhook does not support dry run"。`kubectl diff`、`kubectl apply --dry-run=server` 和 GitOps 工具都会失败。',
  },
  remedy: {
    en: 'Set sideEffects to None: an injector only changes the Pod that it is sent.',
    zh: '把 sideEffects 设为 None：注入器只修改收到的 Pod。',
  },
  references: ['hashicorp/vault-k8s#194'],
  run: (cluster) => {
    const wrong = injectors(cluster).filter(hasSideEffects)
    return [...Map.groupBy(wrong, ({ configuration }) => configuration).values()].flatMap(finding)
  },
}

function hasSideEffects({ settings, deactivated }: Injector): boolean {
  return !deactivated && settings.sideEffects !== 'None' && settings.sideEffects !== 'NoneOnDryRun'
}

function finding(group: readonly Injector[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const object = objectName(first.object)
  const value = first.settings.sideEffects
  return [
    {
      outcome: 'found',
      object,
      revision: first.revision,
      message: {
        en: `${object.name} has sideEffects ${value ?? 'not set'}, so dry runs of Pods are refused`,
        zh: `${object.name} 的 sideEffects 为 ${value ?? '未设置'}，因此 Pod 的 dry run 会被拒绝`,
      },
      evidence: group.map(({ index, settings }) => ({
        path: `webhooks[${index}].sideEffects`,
        ...(settings.sideEffects === undefined ? {} : { value: settings.sideEffects }),
      })),
      confidence: 'certain',
      fix: {
        text: { en: 'Set sideEffects to None', zh: '把 sideEffects 设为 None' },
        ...jsonPatch(
          object,
          group.flatMap(({ index, webhook }) => [
            { op: 'test' as const, path: `/webhooks/${index}/name`, value: webhook },
            { op: 'add' as const, path: `/webhooks/${index}/sideEffects`, value: 'None' },
          ]),
        ),
      },
    },
  ]
}
