import type { JsonObject, WebhookVerdict } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { objectsAt, textAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { injectedNames } from '../pod/proxied.ts'

export const INJ256: Check = {
  id: 'INJ256',
  severity: 'warn',
  category: 'policy',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Namespace'],
  uses: ['ConfigMap'],
  title: { en: 'injector does not see what later webhooks add', zh: '注入器看不到后续 webhook 添加的内容' },
  looksAt: {
    en: 'Injection webhooks with reinvocationPolicy Never, and other mutating webhooks that are called for the same Pods after them. Webhooks are called in the order of the names of their configurations.',
    zh: 'reinvocationPolicy 为 Never 的注入 webhook，以及在其后针对同一 Pod 被调用的其他 mutating webhook。webhook 按其配置名称的顺序调用。',
  },
  why: {
    en: 'A container that is added after the injection keeps probes that fail under mTLS, may start before the proxy, and is not known to the order of the containers.',
    zh: '注入之后添加的容器，其探针未被改写而会在 mTLS 下失败，可能先于代理启动，也不在容器顺序的考虑之内。',
  },
  remedy: {
    en: 'Set reinvocationPolicy to IfNeeded: the injector is then called again when a later webhook changed the Pod, and replaces what it has added before.',
    zh: '把 reinvocationPolicy 设为 IfNeeded：后续 webhook 修改 Pod 后会再次调用注入器，注入器会替换自己先前添加的内容。',
  },
  references: ['istio/istio#38354', 'istio/istio#36353', 'istio/istio#56102'],
  run: (cluster) => {
    const { groups, effects } = laterOnes(cluster)
    return [...groups].flatMap(([configuration, later]) => finding(later, isSeenOrUnknown(effects.get(configuration))))
  },
}

/** A webhook that comes after an injector, and a workload for which both are called. */
interface Later {
  readonly injector: Injector
  readonly verdict: WebhookVerdict
  readonly subject: Subject
}

/** By configuration of the injector, of each later webhook the first workload; and what was added. */
function laterOnes(cluster: Cluster): {
  readonly groups: Map<string, Later[]>
  readonly effects: ReadonlyMap<string, ReadonlySet<Effect>>
} {
  const groups = new Map<string, Later[]>()
  const effects = new Map<string, Set<Effect>>()
  const seen = new Set<string>()
  for (const subject of subjects(cluster)) {
    const { injector, webhooks, expected } = verdictOf(cluster, subject)
    if (injector === undefined || expected !== 'injected') continue
    if (injector.settings.reinvocationPolicy === 'IfNeeded') continue
    for (const verdict of webhooks.others) {
      if (verdict.called !== true || !isAfter(verdict, injector)) continue
      if (HARMLESS.test(`${verdict.configuration} ${verdict.webhook}`)) continue
      const key = `${injector.configuration} ${injector.index} ${verdict.configuration} ${verdict.index}`
      effects.get(injector.configuration)?.add(effectOn(subject)) ??
        effects.set(injector.configuration, new Set([effectOn(subject)]))
      if (seen.has(key)) continue
      seen.add(key)
      const group = groups.get(injector.configuration) ?? []
      groups.set(injector.configuration, group)
      group.push({ injector, verdict, subject })
    }
  }
  return { groups, effects }
}

type Effect = 'nothing' | 'containers' | 'unknown'

/** Pods to which nothing was added speak for those that are not there. */
function isSeenOrUnknown(effects: ReadonlySet<Effect> | undefined): boolean {
  return effects === undefined || effects.has('containers') || !effects.has('nothing')
}

/** What others than the injector have added to the Pods that there are. */
function effectOn(subject: Subject): Effect {
  const pods = livePods(subject).filter((pod) => sidecarOf(pod).kind === 'injected')
  if (pods.length === 0 || subject.templatePath.length === 0) return 'unknown'
  const own = new Set(containerNames(subject.template))
  const isAdded = (pod: JsonObject): boolean => {
    const injected = new Set([
      ...injectedNames(sidecarOf(pod), 'containers'),
      ...injectedNames(sidecarOf(pod), 'initContainers'),
    ])
    return containerNames(pod).some((name) => !own.has(name) && !injected.has(name))
  }
  return pods.some(isAdded) ? 'containers' : 'nothing'
}

function containerNames(pod: JsonObject): readonly string[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    objectsAt(pod, 'spec', list).map((one) => textAt(one, 'name')),
  )
}

function isAfter(verdict: WebhookVerdict, { configuration, index }: Injector): boolean {
  return verdict.configuration === configuration ? verdict.index > index : verdict.configuration > configuration
}

/** They set variables, volumes, resources or defaults, and add no containers. */
const HARMLESS =
  /pod-identity|vpa-webhook|vpa\.k8s\.io|cert-manager|elbv2\.k8s\.aws|iam-for-pods|nodeaffinity|priorityclass/i

/** They add containers to Pods. */
const ADDERS =
  /vault|linkerd|dapr|opentelemetry|otel|jaeger|datadog|dynatrace|instana|consul|kyverno|gcsfuse|gcs-fuse|cloud-?sql|akeyless|doppler|spire|kuma|sidecar|agent-injector|telepresence|azure-wi/i

const isAdder = ({ verdict }: Later): boolean => ADDERS.test(`${verdict.configuration} ${verdict.webhook}`)

function finding(later: readonly Later[], hasEffect: boolean): CheckOutcome[] {
  const [first] = later
  if (first === undefined) return []
  const known = later.filter(isAdder)
  const object = objectName(first.injector.object)
  const names = [...new Set((known.length > 0 ? known : later).map(({ verdict }) => verdict.configuration))]
  const entries = new Map(later.map(({ injector }) => [injector.index, injector]))
  return [
    {
      outcome: 'found',
      object,
      // The Pods that there are show that nothing was added.
      ...(known.length > 0 && hasEffect ? {} : { severity: 'info' as const }),
      revision: first.injector.revision,
      message:
        known.length > 0
          ? {
              en: `${names.join(', ')} can add containers after ${object.name}, which is not called again (reinvocationPolicy Never)${hasEffect ? '' : '; to the Pods that there are nothing was added'}`,
              zh: `${names.join('、')} 在 ${object.name} 之后可能添加容器，而后者不会被再次调用（reinvocationPolicy 为 Never）${hasEffect ? '' : '；现有 Pod 中没有被添加的容器'}`,
            }
          : {
              en: `${names.join(', ')} changes Pods after ${object.name}, which is not called again (reinvocationPolicy Never); whether it adds containers is not known`,
              zh: `${names.join('、')} 在 ${object.name} 之后修改 Pod，而后者不会被再次调用（reinvocationPolicy 为 Never）；是否添加容器未知`,
            },
      evidence: [
        ...[...entries.keys()].map(
          (index): Evidence => ({ path: `webhooks[${index}].reinvocationPolicy`, value: 'Never' }),
        ),
        ...later.slice(0, 5).map(laterEvidence),
      ],
      confidence: known.length > 0 ? 'likely' : 'cannot-tell',
      fix: {
        text: {
          en: 'Set reinvocationPolicy to IfNeeded (Istio: Helm value sidecarInjectorWebhook.reinvocationPolicy)',
          zh: '把 reinvocationPolicy 设为 IfNeeded（Istio：Helm 值 sidecarInjectorWebhook.reinvocationPolicy）',
        },
        ...jsonPatch(
          object,
          [...entries.values()].flatMap(({ index, webhook }) => [
            { op: 'test' as const, path: `/webhooks/${index}/name`, value: webhook },
            { op: 'add' as const, path: `/webhooks/${index}/reinvocationPolicy`, value: 'IfNeeded' },
          ]),
        ),
      },
    },
  ]
}

function laterEvidence({ verdict, subject }: Later): Evidence {
  const { kind, namespace, name } = subject.object
  return {
    object: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      name: verdict.configuration,
    },
    path: `webhooks[${verdict.index}].name`,
    value: verdict.webhook,
    label: {
      en: `called later, for ${kind} ${namespace}/${name} among others`,
      zh: `稍后被调用，例如针对 ${kind} ${namespace}/${name}`,
    },
  }
}
