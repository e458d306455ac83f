import type { Language } from '../decision/describe.ts'
import { webhookWording } from '../text/webhooks.ts'
import type { WebhookExplanation, WebhookOutcome } from '../webhooks/types.ts'
import type { ExplainedStep, WebhookReason } from './explain-workload.ts'

/** undefined where the API server asks one injector, or where that is not known. */
export function webhookReason(outcome: WebhookOutcome): WebhookReason | undefined {
  switch (outcome) {
    case 'none':
      return 'NoWebhookCalled'
    case 'several':
      return 'SeveralWebhooks'
    case 'not-installed':
      return 'NoInjectorInstalled'
    case 'refused':
      return 'RequestRefused'
    default:
      return undefined
  }
}

/** Which webhook the API server calls, as the step before the injector's own. */
export function webhookStep(webhooks: WebhookExplanation, language: Language, deciding: boolean): ExplainedStep {
  const wording = webhookWording(language)
  const called = webhooks.injectors.filter(({ verdict }) => verdict.called === true)
  const names = webhooks.injectors.map(({ verdict }) => verdict.webhook)
  // Every revision has webhooks of the same names: only the configuration tells them apart.
  const isAmbiguous = new Set(names).size < names.length
  return {
    id: 'webhook',
    question: wording.question,
    finding: webhooks.outcome,
    found: webhooks.injectors.map(({ injector, verdict }) => ({
      path: `MutatingWebhookConfiguration/${injector.configuration}.webhooks[${injector.index}]`,
      value: `${isAmbiguous ? `${injector.configuration}/` : ''}${wording.verdict(verdict)}`,
    })),
    outcome: deciding && webhooks.outcome !== 'several' ? 'skip' : 'continue',
    consequence: wording.consequence(
      webhooks.outcome,
      called.map(({ injector }) => injector),
    ),
    deciding,
  }
}
