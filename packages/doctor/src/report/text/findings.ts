import { CATEGORIES, type Finding } from '../../finding.ts'
import { compareText, SEVERITIES } from '../../run/order.ts'
import { wrap } from '../width.ts'
import { headed } from '../words.ts'
import { sameCheckLines } from './finding.ts'
import type { Style } from './options.ts'

/** Grouped by category, the category of the worst finding first. */
export function findingsLines(findings: readonly Finding[], style: Style): readonly string[] {
  const rank = (of: readonly Finding[]): number => Math.min(...of.map(({ severity }) => SEVERITIES.indexOf(severity)))
  const groups = CATEGORIES.map((category) => ({
    category,
    findings: findings.filter((one) => one.category === category),
  })).filter((group) => group.findings.length > 0)
  return groups
    .toSorted((a, b) => rank(a.findings) - rank(b.findings))
    .flatMap((group) => [
      style.paint.strong(style.words.categories[group.category]),
      '',
      ...[...Map.groupBy(group.findings, ({ id, severity }) => `${id} ${severity}`).values()].flatMap((same) =>
        sameCheckLines(same, style),
      ),
    ])
}

/** What is only counted: `3 notes not shown: INJ117 ×2, INJ332`. */
export function foldedLines(findings: readonly Finding[], { words, paint, width }: Style): readonly string[] {
  if (findings.length === 0) return []
  const counts = [...Map.groupBy(findings, ({ id }) => id)].toSorted(([a], [b]) => compareText(a, b))
  const ids = words.list(counts.map(([id, all]) => (all.length === 1 ? id : `${id} ×${all.length}`)))
  const text = `${headed(words.folded(findings.length), ids)}${words.aside(words.verbose)}`
  return [...wrap(text, width).map(paint.faint), '']
}
