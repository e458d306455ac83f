import type { Cluster } from '../../cluster/cluster.ts'
import type { Evidence, NotEvaluated, ObjectName } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { type Backend, portOf } from '../../mesh/backends.ts'
import type { Injector } from '../../mesh/injectors.ts'
import type { CreationFailure, MessageCode } from '../../messages/index.ts'
import { timeText } from '../../reading.ts'
import type { Kind } from '../../snapshot/kinds.ts'
import type { UnreadReason } from '../../snapshot/types.ts'

/** The failures of some kinds among others. */
export function ofCodes(failures: readonly CreationFailure[], codes: readonly MessageCode[]): CreationFailure[] {
  return failures.filter(({ classification }) => codes.includes(classification.code))
}

/** What API servers said, how often and when; the newest of each kind. */
export function saidBy(failures: readonly CreationFailure[]): readonly Evidence[] {
  return failures.map(({ newest, count, lastSeen }) => {
    const when = lastSeen === undefined ? undefined : timeText(lastSeen)
    const label =
      newest.evidence.label ??
      (when === undefined
        ? { en: `the API server said (${count}×)`, zh: `API server 的报错（${count} 次）` }
        : { en: `the API server said (${count}×, last ${when})`, zh: `API server 的报错（${count} 次，最近 ${when}）` })
    return { ...newest.evidence, label }
  })
}

/** Where a webhook says what it calls. */
export function calledService(injector: Injector): Evidence {
  const { name = '', namespace = '' } = injector.service ?? {}
  return {
    object: configurationName(injector),
    path: `webhooks[${injector.index}].clientConfig.service`,
    value: { namespace, name, port: portOf(injector) },
  }
}

export function configurationName({ configuration }: Injector): ObjectName & { readonly apiVersion: string } {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    name: configuration,
  }
}

/** What it means that API servers cannot call it: by the failurePolicy of its webhooks. */
export function consequence(injectors: readonly Injector[]): { readonly en: string; readonly zh: string } {
  const policies = new Set(injectors.map(({ settings }) => settings.failurePolicy))
  if (policies.size === 2) {
    return {
      en: 'Some of its webhooks have failurePolicy Fail, so that no Pod can be created where they apply; the others let Pods in without a sidecar.',
      zh: '其中部分 webhook 的 failurePolicy 为 Fail，相应的 Pod 无法创建；其余 webhook 会放行没有 sidecar 的 Pod。',
    }
  }
  return policies.has('Fail')
    ? {
        en: 'failurePolicy is Fail: no Pod that should get a sidecar can be created. Pods that run go on running.',
        zh: 'failurePolicy 为 Fail：所有应注入 sidecar 的 Pod 都无法创建；已运行的 Pod 不受影响。',
      }
    : {
        en: 'failurePolicy is Ignore: Pods are created without a sidecar, and nobody is told.',
        zh: 'failurePolicy 为 Ignore：Pod 会在没有 sidecar 的情况下创建，且没有任何提示。',
      }
}

/** For what a check would have looked at and could not. Undefined when it was read. */
export function notRead(cluster: Cluster, kind: Kind, backend: Backend): NotEvaluated | undefined {
  const unread = cluster.unread(kind, backend.namespace)
  if (unread === undefined) return undefined
  const where = `${backend.namespace}/${backend.name}`
  return {
    outcome: 'not-evaluated',
    object: { apiVersion: 'v1', kind: 'Service', namespace: backend.namespace, name: backend.name },
    reason: {
      en: `${kind} could not be read (${REASONS[unread.reason].en}), so what is behind ${where} is not known`,
      zh: `无法读取 ${kind}（${REASONS[unread.reason].zh}），因此不清楚 ${where} 后面的情况`,
    },
  }
}

const REASONS: Readonly<Record<UnreadReason, Text>> = {
  forbidden: { en: 'no permission', zh: '没有权限' },
  timeout: { en: 'no answer in time', zh: '超时' },
  unreachable: { en: 'the API server cannot be reached', zh: '无法连接 API server' },
  'not-given': { en: 'not among the files', zh: '所给文件中没有' },
  'not-served': { en: 'the API server does not know it', zh: 'API server 不提供' },
  error: { en: 'an error', zh: '出错' },
}
