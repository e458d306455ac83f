import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Severity } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { minorFor } from '../../mesh/release.ts'
import { objectsAt, textsAt, wordAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { captureFaults } from './annotation-faults.ts'
import { fieldInTemplate } from './app-containers.ts'

const PREFIX = 'traffic.sidecar.istio.io/'
const MODE = 'sidecar.istio.io/interceptionMode'
/** Ports of the sidecar, which templates exclude themselves. */
const OWN_PORTS: ReadonlySet<string> = new Set(['15020', '15021', '15090'])

export const INJ309: Check = {
  id: 'INJ309',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'written',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'Annotations about traffic capture contradict each other', zh: '流量拦截注解相互矛盾' },
  looksAt: {
    en: `The annotations ${PREFIX}includeInboundPorts, excludeInboundPorts, includeOutboundPorts, excludeOutboundPorts, includeOutboundIPRanges and excludeOutboundIPRanges, and ${MODE}, of Pod templates that are injected: the same port or range in both lists, exclusions that count for nothing, lists with "*" or blocks that are none, and lists that leave out every port of the application.`,
    zh: `被注入的 Pod 模板上的注解 ${PREFIX}includeInboundPorts、excludeInboundPorts、includeOutboundPorts、excludeOutboundPorts、includeOutboundIPRanges、excludeOutboundIPRanges 以及 ${MODE}：两个列表中出现相同端口或网段、不起作用的排除项、混有 "*" 或无效网段的列表，以及排除了应用全部端口的列表。`,
  },
  why: {
    en: 'One of the two wins, and it is not always the expected one; the rest is silently passed over. A list that cannot be read stops the Pod from being created.',
    zh: '两者之中只有一个生效，且未必是预期的那个；其余部分会被悄然忽略。无法解析的列表会导致 Pod 无法创建。',
  },
  remedy: { en: 'Say each thing once.', zh: '同一件事只声明一次。' },
  references: ['IST0125', 'istio/istio#20307'],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

interface Contradiction {
  readonly text: Text
  readonly keys: readonly string[]
  readonly severity: Severity
}

function judge(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const annotations = textsAt(subject.template, 'metadata', 'annotations')
  if (!Object.keys(annotations).some((key) => key.startsWith(PREFIX) || key === MODE)) return []
  const verdict = verdictOf(cluster, subject)
  const has = livePods(subject).some((pod) => sidecarOf(pod).container !== undefined)
  if (!has && verdict.expected !== 'injected' && verdict.expected !== 'unknown') return []
  const refused = captureFaults(annotations, minorFor(cluster, verdict)).map(
    ({ key, value, problem }): Contradiction => ({
      keys: [key],
      severity: 'error',
      text: {
        en: `the injector refuses ${key}: "${value}": ${problem.en}`,
        zh: `注入器拒绝 ${key}: "${value}"：${problem.zh}`,
      },
    }),
  )
  const found = refused.length > 0 ? refused : contradictions(subject, annotations)
  return found.length === 0 ? [] : [finding(subject, annotations, found)]
}

type Annotations = Readonly<Record<string, string>>

function listOf(annotations: Annotations, name: string): readonly string[] | undefined {
  const text = Object.hasOwn(annotations, PREFIX + name) ? annotations[PREFIX + name] : undefined
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function contradictions(subject: Subject, annotations: Annotations): readonly Contradiction[] {
  if (annotations[MODE] === 'NONE') return withoutCapture(annotations)
  return [
    ...both(annotations, 'includeInboundPorts', 'excludeInboundPorts'),
    ...both(annotations, 'includeOutboundPorts', 'excludeOutboundPorts'),
    ...both(annotations, 'includeOutboundIPRanges', 'excludeOutboundIPRanges'),
    ...uselessExclusion(annotations),
    ...nothingInbound(subject, annotations),
  ]
}

function withoutCapture(annotations: Annotations): readonly Contradiction[] {
  const keys = Object.keys(annotations).filter((key) => key.startsWith(PREFIX) && annotations[key] !== '')
  if (keys.length === 0) return []
  return [
    {
      keys: [MODE, ...keys],
      severity: 'info',
      text: {
        en: `with ${MODE} NONE nothing is captured, so ${keys.join(', ')} count for nothing`,
        zh: `${MODE} 为 NONE 时不拦截任何流量，${keys.join('、')} 不起作用`,
      },
    },
  ]
}

function both(annotations: Annotations, include: string, exclude: string): readonly Contradiction[] {
  const excluded = new Set(listOf(annotations, exclude))
  const shared = (listOf(annotations, include) ?? []).filter((item) => item !== '*' && excluded.has(item))
  if (shared.length === 0) return []
  const ranges = include.endsWith('IPRanges')
  const wins = include === 'includeInboundPorts' ? include : exclude
  return [
    {
      keys: [PREFIX + include, PREFIX + exclude],
      severity: 'warn',
      text: {
        en: `${shared.join(', ')} ${shared.length === 1 ? 'is' : 'are'} in ${include} and in ${exclude}; ${wins} wins`,
        zh: `${ranges ? '网段' : '端口'} ${shared.join('、')} 同时出现在 ${include} 和 ${exclude} 中；以 ${wins} 为准`,
      },
    },
  ]
}

/** Rules for excluded inbound ports are only made where all ports are included (istio-iptables, `-b` and `-d`). */
function uselessExclusion(annotations: Annotations): readonly Contradiction[] {
  const included = listOf(annotations, 'includeInboundPorts')
  const excluded = (listOf(annotations, 'excludeInboundPorts') ?? []).filter((port) => !OWN_PORTS.has(port))
  if (included === undefined || included.includes('*')) return []
  const useless = excluded.filter((port) => !included.includes(port))
  if (useless.length === 0) return []
  return [
    {
      keys: [`${PREFIX}includeInboundPorts`, `${PREFIX}excludeInboundPorts`],
      severity: 'info',
      text: {
        en: `excludeInboundPorts counts only where all ports are included; with includeInboundPorts "${included.join(',')}" ${useless.join(', ')} is not captured anyway`,
        zh: `excludeInboundPorts 只在包含全部端口时有意义；includeInboundPorts 为 "${included.join(',')}" 时 ${useless.join('、')} 本来就不会被拦截`,
      },
    },
  ]
}

/** Every port that the containers declare is left out, though inbound traffic is captured at all. */
function nothingInbound({ template }: Subject, annotations: Annotations): readonly Contradiction[] {
  const ports = objectsAt(template, 'spec', 'containers')
    .filter(({ name }) => name !== 'istio-proxy')
    .flatMap((container) => objectsAt(container, 'ports'))
    .filter(({ protocol }) => protocol === undefined || protocol === 'TCP')
    .map((port) => wordAt(port, 'containerPort'))
  const included = listOf(annotations, 'includeInboundPorts')
  const excluded = listOf(annotations, 'excludeInboundPorts') ?? []
  // An empty list says on purpose that nothing is captured.
  if (ports.length === 0 || included?.length === 0) return []
  const all = included === undefined || included.includes('*')
  if (!ports.every((port) => (all ? excluded.includes(port) : !included.includes(port)))) return []
  const name = all ? 'excludeInboundPorts' : 'includeInboundPorts'
  return [
    {
      keys: [PREFIX + name],
      severity: 'info',
      text: {
        en: `${name} leaves out every port of the application (${[...new Set(ports)].join(', ')}), so no request to it goes through the proxy`,
        zh: `${name} 排除了应用的全部端口（${[...new Set(ports)].join('、')}），发往它的请求都不经过代理`,
      },
    },
  ]
}

const ORDER: readonly Severity[] = ['error', 'warn', 'info']

function finding(subject: Subject, annotations: Annotations, found: readonly Contradiction[]): CheckOutcome {
  const keys = [...new Set(found.flatMap((one) => one.keys))]
  const severity = ORDER.find((one) => found.some((contradiction) => contradiction.severity === one)) ?? 'warn'
  return {
    outcome: 'found',
    object: subject.object,
    severity,
    message: {
      en: `${titleOf(subject)}: ${found.map(({ text }) => text.en).join('; ')}`,
      zh: `${titleOf(subject)}：${found.map(({ text }) => text.zh).join('；')}`,
    },
    evidence: keys.map((key): Evidence => fieldInTemplate(subject, `metadata.annotations["${key}"]`, annotations[key])),
    confidence: 'certain',
    fix: { text: fixText(severity, keys), commands: [], changes: [] },
  }
}

/** Which of two is meant, only their author knows. */
function fixText(severity: Severity, keys: readonly string[]): Text {
  if (severity === 'error') {
    return {
      en: `Correct ${keys.join(', ')}: ports are numbers with commas between them, or "*" alone; ranges have a length, such as 10.0.0.0/8 or 169.254.169.254/32`,
      zh: `修正 ${keys.join('、')}：端口为逗号分隔的数字，或单独的 "*"；网段须带长度，例如 10.0.0.0/8 或 169.254.169.254/32`,
    }
  }
  return keys.length === 1
    ? {
        en: `If that is not meant, correct ${keys.join('')} in the Pod template`,
        zh: `如非本意，请修正 Pod 模板中的 ${keys.join('')}`,
      }
    : {
        en: `Keep in the Pod template only what is meant of ${keys.join(', ')}`,
        zh: `在 Pod 模板中只保留 ${keys.join('、')} 中真正需要的部分`,
      }
}
