import type { CheckId } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { MessageCode } from '../classification.ts'
import type { CallFacts } from '../facts.ts'

/** What a verdict can speak of. */
export interface Matched {
  /** The named groups that took part in the match. */
  readonly details: Readonly<Record<string, string>>
  readonly facts: CallFacts
}

/**
 * How a message is recognised. Patterns have no nested or unbounded repetitions before something that can fail, so that their
 * time is linear in the text.
 */
export interface Signature {
  readonly code: MessageCode
  readonly pattern: RegExp
  readonly verdict: (matched: Matched) => Text
  /** The likeliest one first. */
  readonly checks: readonly [CheckId, ...CheckId[]]
  /** Asked when the pattern matches: whether it really means this. */
  readonly when?: (matched: Matched) => boolean
}

/** "the webhook x.y", or "the webhook" when the message does not name it. */
export function webhookIn({ facts }: Matched): Text {
  return facts.webhook === undefined
    ? { en: 'the webhook', zh: 'webhook' }
    : { en: `the webhook ${facts.webhook}`, zh: `webhook ${facts.webhook}` }
}

/** Where the webhook is: its service, its URL, or "its server". */
export function targetIn({ facts }: Matched): Text {
  const { service, url } = facts
  if (service !== undefined) {
    const name = `${service.namespace}/${service.name}`
    return { en: `the Service ${name}`, zh: `Service ${name}` }
  }
  return url === undefined ? { en: 'its server', zh: '它的服务器' } : { en: url, zh: url }
}

/** A sentence begins with it. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
