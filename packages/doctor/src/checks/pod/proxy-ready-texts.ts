import type { JsonObject } from '@proa/kube'
import type { Fix } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { nameOf, objectsAt, textAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import type { Subject } from '../../subjects/subjects.ts'
import type { Rejection } from './agent-log.ts'
import { amount, formatAmount } from './resources/amounts.ts'
import { resourceAnnotations } from './resources/annotations.ts'

export type NotReadyCause =
  | { readonly kind: 'no-configuration' | 'partial' | 'starting'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly reason?: string; readonly rejection: Rejection | undefined }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'crashes'; readonly exitCode: number | undefined }
  | { readonly kind: 'cannot-start'; readonly reason: string; readonly message: string }
  | { readonly kind: 'unknown' }

/** Reads what follows "Envoy proxy is NOT ready:". Older agents say Pilot where newer ones say XDS server. */
export function ofReason(reason: string, refused: Rejection | undefined): NotReadyCause {
  if (/was rejected|[1-9]\d* rejected/.test(reason)) return { kind: 'rejected', reason, rejection: refused }
  if (/config not received/.test(reason)) return { kind: 'no-configuration', reason }
  return { kind: /not fully received/.test(reason) ? 'partial' : 'starting', reason }
}

export function saying(title: string, [broken, all]: readonly [number, number], cause: NotReadyCause): Text {
  const { en, zh } = because(cause)
  const some =
    all > 1 ? { en: ` in ${broken} of ${all} Pods`, zh: `（${all} 个 Pod 中的 ${broken} 个）` } : { en: '', zh: '' }
  return { en: `The proxy of ${title} is not ready${some.en}: ${en}`, zh: `${title} 的代理未就绪${some.zh}：${zh}` }
}

function because(cause: NotReadyCause): Text {
  switch (cause.kind) {
    case 'no-configuration':
      return { en: 'it has received no configuration from the control plane', zh: '尚未从控制平面收到任何配置' }
    case 'partial':
      return { en: 'it has received only a part of its configuration', zh: '只收到了部分配置' }
    case 'starting':
      return { en: `Envoy has not started (${cause.reason})`, zh: `Envoy 尚未启动（${cause.reason}）` }
    case 'rejected': {
      const what = cause.rejection === undefined ? '' : `${cause.rejection.type} `
      return {
        en: `Envoy refuses the ${what}configuration that the control plane sends`,
        zh: `Envoy 拒绝了控制平面下发的 ${what}配置`,
      }
    }
    case 'out-of-memory':
      return { en: 'it was killed for using more memory than its limit', zh: '因内存超过限制被终止（OOMKilled）' }
    case 'crashes': {
      const code = cause.exitCode === undefined ? '' : ` ${cause.exitCode}`
      return { en: `it keeps ending with exit code${code}`, zh: `反复退出，退出码${code}` }
    }
    case 'cannot-start':
      return { en: `it cannot be started (${cause.reason})`, zh: `无法启动（${cause.reason}）` }
    case 'unknown':
      return { en: 'its log is needed to tell why', zh: '需要查看日志才能得知原因' }
  }
}

export function adviceFor(subject: Subject, pod: JsonObject, cause: NotReadyCause): Fix {
  if (cause.kind === 'out-of-memory') return moreMemory(subject, pod)
  const at = kubectl({ namespace: subject.namespace })
  const name = shellWord(nameOf(pod))
  const logs = `${at} logs ${name} -c istio-proxy --tail=50`
  switch (cause.kind) {
    case 'rejected':
      return {
        text: {
          en: 'The log names what Envoy cannot use. Most often it comes from an EnvoyFilter, a Gateway or a DestinationRule: correct or remove it',
          zh: '日志会指出 Envoy 无法使用的内容，通常来自 EnvoyFilter、Gateway 或 DestinationRule：请修正或删除',
        },
        commands: [`${logs} | grep rejected`, `istioctl analyze -n ${shellWord(subject.namespace)}`],
        changes: [],
      }
    case 'crashes':
    case 'cannot-start':
      return {
        text: { en: 'Read why it ended', zh: '查看其退出的原因' },
        commands: [`${logs} --previous`, `${at} describe pod ${name}`],
        changes: [],
      }
    default:
      return {
        text: {
          en: 'See in its log how far it gets, and whether the control plane is reachable (INJ322 names the reason when the log does)',
          zh: '查看日志确认其进展，以及控制平面是否可达（日志中有原因时 INJ322 会指出）',
        },
        commands: [logs, `istioctl proxy-status ${name}.${shellWord(subject.namespace)}`],
        changes: [],
      }
  }
}

const LIMIT = 'sidecar.istio.io/proxyMemoryLimit'

/** Twice the limit of now; all four annotations, as one alone drops the other defaults of Istio's template. */
function moreMemory(subject: Subject, pod: JsonObject): Fix {
  const container = sidecarOf(pod).container
  const limit = textAt(container, 'resources', 'limits', 'memory')
  const now = amount(limit)
  const annotations = resourceAnnotations(container, ({ annotation }) =>
    annotation === LIMIT && now !== undefined ? formatAmount('memory', now * 2n) : undefined,
  )
  const others = objectsAt(pod, 'spec', 'containers').length
  const step = now === undefined || others === 0 ? NO_STEP : editTemplate(subject, { annotations })
  return {
    text: {
      en: `Give the proxy more memory${limit === '' ? '' : ` than ${limit}`}: set ${LIMIT} in the Pod template, or reduce what it is sent with a Sidecar resource`,
      zh: `为代理分配${limit === '' ? '' : `比 ${limit} `}更多的内存：在 Pod 模板中设置 ${LIMIT}，或用 Sidecar 资源减少下发给它的配置`,
    },
    ...step,
  }
}
