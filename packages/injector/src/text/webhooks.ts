import type { Language } from '../decision/describe.ts'
import type { InjectorWebhook, WebhookOutcome } from '../webhooks/types.ts'

export interface WebhookWording {
  readonly question: string
  called(called: boolean | 'unknown', webhook: string): string
  consequence(outcome: WebhookOutcome, called: readonly InjectorWebhook[]): string
}

const english: WebhookWording = {
  question: 'Which injection webhook would the API server call?',
  called: (called, webhook) =>
    `${webhook}: ${called === true ? 'called' : called === false ? 'not called' : 'unknown'}`,
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
  called: (called, webhook) => `${webhook}：${called === true ? '调用' : called === false ? '不调用' : '未知'}`,
  consequence(outcome, called) {
    switch (outcome) {
      case 'one':
        return `${names(called)}（版本 ${called[0]?.revision ?? ''}）：由它作如下决定`
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
