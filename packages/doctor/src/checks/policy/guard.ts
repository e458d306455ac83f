import type { JsonObject } from '@proa/kube'
import { makerOf } from '../../certificates/control-plane.ts'
import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { shellWord } from '../../fixes/kubectl.ts'
import { jsonPatch, leftToPeople } from '../../fixes/patch-object.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { labelOf, listAt, nameOf, objectsAt, textAt } from '../../reading.ts'
import { PROXY_CONTAINER, STATUS_ANNOTATION } from '../../subjects/sidecar.ts'

export const INJ252: Check = {
  id: 'INJ252',
  severity: 'warn',
  category: 'policy',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  uses: ['ValidatingWebhookConfiguration'],
  title: { en: 'fails open without a guard', zh: '失败时放行，且没有兜底策略' },
  looksAt: {
    en: 'Injection webhooks with failurePolicy Ignore, and whether a bound ValidatingAdmissionPolicy looks at created Pods for the sidecar.',
    zh: 'failurePolicy 为 Ignore 的注入 webhook，以及是否有已绑定的 ValidatingAdmissionPolicy 检查新建 Pod 的 sidecar。',
  },
  why: {
    en: 'While the injector does not answer, Pods are created without sidecar, and nobody notices: they bypass mTLS and policies, or cannot reach others.',
    zh: '注入器无响应期间，Pod 会在没有 sidecar 的情况下创建且无人察觉：它们绕过 mTLS 和策略，或无法访问其他服务。',
  },
  remedy: {
    en: 'Let a ValidatingAdmissionPolicy refuse (or report) Pods that were missed, as `proa install --guard deny` does, or fail closed.',
    zh: '用 ValidatingAdmissionPolicy 拒绝（或报告）漏注入的 Pod（`proa install --guard deny` 即如此），或改为失败时拒绝。',
  },
  references: ['istio/istio#3716', 'istio/istio#48321'],
  run: (cluster) => {
    const open = injectors(cluster).filter(
      (injector) =>
        !injector.deactivated && injector.settings.failurePolicy === 'Ignore' && !isGuarded(cluster, injector),
    )
    const groups = Map.groupBy(open, ({ configuration }) => configuration)
    return [...groups.values()].flatMap((group) => finding(cluster, group))
  },
}

function isGuarded(cluster: Cluster, injector: Injector): boolean {
  return guards(cluster).some((policy) => covers(policy, injector))
}

/** Bound policies that look for the sidecar of created Pods. */
const guards: (cluster: Cluster) => readonly JsonObject[] = remembered((cluster) => {
  const bound = new Set(
    cluster
      .all('ValidatingAdmissionPolicyBinding')
      .filter((binding) => listAt(binding, 'spec', 'validationActions').length > 0)
      .map((binding) => textAt(binding, 'spec', 'policyName')),
  )
  return cluster
    .all('ValidatingAdmissionPolicy')
    .filter((policy) => bound.has(nameOf(policy)) && looksForSidecar(policy))
})

function looksForSidecar(policy: JsonObject): boolean {
  const aboutPods = objectsAt(policy, 'spec', 'matchConstraints', 'resourceRules').some(
    (rule) => includes(rule, 'resources', 'pods') && includes(rule, 'operations', 'CREATE'),
  )
  const expressions = [...objectsAt(policy, 'spec', 'validations'), ...objectsAt(policy, 'spec', 'variables')]
    .map((one) => textAt(one, 'expression'))
    .join('\n')
  return aboutPods && (expressions.includes(STATUS_ANNOTATION) || expressions.includes(PROXY_CONTAINER))
}

function includes(rule: JsonObject, key: string, value: string): boolean {
  const values = listAt(rule, key)
  return values.includes(value) || values.includes('*')
}

/** proa makes one guard for a revision and one for each tag; of others it is not known whom they mean. */
function covers(policy: JsonObject, { revision, tag }: Injector): boolean {
  if (labelOf(policy, 'app.kubernetes.io/name') !== 'proa-injector') return true
  const ofTag = /\.tag-(.+)\.guard$/.exec(nameOf(policy))?.[1]
  return labelOf(policy, 'istio.io/rev') === revision && ofTag === tag
}

/** They may do the same by their own rules, which are not in the snapshot. */
const POLICY_ENGINES = /kyverno|gatekeeper|kubewarden|validate\.nirmata|polaris/i

function finding(cluster: Cluster, group: readonly Injector[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const object = objectName(first.object)
  const engine = cluster
    .all('ValidatingWebhookConfiguration')
    .map(nameOf)
    .find((name) => POLICY_ENGINES.test(name))
  return [
    {
      outcome: 'found',
      object,
      ...(engine === undefined ? {} : { severity: 'info' as const }),
      revision: first.revision,
      message: {
        en: `${object.name} fails open (failurePolicy Ignore), and no ValidatingAdmissionPolicy refuses Pods that were missed`,
        zh: `${object.name} 失败时放行（failurePolicy 为 Ignore），且没有 ValidatingAdmissionPolicy 拒绝漏注入的 Pod`,
      },
      ...(engine === undefined ? {} : { meaning: mayGuard(engine) }),
      evidence: [
        ...group.map(({ index }): Evidence => ({ path: `webhooks[${index}].failurePolicy`, value: 'Ignore' })),
        ...unbound(cluster),
      ],
      confidence: engine === undefined ? 'certain' : 'cannot-tell',
      fix: fixOf(group, first, object),
    },
  ]
}

function mayGuard(engine: string): { readonly en: string; readonly zh: string } {
  return {
    en: `${engine} may have a rule for that; its rules are not looked at.`,
    zh: `${engine} 可能有相应规则；这里不检查其规则。`,
  }
}

/** A guard that nothing binds does nothing. */
function unbound(cluster: Cluster): Evidence[] {
  return cluster
    .all('ValidatingAdmissionPolicy')
    .filter((policy) => looksForSidecar(policy) && !guards(cluster).includes(policy))
    .map((policy) => ({
      object: objectName(policy),
      path: 'metadata.name',
      value: nameOf(policy),
      label: { en: 'a guard without a binding', zh: '没有绑定的兜底策略' },
    }))
}

function fixOf(group: readonly Injector[], first: Injector, object: ReturnType<typeof objectName>): Fix {
  const { service, revision } = first
  if (makerOf(first) === 'proa' && service !== undefined) {
    const flags = `--namespace ${shellWord(service.namespace)} --revision ${shellWord(revision)}`
    return {
      text: {
        en: 'Install the guard, with the other flags of your installation as they are (needs Kubernetes 1.30)',
        zh: '安装兜底策略，其余安装参数保持不变（需要 Kubernetes 1.30）',
      },
      commands: [`proa install ${flags} --failure-policy Ignore --guard deny`],
      changes: [],
    }
  }
  return {
    text: {
      en: 'Fail closed: then Pods wait until the injector answers. Who wants to fail open adds a ValidatingAdmissionPolicy (`proa manifests --guard deny` shows one)',
      zh: '改为失败时拒绝：Pod 会等到注入器响应。若要失败时放行，请添加 ValidatingAdmissionPolicy（可参考 `proa manifests --guard deny`）',
    },
    ...leftToPeople(
      jsonPatch(
        object,
        group.flatMap(({ index, webhook }) => [
          { op: 'test' as const, path: `/webhooks/${index}/name`, value: webhook },
          { op: 'add' as const, path: `/webhooks/${index}/failurePolicy`, value: 'Fail' },
        ]),
      ),
    ),
  }
}
