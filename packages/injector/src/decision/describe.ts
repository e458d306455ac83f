import type { Release } from '../release.ts'
import { decisionEnglish } from '../text/decision.en.ts'
import { decisionChinese } from '../text/decision.zh.ts'
import type { DecisionReason, Evidence, StepFinding, StepId } from './types.ts'

/** The languages that there are texts in: English and Chinese. */
export type Language = 'en' | 'zh'

/** What a sentence about a step may speak of. */
export interface StepFacts {
  readonly id: StepId
  readonly finding: StepFinding
  readonly found: readonly Evidence[]
}

/** The wording of the decision in one language. Every language has every sentence: the type says so. */
export interface DecisionWording {
  readonly questions: Readonly<Record<StepId, string>>
  consequence(step: StepFacts, release: Release): string
  readonly reasons: Readonly<Record<DecisionReason, string>>
}

const WORDING: Readonly<Record<Language, DecisionWording>> = { en: decisionEnglish, zh: decisionChinese }

/** The question of a step and what its finding leads to, in words. */
export function describeStep(
  step: StepFacts,
  release: Release,
  language: Language,
): { readonly question: string; readonly consequence: string } {
  const wording = WORDING[language]
  return { question: wording.questions[step.id], consequence: wording.consequence(step, release) }
}

/** One sentence for a reason code. */
export function describeReason(reason: DecisionReason, language: Language): string {
  return WORDING[language].reasons[reason]
}
