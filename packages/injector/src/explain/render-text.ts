import type { Language } from '../decision/describe.ts'
import type { Evidence } from '../decision/types.ts'
import { explainWording } from '../text/explain.ts'
import { webhookWording } from '../text/webhooks.ts'
import { type ExplainedStep, type Explanation, translateStep } from './explain-workload.ts'

/** How parts of the text are set off; each is the identity where there is no colour. */
export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const PLAIN: Paint = { good: same, bad: same, strong: same, faint: same }

function same(text: string): string {
  return text
}

/** Defaults: English, without colours. */
export interface TextOptions {
  readonly language?: Language
  readonly paint?: Paint
}

/** The path of the decision as numbered steps, the deciding one marked, and what would turn it round. */
export function renderExplanationText(explanation: Explanation, options: TextOptions = {}): string {
  const language = options.language ?? 'en'
  const paint = options.paint ?? PLAIN
  const wording = explainWording(language)
  // A colon of Chinese brings its space with it.
  const gap = language === 'zh' ? '' : ' '
  const verdict = explanation.injected ? paint.good(wording.injected) : paint.bad(wording.notInjected)
  const name = [explanation.namespace, explanation.name].filter((part) => part !== '').join('/')
  const lines = [
    `${paint.strong(`${explanation.kind} ${name}`.trim())}: ${verdict} (${explanation.reason})`,
    `  ${wording.reason(explanation.reason)}`,
    paint.faint(`  ${wording.release(explanation.release)}`),
    '',
    ...explanation.steps.flatMap((step, index) => stepLines(step, index, explanation, language, paint)),
    '',
    `  ${paint.strong(wording.turnaround(explanation))}${gap}${wording.change(explanation)}`,
  ]
  if (explanation.manual !== undefined) lines.push(`  ${wording.manual(explanation.manual)}`)
  for (const finding of explanation.webhooks?.findings ?? []) {
    lines.push(`  ${paint.strong(wording.note)}${gap}${webhookWording(language).finding(finding)}`)
  }
  for (const { message } of explanation.warnings) lines.push(`  ${paint.bad(wording.warning)}${gap}${message}`)
  return `${lines.join('\n')}\n`
}

function stepLines(
  step: ExplainedStep,
  index: number,
  explanation: Explanation,
  language: Language,
  paint: Paint,
): readonly string[] {
  const { question, consequence, found } = translateStep(step, explanation, language)
  const mark = step.deciding ? '▶' : ' '
  const answer = step.deciding ? paint.strong(consequence) : consequence
  return [
    `  ${mark} ${index + 1}. ${step.deciding ? paint.strong(question) : question}`,
    ...found.map((evidence) => paint.faint(`       ${evidenceText(evidence, language)}`)),
    `       → ${answer}`,
  ]
}

const LONGEST_VALUE = 100

function evidenceText({ path, value }: Evidence, language: Language): string {
  if (value === undefined) return `${path}: ${explainWording(language).absent}`
  // A webhook's verdict is a sentence already.
  if (path.startsWith('MutatingWebhookConfiguration/') && typeof value === 'string') return value
  const text = JSON.stringify(value)
  return `${path}: ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}`
}
