import { formatRequirement, type WebhookReason, type WebhookVerdict } from '@proa/kube'
import type { Language } from '../decision/describe.ts'
import type { InjectorWebhook, WebhookFinding, WebhookFindingCode, WebhookOutcome } from '../webhooks/types.ts'

/** What is said of the webhooks in one language. Every language has every sentence: the type says so. */
export interface WebhookWording {
  readonly question: string
  /** One webhook and what becomes of it, with the reason. */
  verdict(verdict: WebhookVerdict): string
  /** Why one is not called, or why that is not known. */
  reason(verdict: WebhookVerdict): string
  consequence(outcome: WebhookOutcome, called: readonly InjectorWebhook[]): string
  finding(finding: WebhookFinding): string
}

interface Words {
  readonly called: string
  readonly notCalled: string
  readonly unknown: string
  readonly colon: string
  readonly comma: string
  readonly finds: (requirement: string, found: string | undefined) => string
  readonly reasons: Readonly<Partial<Record<WebhookReason, string>>>
  readonly findings: Readonly<Record<WebhookFindingCode, (params: Readonly<Record<string, string>>) => string>>
}

const ENGLISH: Words = {
  called: 'called',
  notCalled: 'not called',
  unknown: 'unknown',
  colon: ': ',
  comma: ', ',
  finds: (requirement, found) => `wants ${requirement}, finds ${found ?? 'nothing'}`,
  reasons: {
    'exempt-resource': 'the API server never sends this kind to webhooks',
    'no-rules': 'it has no rules',
    'no-rule-matches': 'no rule matches the creation of Pods',
    'namespace-selector-mismatch': 'namespaceSelector',
    'namespace-selector-invalid': 'its namespaceSelector is invalid, so the request is refused',
    'namespace-labels-unknown': 'the labels of the namespace are not known',
    'object-selector-mismatch': 'objectSelector',
    'object-selector-invalid': 'its objectSelector is invalid, so the request is refused',
    'match-condition-false': 'a match condition is false',
    'match-condition-error-rejects': 'a match condition fails, and failurePolicy Fail refuses the request',
    'match-condition-error-ignored': 'a match condition fails, and failurePolicy Ignore passes it over',
    'match-condition-unknown': 'a match condition cannot be evaluated here',
    'dry-run-refused': 'it has side effects, so a dry run is refused',
  },
  findings: {
    'several-would-inject': ({ webhooks }) => `several webhooks would inject: ${webhooks ?? ''}`,
    'injection-label-wins-over-revision': ({ revision, on }) =>
      `istio-injection=enabled of the namespace wins over istio.io/rev=${revision ?? ''} of the ${on ?? ''}`,
    'namespace-revision-wins-over-pod': ({ namespaceRevision, podRevision }) =>
      `istio.io/rev=${namespaceRevision ?? ''} of the namespace wins over istio.io/rev=${podRevision ?? ''} of the Pod`,
    'unknown-revision': ({ revision, on, known, meant }) =>
      `istio.io/rev=${revision ?? ''} of the ${on ?? ''} is no revision and no tag; there are ${known ?? ''}${meant ? `; did you mean ${meant}?` : ''}`,
    'all-deactivated': () => 'every injection webhook is deactivated',
    'annotation-not-seen': () =>
      'the Pod asks for injection with an annotation; webhooks are chosen by labels only: use the label sidecar.istio.io/inject',
    'namespace-forbids': ({ label, value }) =>
      `the Pod asks for injection, its namespace forbids it with ${label ?? ''}=${value ?? ''}`,
    'request-refused': ({ webhook, reason }) =>
      `the API server refuses the request at ${webhook ?? ''}: ${reason ?? ''}`,
  },
}

const CHINESE: Words = {
  called: '调用',
  notCalled: '不调用',
  unknown: '未知',
  colon: '：',
  comma: '，',
  finds: (requirement, found) => `要求 ${requirement}，${found === undefined ? '但没有该标签' : `实际为 ${found}`}`,
  reasons: {
    'exempt-resource': 'API server 从不把这类对象发给 webhook',
    'no-rules': '没有规则',
    'no-rule-matches': '没有规则匹配 Pod 的创建',
    'namespace-selector-mismatch': 'namespaceSelector',
    'namespace-selector-invalid': 'namespaceSelector 无效，请求被拒绝',
    'namespace-labels-unknown': '不知道命名空间的标签',
    'object-selector-mismatch': 'objectSelector',
    'object-selector-invalid': 'objectSelector 无效，请求被拒绝',
    'match-condition-false': '有匹配条件为假',
    'match-condition-error-rejects': '匹配条件出错，failurePolicy 为 Fail，请求被拒绝',
    'match-condition-error-ignored': '匹配条件出错，failurePolicy 为 Ignore，跳过',
    'match-condition-unknown': '匹配条件在这里无法求值',
    'dry-run-refused': '它有副作用，dry run 被拒绝',
  },
  findings: {
    'several-would-inject': ({ webhooks }) => `有多个 webhook 会注入：${webhooks ?? ''}`,
    'injection-label-wins-over-revision': ({ revision, on }) =>
      `命名空间的 istio-injection=enabled 优先于${on === 'pod' ? ' Pod ' : '命名空间'}的 istio.io/rev=${revision ?? ''}`,
    'namespace-revision-wins-over-pod': ({ namespaceRevision, podRevision }) =>
      `命名空间的 istio.io/rev=${namespaceRevision ?? ''} 优先于 Pod 的 istio.io/rev=${podRevision ?? ''}`,
    'unknown-revision': ({ revision, known, meant }) =>
      `istio.io/rev=${revision ?? ''} 既不是 revision 也不是 tag；现有：${known ?? ''}${meant ? `；是否想写 ${meant}？` : ''}`,
    'all-deactivated': () => '所有注入 webhook 都已停用',
    'annotation-not-seen': () => 'Pod 用注解要求注入；webhook 只看标签：请使用标签 sidecar.istio.io/inject',
    'namespace-forbids': ({ label, value }) => `Pod 要求注入，但命名空间用 ${label ?? ''}=${value ?? ''} 禁止`,
    'request-refused': ({ webhook, reason }) => `API server 在 ${webhook ?? ''} 处拒绝请求：${reason ?? ''}`,
  },
}

/** `wants istio.io/rev In [prod], finds nothing`; with a match condition its expression. */
function detailOf({ steps, deciding }: WebhookVerdict, words: Words): string | undefined {
  const step = steps[deciding]
  const failed = step?.requirements?.find(({ holds }) => !holds)
  if (failed !== undefined) return words.finds(formatRequirement(failed.requirement), failed.found)
  const condition = step?.conditions?.find(({ result }) => result !== 'true')
  return condition === undefined ? step?.detail : `${condition.name}: ${condition.message ?? condition.expression}`
}

function verdictText(verdict: WebhookVerdict, words: Words): string {
  if (verdict.called === true) return `${verdict.webhook}${words.colon}${words.called}`
  const state = verdict.called === 'unknown' ? words.unknown : words.notCalled
  return `${verdict.webhook}${words.colon}${[state, ...reasonParts(verdict, words)].join(words.comma)}`
}

function reasonParts(verdict: WebhookVerdict, words: Words): string[] {
  return [words.reasons[verdict.reason], detailOf(verdict, words)].filter((part) => part !== undefined)
}

const english: WebhookWording = {
  question: 'Which injection webhook would the API server call?',
  verdict: (verdict) => verdictText(verdict, ENGLISH),
  reason: (verdict) => reasonParts(verdict, ENGLISH).join(ENGLISH.comma),
  finding: ({ code, params }) => ENGLISH.findings[code](params),
  consequence(outcome, called) {
    switch (outcome) {
      case 'one':
        return `${names(called)} of revision ${called[0]?.revision ?? ''}: it decides as follows`
      case 'several':
        return `${names(called)} would all be called: the Pod would be injected more than once`
      case 'none':
        return 'none: the Pod is created as it is, nobody asks the injector'
      case 'not-installed':
        return 'none is installed: the Pod is created as it is'
      case 'refused':
        return 'the API server refuses the Pod before an injector is asked'
      case 'unknown':
        return 'not known, because labels of the namespace or a match condition are not: the injector would decide as follows'
    }
  },
}

const chinese: WebhookWording = {
  question: 'API server 会调用哪个注入 webhook？',
  verdict: (verdict) => verdictText(verdict, CHINESE),
  reason: (verdict) => reasonParts(verdict, CHINESE).join(CHINESE.comma),
  finding: ({ code, params }) => CHINESE.findings[code](params),
  consequence(outcome, called) {
    switch (outcome) {
      case 'one':
        return `${names(called)}（revision ${called[0]?.revision ?? ''}）：由它作如下决定`
      case 'several':
        return `${names(called)} 都会被调用：Pod 会被多次注入`
      case 'none':
        return '没有：Pod 按原样创建，注入器不会被询问'
      case 'not-installed':
        return '没有安装注入器：Pod 按原样创建'
      case 'refused':
        return 'API server 在询问注入器之前就拒绝了该 Pod'
      case 'unknown':
        return '未知，因为缺少命名空间的标签或匹配条件：注入器会作如下决定'
    }
  },
}

function names(called: readonly InjectorWebhook[]): string {
  return called.map(({ configuration, webhook }) => `${configuration}/${webhook}`).join(', ')
}

export function webhookWording(language: Language): WebhookWording {
  return language === 'zh' ? chinese : english
}
