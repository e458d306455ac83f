import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { deleteObject } from '../../fixes/patch-object.ts'
import { at, isTrueAt, nameOf, namespaceOf, numberAt, objectsAt, textAt } from '../../reading.ts'
import { livePods, type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { CAPTURE_SIGNATURES, type CaptureSignature, captureSignature } from './capture-signatures.ts'

const CONTAINERS = ['istio-init', 'istio-validation'] as const
/** What istio-iptables ends with when traffic is not redirected (ValidationErrorCode). */
const NOT_CAPTURED = 126
const MOST_LOGS = 100_000

export const INJ312: Check = {
  id: 'INJ312',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Deployment'],
  title: { en: 'The rules that redirect traffic could not be made', zh: '无法建立流量重定向规则' },
  looksAt: {
    en: 'The exit code and the log of istio-init and istio-validation in Pods that have not got beyond them: no right to change the network, missing kernel modules, the wrong backend of iptables (legacy or nft), rules that are there already, no IPv6, a CNI plugin that was not there. A Pod whose init containers ended well is not looked into.',
    zh: '停在 istio-init 或 istio-validation 的 Pod 中这两个容器的退出码与日志：无权修改网络、缺少内核模块、iptables 后端（legacy 或 nft）不符、规则已存在、没有 IPv6、CNI 插件未就绪。init 容器已成功结束的 Pod 不再深入检查。',
  },
  why: {
    en: 'Without the rules the traffic of the Pod would bypass the proxy, so the Pod is not started: it stays in Init:CrashLoopBackOff or Init:Error.',
    zh: '没有这些规则，Pod 的流量会绕过代理，因此 Pod 不会启动：停在 Init:CrashLoopBackOff 或 Init:Error。',
  },
  remedy: {
    en: 'Repair the node or the rights of the container, then make the Pod anew.',
    zh: '修复节点或容器的权限，然后重新创建 Pod。',
  },
  references: [
    'istio/istio#32145',
    'istio/istio#42792',
    'istio/istio#40169',
    'istio/istio#18014',
    'istio/istio#38036',
    'istio/istio#44118',
    'istio/istio#23009',
    'istio/istio#14327',
  ],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

const logsByPod = remembered((cluster) => Map.groupBy(cluster.logs, ({ namespace, pod }) => `${namespace}/${pod}`))

interface Failure {
  readonly pod: JsonObject
  readonly container: (typeof CONTAINERS)[number]
  readonly exitCode: number
  readonly signature: CaptureSignature | undefined
  readonly evidence: readonly Evidence[]
}

function judge(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const failures = livePods(subject).flatMap((pod) => failuresOf(cluster, pod))
  const known = failures.filter(({ signature }) => signature !== undefined)
  const [first] = known
  if (first?.signature !== undefined) return [finding(subject, first, first.signature, known)]
  const [silent] = failures
  return silent === undefined ? [] : [unexplained(subject, silent)]
}

function failuresOf(cluster: Cluster, pod: JsonObject): readonly Failure[] {
  return objectsAt(pod, 'status', 'initContainerStatuses').flatMap((status): Failure[] => {
    const container = CONTAINERS.find((name) => name === status.name)
    // It ended well in the end, or its failure is another one: killed, not started.
    if (container === undefined || isTrueAt(status, 'ready')) return []
    const place = at(status, 'state', 'terminated') === undefined ? 'lastState' : 'state'
    const exitCode = numberAt(status, place, 'terminated', 'exitCode')
    if (exitCode === undefined || exitCode === 0 || textAt(status, place, 'terminated', 'reason') === 'OOMKilled')
      return []
    const found = explained(cluster, pod, container, textAt(status, place, 'terminated', 'message'), exitCode)
    const path = `status.initContainerStatuses[name=${container}].${place}.terminated.exitCode`
    return [
      {
        pod,
        container,
        exitCode,
        signature: found?.signature,
        evidence: [
          { object: objectName(pod), path, value: exitCode },
          ...(found?.evidence ?? []),
          { object: objectName(pod), path: 'spec.nodeName', value: textAt(pod, 'spec', 'nodeName') },
        ],
      },
    ]
  })
}

function explained(
  cluster: Cluster,
  pod: JsonObject,
  container: string,
  message: string,
  exitCode: number,
): { readonly signature: CaptureSignature; readonly evidence: readonly Evidence[] } | undefined {
  const logs = logsByPod(cluster).get(`${namespaceOf(pod)}/${nameOf(pod)}`) ?? []
  for (const log of logs.filter((one) => one.container === container)) {
    const found = captureSignature(log.tail.slice(-MOST_LOGS))
    if (found === undefined) continue
    return {
      signature: found.signature,
      evidence: [{ object: objectName(pod), path: `log of ${container}`, value: found.line }],
    }
  }
  const found = captureSignature(message)
  if (found !== undefined) return { signature: found.signature, evidence: [] }
  const notCaptured = CAPTURE_SIGNATURES.find(({ code }) => code === 'not-captured')
  return exitCode === NOT_CAPTURED && notCaptured !== undefined ? { signature: notCaptured, evidence: [] } : undefined
}

function finding(
  subject: Subject,
  failure: Failure,
  signature: CaptureSignature,
  all: readonly Failure[],
): CheckOutcome {
  const nodes = [...new Set(all.map(({ pod }) => textAt(pod, 'spec', 'nodeName')))].filter((name) => name !== '')
  const where = nodes.slice(0, 3).join(', ')
  const { pod, container } = failure
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `${container} of ${titleOf(subject)} fails in Pod ${nameOf(pod)}${where === '' ? '' : ` (node ${where})`}: ${signature.what.en}`,
      zh: `${titleOf(subject)} 的 ${container} 在 Pod ${nameOf(pod)} 中失败${where === '' ? '' : `（节点 ${where}）`}：${signature.what.zh}`,
    },
    evidence: failure.evidence,
    confidence: failure.evidence.some(({ path }) => path.startsWith('log of ')) ? 'certain' : 'likely',
    fix: fixOf(subject, signature, all),
  }
}

const NEEDS_NEW_POD: ReadonlySet<CaptureSignature['code']> = new Set(['not-captured', 'twice', 'locked'])
const MOST_PODS = 10

/** Pods of a controller are made anew; a lone one and those of a Job are not. */
function fixOf(subject: Subject, { code, fix }: CaptureSignature, all: readonly Failure[]): Fix {
  const remade = subject.object.kind !== 'Pod' && subject.object.kind !== 'Job'
  if (!NEEDS_NEW_POD.has(code) || !remade) return { text: fix, commands: [], changes: [] }
  const steps = all.slice(0, MOST_PODS).map(({ pod }) => deleteObject(objectName(pod)))
  return {
    text: fix,
    commands: steps.flatMap(({ commands }) => commands),
    changes: steps.flatMap(({ changes }) => changes),
  }
}

function unexplained({ object, namespace }: Subject, { pod, container, exitCode }: Failure): CheckOutcome {
  const command = `kubectl -n ${namespace} logs ${nameOf(pod)} -c ${container}`
  return {
    outcome: 'not-evaluated',
    object,
    reason: {
      en: `${container} of Pod ${nameOf(pod)} failed with exit code ${exitCode}, and nothing in the snapshot says why; its log does: ${command}`,
      zh: `Pod ${nameOf(pod)} 的 ${container} 以退出码 ${exitCode} 失败，快照中没有原因；请查看日志：${command}`,
    },
  }
}
