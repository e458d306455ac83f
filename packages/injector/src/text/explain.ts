import { describeReason, type Language } from '../decision/describe.ts'
import type { DecisionReason } from '../decision/types.ts'
import type { Explanation, ExplanationReason, WebhookReason } from '../explain/explain-workload.ts'
import type { Release } from '../release.ts'
import type { LabelEdit } from '../webhooks/types.ts'

export interface ExplainWording {
  readonly injected: string
  readonly notInjected: string
  readonly absent: string
  readonly warning: string
  readonly note: string
  reason(reason: ExplanationReason): string
  release(release: Release): string
  turnaround(explanation: Explanation): string
  change(explanation: Explanation): string
  manual(manual: NonNullable<Explanation['manual']>): string
}

const WEBHOOK_REASONS: Readonly<Record<Language, Readonly<Record<WebhookReason, string>>>> = {
  en: {
    NoWebhookCalled: 'the API server calls no injection webhook for this Pod',
    NoInjectorInstalled: 'no injection webhook is installed',
    SeveralWebhooks: 'the API server calls several injection webhooks for this Pod',
    RequestRefused: 'the API server refuses the Pod before an injector is asked',
  },
  zh: {
    NoWebhookCalled: 'API server 不会为该 Pod 调用任何注入 webhook',
    NoInjectorInstalled: '没有安装注入 webhook',
    SeveralWebhooks: 'API server 会为该 Pod 调用多个注入 webhook',
    RequestRefused: 'API server 在询问注入器之前就拒绝了该 Pod',
  },
}

function reasonIn(language: Language): (reason: ExplanationReason) => string {
  return (reason) =>
    Object.hasOwn(WEBHOOK_REASONS[language], reason)
      ? WEBHOOK_REASONS[language][reason as WebhookReason]
      : describeReason(reason as DecisionReason, language)
}

/** Labels to change so that the API server asks an injector; undefined where that is not what is in the way. */
function webhookEdits({
  webhooks,
  decision,
}: Explanation): readonly LabelEdit[] | 'install' | 'admit' | 'reselect' | undefined {
  if (webhooks === undefined || webhooks.outcome === 'one' || webhooks.outcome === 'unknown') return undefined
  // In a namespace that is always ignored no label helps.
  if (decision.reason === 'IgnoredNamespace') return undefined
  // What refuses the Pod is named among the findings.
  if (webhooks.outcome === 'refused') return 'admit'
  if (webhooks.outcome === 'not-installed') return 'install'
  return webhooks.nearest[0]?.edits ?? 'reselect'
}

function changeIn(explanation: Explanation, words: ChangeWords): string {
  const edits = webhookEdits(explanation)
  const own = ownChange(explanation, words)
  if (edits === undefined) return own
  if (typeof edits === 'string')
    return explanation.decision.injected ? words[edits] : `${words[edits]}${words.and}${own}`
  if (explanation.decision.injected) return edits.map(words.edit).join(words.and)
  // The injector asks for the same label as its webhook: one sentence about it is enough.
  const others = edits.filter(({ on, key }) => on !== 'pod' || !explanation.change.path.endsWith(`labels["${key}"]`))
  return [...others.map(words.edit), own].join(words.and)
}

function ownChange({ change: { target, path, to } }: Explanation, words: ChangeWords): string {
  if (target === 'namespace') return words.otherNamespace
  if (target === 'configuration') return words.configure(path, JSON.stringify(to))
  return to === undefined ? words.remove(path) : words.set(path, JSON.stringify(to))
}

interface ChangeWords {
  readonly install: string
  readonly admit: string
  readonly reselect: string
  readonly otherNamespace: string
  readonly and: string
  edit(edit: LabelEdit): string
  configure(path: string, value: string): string
  remove(path: string): string
  set(path: string, value: string): string
}

const ENGLISH_CHANGES: ChangeWords = {
  install: 'install an injector',
  admit: 'correct the webhook that refuses the Pod',
  reselect: 'change the conditions of the webhooks (no labels alone lead to exactly one of them)',
  otherNamespace: 'deploy it to a namespace of its own',
  and: ' and ',
  edit: ({ on, key, to }) =>
    to === undefined ? `remove the label ${key} of the ${on}` : `label the ${on} ${key}=${to}`,
  configure: (path, value) => `set ${path} to ${value} in the configuration of the injector`,
  remove: (path) => `remove ${path}`,
  set: (path, value) => `set ${path} to ${value}`,
}

const CHINESE_CHANGES: ChangeWords = {
  install: '安装注入器',
  admit: '修正拒绝该 Pod 的 webhook',
  reselect: '修改 webhook 的条件（仅靠标签无法恰好选中一个）',
  otherNamespace: '部署到自己的命名空间',
  and: '，并',
  edit({ on, key, to }) {
    const what = on === 'namespace' ? '命名空间' : ' Pod '
    return to === undefined ? `删除${what}的标签 ${key}` : `给${what}加上标签 ${key}=${to}`
  },
  configure: (path, value) => `在注入器的配置中将 ${path} 设为 ${value}`,
  remove: (path) => `删除 ${path}`,
  set: (path, value) => `将 ${path} 设为 ${value}`,
}

const english: ExplainWording = {
  injected: 'injected',
  notInjected: 'not injected',
  absent: 'not there',
  warning: 'warning:',
  note: 'note:',
  reason: reasonIn('en'),
  release({ name, chosenBy, evidence }) {
    const release = name === 'current' ? 'the current Istio' : `Istio ${name}`
    if (chosenBy === 'compat') return `decided as ${release} does`
    if (chosenBy === 'image-tag')
      return `decided as ${release} does, because the image tag of the configuration is ${evidence ?? ''}`
    return `decided as ${release} does`
  },
  turnaround: ({ injected }) => (injected ? 'To keep it from being injected:' : 'To have it injected:'),
  change: (explanation) => changeIn(explanation, ENGLISH_CHANGES),
  manual: ({ injected, reason }) =>
    `A manual request (proa inject) decides otherwise: ${injected ? 'injected' : 'not injected'}, ${describeReason(reason, 'en')}`,
}

const chinese: ExplainWording = {
  injected: '注入',
  notInjected: '不注入',
  absent: '不存在',
  warning: '警告：',
  note: '说明：',
  reason: reasonIn('zh'),
  release({ name, chosenBy, evidence }) {
    const rules = `按${name === 'current' ? '当前 Istio' : ` Istio ${name}`} 的规则决定`
    return chosenBy === 'image-tag' ? `${rules}，因为配置中的镜像标签为 ${evidence ?? ''}` : rules
  },
  turnaround: ({ injected }) => (injected ? '若不想注入：' : '若要注入：'),
  change: (explanation) => changeIn(explanation, CHINESE_CHANGES),
  manual: ({ injected, reason }) =>
    `手动注入（proa inject）的决定不同：${injected ? '注入' : '不注入'}，${describeReason(reason, 'zh')}`,
}

export function explainWording(language: Language): ExplainWording {
  return language === 'zh' ? chinese : english
}
