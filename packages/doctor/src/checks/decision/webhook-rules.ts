import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { onEntry } from '../../fixes/restore-selectors.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { askWebhooks } from '../../subjects/verdict.ts'

/** What an injector's webhook asks for in every installation. */
const RULES = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' }]

export const INJ123: Check = {
  id: 'INJ123',
  severity: 'warn',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  title: { en: 'The rules of the webhook do not cover the creation of Pods', zh: 'webhook 的 rules 未覆盖 Pod 的创建' },
  looksAt: {
    en: 'webhooks[].rules of every injection webhook: operation CREATE, group "", version v1, resource pods, and a scope that includes namespaces.',
    zh: '每个注入 webhook 的 webhooks[].rules：operation CREATE、group ""、version v1、resource pods，以及包含命名空间资源的 scope。',
  },
  why: {
    en: 'The API server calls a webhook only for requests that its rules cover. Pods are then created without a sidecar.',
    zh: 'API server 只对 rules 覆盖的请求调用 webhook，否则 Pod 会在没有 sidecar 的情况下创建。',
  },
  remedy: { en: 'Restore the rules of the installation.', zh: '恢复安装时的 rules。' },
  run: (cluster) => {
    const failing = uncovered(cluster)
    return injectors(cluster)
      .filter((injector) => !injector.deactivated && failing.has(keyOf(injector)))
      .map((injector) => outcome(injector, failing.get(keyOf(injector)) ?? ''))
  },
}

const keyOf = ({ configuration, index }: Pick<Injector, 'configuration' | 'index'>): string =>
  `${configuration}/${index}`

/** Rules are the same question for every Pod. What of the nearest rule differs, by webhook. */
function uncovered(cluster: Cluster): ReadonlyMap<string, string> {
  const { injectors: verdicts } = askWebhooks(cluster, 'any-namespace', {}, {})
  return new Map(
    verdicts.flatMap(({ injector, verdict }) => {
      const rules = verdict.steps.find(({ id }) => id === 'rules')
      return rules?.outcome === 'fail' ? [[keyOf(injector), String(rules.params.mismatch ?? '')] as const] : []
    }),
  )
}

function outcome(injector: Injector, mismatch: string): CheckOutcome {
  const { object, index, entry, webhook, revision } = injector
  const differing = mismatch.split(',').join(', ')
  return {
    outcome: 'found',
    object: objectName(object),
    revision,
    message: {
      en: `${injectorTitle(injector)} is never called for new Pods: ${mismatch === '' ? 'it has no rules' : `its rules do not fit in ${differing}`}`,
      zh: `创建 Pod 时永远不会调用 ${injectorTitle(injector)}：${mismatch === '' ? '它没有 rules' : `rules 的 ${differing} 不匹配`}`,
    },
    evidence: [{ path: `webhooks[${index}].rules`, value: entry.rules ?? null }],
    confidence: 'certain',
    fix: {
      text: { en: 'Let it be called for the creation of Pods', zh: '让它在创建 Pod 时被调用' },
      ...jsonPatch(objectName(object), [
        ...onEntry(index, webhook),
        { op: 'add', path: `/webhooks/${index}/rules`, value: RULES },
      ]),
    },
  }
}
