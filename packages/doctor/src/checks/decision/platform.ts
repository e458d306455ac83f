import type { Json, JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Confidence, Evidence } from '../../finding.ts'
import { labelTemplate } from '../../fixes/edit-template.ts'
import { listAt, objectsAt, textAt } from '../../reading.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT } from './keys.ts'
import { templateFix } from './template-fix.ts'

/** Platforms that images of the proxy are built for. */
const SYSTEM = 'linux'
const ARCHITECTURES: ReadonlySet<string> = new Set(['amd64', 'arm64'])

const SYSTEM_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os'] as const
const ARCHITECTURE_LABELS = ['kubernetes.io/arch', 'beta.kubernetes.io/arch'] as const

export const INJ128: Check = {
  id: 'INJ128',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Pod', 'Node', 'Deployment', 'DaemonSet', 'Namespace', 'ConfigMap'],
  title: { en: 'The platform has no proxy image', zh: '该平台没有代理镜像' },
  looksAt: {
    en: 'spec.os, nodeSelector and required node affinity of workloads that are injected, and the Nodes on which their Pods run: operating systems other than Linux, architectures other than amd64 and arm64.',
    zh: '会被注入的工作负载的 spec.os、nodeSelector 与必需的节点亲和性，以及其 Pod 所在 Node：非 Linux 操作系统，或 amd64、arm64 之外的架构。',
  },
  why: {
    en: 'The injector does not look at the platform. The sidecar cannot start there, so the Pod never becomes ready.',
    zh: '注入器不检查平台。sidecar 在那里无法启动，Pod 永远不会就绪。',
  },
  remedy: { en: 'Exclude the workload from injection.', zh: '将该工作负载排除在注入之外。' },
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  if (verdictOf(cluster, subject).expected !== 'injected') return []
  const found = fromTemplate(subject) ?? fromNode(cluster, subject)
  if (found === undefined) return []
  const { evidence, platform } = found
  const text = {
    en: `Exclude ${subject.object.kind} ${subject.name} from injection`,
    zh: `将 ${subject.object.kind} ${subject.name} 排除在注入之外`,
  }
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} runs on ${platform} and is injected, but the proxy runs only on Linux (amd64, arm64)`,
        zh: `${titleOf(subject)} 运行在 ${platform} 上且会被注入，但代理只能运行在 Linux（amd64、arm64）上`,
      },
      evidence,
      confidence: confidenceOf(platform, cluster, subject),
      fix: templateFix(subject, text, labelTemplate(subject, { [INJECT]: 'false' })),
    },
  ]
}

interface Unsupported {
  readonly platform: string
  readonly evidence: readonly Evidence[]
}

/** Somebody may have built the image for more architectures. */
function confidenceOf(platform: string, cluster: Cluster, subject: Subject): Confidence {
  const name = textAt(verdictOf(cluster, subject).configuration?.values as Json | undefined, 'global', 'hub')
  const official = /^(?:docker\.io\/istio|gcr\.io\/istio-release|registry\.istio\.io\/release)$/
  return platform === 'windows' || official.test(name) ? 'certain' : 'likely'
}

function fromTemplate(subject: Subject): Unsupported | undefined {
  const { template } = subject
  const system = textAt(template, 'spec', 'os', 'name')
  if (system !== '' && system !== SYSTEM) return found(subject, system, 'spec.os.name', system)
  for (const [labels, isSupported] of [
    [SYSTEM_LABELS, (value: string) => value === SYSTEM],
    [ARCHITECTURE_LABELS, (value: string) => ARCHITECTURES.has(value)],
  ] as const) {
    for (const label of labels) {
      const selected = textAt(template, 'spec', 'nodeSelector', label)
      if (selected !== '' && !isSupported(selected)) {
        return found(subject, selected, `spec.nodeSelector["${label}"]`, selected)
      }
      const wanted = requiredValues(template, label)
      if (wanted !== undefined && wanted.length > 0 && !wanted.some(isSupported)) {
        return found(
          subject,
          wanted.join(', '),
          `${AFFINITY}.nodeSelectorTerms[].matchExpressions[key=${label}].values`,
          wanted,
        )
      }
    }
  }
  return undefined
}

const AFFINITY = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution'

/** Values of a label that every term of the required affinity is content with; undefined when some term leaves it open. */
function requiredValues(template: JsonObject, label: string): string[] | undefined {
  const terms = objectsAt(
    template,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  )
  if (terms.length === 0) return undefined
  const all: string[] = []
  for (const term of terms) {
    const condition = objectsAt(term, 'matchExpressions').find((one) => one.key === label && one.operator === 'In')
    if (condition === undefined) return undefined
    all.push(...listAt(condition, 'values').filter((value) => typeof value === 'string'))
  }
  return all
}

function found(subject: Subject, platform: string, path: string, value: Json): Unsupported {
  return { platform, evidence: [templateEvidence(subject, path, value)] }
}

function fromNode(cluster: Cluster, subject: Subject): Unsupported | undefined {
  for (const pod of livePods(subject)) {
    const node = cluster.find('Node', '', textAt(pod, 'spec', 'nodeName'))
    if (node === undefined) continue
    const system = textAt(node, 'status', 'nodeInfo', 'operatingSystem')
    const architecture = textAt(node, 'status', 'nodeInfo', 'architecture')
    const wrong =
      system !== '' && system !== SYSTEM
        ? (['operatingSystem', system] as const)
        : architecture !== '' && !ARCHITECTURES.has(architecture)
          ? (['architecture', architecture] as const)
          : undefined
    if (wrong === undefined) continue
    const [field, value] = wrong
    return {
      platform: value,
      evidence: [
        { object: objectName(pod), path: 'spec.nodeName', value: textAt(pod, 'spec', 'nodeName') },
        { object: objectName(node), path: `status.nodeInfo.${field}`, value },
      ],
    }
  }
  return undefined
}
