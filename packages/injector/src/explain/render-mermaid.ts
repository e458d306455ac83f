import type { Language } from '../decision/describe.ts'
import { explainWording } from '../text/explain.ts'
import { type Explanation, translateStep } from './explain-workload.ts'

/** The path of the decision as a Mermaid flowchart; the deciding step is drawn thick. */
export function renderExplanationMermaid(explanation: Explanation, language: Language = 'en'): string {
  const wording = explainWording(language)
  const name = [
    explanation.kind,
    [explanation.namespace, explanation.name].filter((part) => part !== '').join('/'),
  ].join(' ')
  const lines = ['flowchart TD', `  start([${label(name)}])`]
  let before = 'start'
  let edge = ''
  for (const [index, step] of explanation.steps.entries()) {
    const { question, consequence } = translateStep(step, explanation, language)
    lines.push(`  s${index}{${label(question)}}`, `  ${before} -->${edge} s${index}`)
    if (step.deciding) lines.push(`  style s${index} stroke-width:4px`)
    before = `s${index}`
    edge = `|${label(consequence)}|`
    if (step.deciding) break
  }
  const verdict = explanation.injected ? wording.injected : wording.notInjected
  lines.push(`  verdict([${label(`${verdict}: ${explanation.reason}`)}])`, `  ${before} ==>${edge} verdict`)
  return `${lines.join('\n')}\n`
}

/** Quoted for Mermaid, whose own syntax would otherwise be seen in the text. */
function label(text: string): string {
  return `"${text.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')}"`
}
