import type { Scope } from '../check.ts'
import type { Category, Confidence, Severity } from '../finding.ts'
import type { Language } from '../language.ts'
import type { ActualPod, CertificateRow, ExpectedOutcome, NamespaceRow } from '../report.ts'

/** What reports say beside the texts of the checks. */
export interface Words {
  readonly categories: Readonly<Record<Category, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly scopes: Readonly<Record<Scope, string>>
  /** `certain` needs no words. */
  readonly confidence: Readonly<Record<Exclude<Confidence, 'certain'>, string>>
  readonly expected: Readonly<Record<ExpectedOutcome, string>>
  readonly sidecars: Readonly<Record<ActualPod['sidecar'], string>>
  readonly verdicts: Readonly<Record<NamespaceRow['verdict'], string>>
  readonly places: Readonly<Record<CertificateRow['place'], string>>
  readonly nothing: string
  readonly evidence: string
  readonly meaning: string
  readonly fix: string
  readonly more: string
  readonly expectedNow: string
  readonly pods: string
  readonly revision: string
  readonly namespaces: string
  readonly certificates: (revision: string) => string
  readonly notEvaluated: string
  /** One name after the other. */
  readonly list: (parts: readonly string[]) => string
  /** What stands in brackets behind something else, with its blank. */
  readonly aside: (text: string) => string
  readonly alike: (count: number) => string
  readonly andMore: (count: number) => string
  readonly folded: (count: number) => string
  readonly verbose: string
  readonly didYouMean: string
  readonly fine: string
  readonly errors: (count: number) => string
  readonly warnings: (count: number) => string
  readonly notes: (count: number) => string
  readonly evaluated: (evaluated: number, all: number) => string
  readonly exitCode: (code: number) => string
  readonly called: Readonly<Record<'true' | 'false' | 'unknown', string>>
  readonly scopeHeading: string
  readonly looksAt: string
  readonly why: string
  readonly remedy: string
  readonly needs: string
  readonly uses: string
  readonly references: string
  readonly notUnderstood: string
  readonly causes: string
  readonly failedOpen: string
}

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const ENGLISH: Words = {
  categories: {
    decision: 'Decision: injected or not',
    reachability: 'The way from the API server to the injector',
    certificates: 'Certificates',
    policy: 'Policies and availability',
    pod: 'Pods with a sidecar',
  },
  severities: { error: 'error', warn: 'warning', info: 'note' },
  scopes: {
    cluster: 'the cluster',
    revision: 'a control plane (revision)',
    namespace: 'namespaces',
    workload: 'workloads',
    pod: 'Pods',
    node: 'Nodes',
  },
  confidence: { likely: 'likely', 'cannot-tell': 'cannot tell for sure' },
  expected: {
    injected: 'injected',
    'not-injected': 'not injected',
    refused: 'refused',
    unknown: 'not known',
  },
  sidecars: { injected: 'injected', 'by-hand': 'sidecar added by hand', none: 'no sidecar' },
  verdicts: {
    injected: 'injected',
    'not-injected': 'not injected',
    ignored: 'ignored by the injector',
    several: 'injected by several',
    refused: 'refused',
    unknown: 'not known',
  },
  places: {
    caBundle: 'caBundle',
    'root-config-map': 'root ConfigMap',
    served: 'served',
    'authority-secret': 'authority Secret',
  },
  nothing: '(nothing there)',
  evidence: 'Evidence',
  meaning: 'What it means:',
  fix: 'To do:',
  more: 'More:',
  expectedNow: 'A new Pod would be:',
  pods: 'Pods that there are:',
  revision: 'revision',
  namespaces: 'Namespaces: what happens to a Pod without labels of its own',
  certificates: (revision) => `Certificates of the revision "${revision}"`,
  notEvaluated: 'Not evaluated',
  list: (parts) => parts.join(', '),
  aside: (text) => ` (${text})`,
  alike: (count) => `The same holds for ${count} more:`,
  andMore: (count) => `… and ${count} more`,
  folded: (count) => `${plural(count, 'note')} not shown:`,
  verbose: '--verbose shows all',
  didYouMean: 'Did you mean:',
  fine: 'no problem found',
  errors: (count) => plural(count, 'error'),
  warnings: (count) => plural(count, 'warning'),
  notes: (count) => plural(count, 'note'),
  evaluated(evaluated, all) {
    if (evaluated < all) return `${evaluated} of ${plural(all, 'check')} evaluated`
    return all === 1 ? '1 check evaluated' : `all ${all} checks evaluated`
  },
  exitCode: (code) => `exit code ${code}`,
  called: { true: 'called', false: 'not called', unknown: 'not known' },
  scopeHeading: 'about',
  looksAt: 'What it looks at',
  why: 'Why it matters',
  remedy: 'What to do',
  needs: 'Needs to read',
  uses: 'Says more when it can read',
  references: 'See also',
  notUnderstood: 'No message of an API server about webhooks or the creation of Pods is recognised in this text.',
  causes: 'Checks that find the cause, the likeliest first:',
  failedOpen: 'The API server went on without the webhook: the Pod was created without a sidecar.',
}

const CHINESE: Words = {
  categories: {
    decision: '判定：是否注入',
    reachability: '从 API server 到注入器的通路',
    certificates: '证书',
    policy: '策略与可用性',
    pod: '注入 sidecar 后的 Pod',
  },
  severities: { error: '错误', warn: '警告', info: '提示' },
  scopes: {
    cluster: '集群',
    revision: '控制平面（revision）',
    namespace: '命名空间',
    workload: '工作负载',
    pod: 'Pod',
    node: 'Node',
  },
  confidence: { likely: '很可能', 'cannot-tell': '无法确定' },
  expected: { injected: '注入', 'not-injected': '不注入', refused: '被拒绝', unknown: '未知' },
  sidecars: { injected: '已注入', 'by-hand': '手工添加的 sidecar', none: '没有 sidecar' },
  verdicts: {
    injected: '注入',
    'not-injected': '不注入',
    ignored: '被注入器忽略',
    several: '被多个 webhook 注入',
    refused: '被拒绝',
    unknown: '未知',
  },
  places: {
    caBundle: 'caBundle',
    'root-config-map': '根证书 ConfigMap',
    served: '实际提供',
    'authority-secret': 'CA 的 Secret',
  },
  nothing: '（不存在）',
  evidence: '证据',
  meaning: '含义：',
  fix: '处理：',
  more: '详情：',
  expectedNow: '新建的 Pod 将会：',
  pods: '现有的 Pod：',
  revision: 'revision',
  namespaces: '命名空间：自身没有相关标签的 Pod 会怎样',
  certificates: (revision) => `revision “${revision}” 的证书`,
  notEvaluated: '未能评估',
  list: (parts) => parts.join('、'),
  aside: (text) => `（${text}）`,
  alike: (count) => `另外 ${count} 个对象也是如此：`,
  andMore: (count) => `另有 ${count} 个`,
  folded: (count) => `${count} 条提示未显示：`,
  verbose: '--verbose 显示全部',
  didYouMean: '是否指：',
  fine: '没有发现问题',
  errors: (count) => `${count} 个错误`,
  warnings: (count) => `${count} 个警告`,
  notes: (count) => `${count} 条提示`,
  evaluated: (evaluated, all) =>
    evaluated === all ? `${all} 项检查全部完成` : `完成 ${all} 项检查中的 ${evaluated} 项`,
  exitCode: (code) => `退出码 ${code}`,
  called: { true: '调用', false: '不调用', unknown: '未知' },
  scopeHeading: '针对',
  looksAt: '检查内容',
  why: '为何重要',
  remedy: '如何处理',
  needs: '需要读取',
  uses: '若能读取则结论更详细',
  references: '另见',
  notUnderstood: '在这段文本中没有识别出 API server 关于 webhook 或创建 Pod 的消息。',
  causes: '能找出原因的检查，最可能的在前：',
  failedOpen: 'API server 跳过了 webhook：Pod 已创建，但没有 sidecar。',
}

/** A heading and what follows on its line: the wide colon has its blank within. */
export function headed(heading: string, text: string): string {
  return heading.endsWith('：') ? heading + text : `${heading} ${text}`
}

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, zh: CHINESE }
