import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, type Gap, type Outcome } from './exit-code.ts'

const clean: Outcome = {
  severities: [],
  strict: false,
  targetAbsent: false,
  anythingEvaluated: true,
  source: 'cluster',
  gaps: [],
}
const gap: Gap = { severity: 'error', named: false, failed: false, reasons: ['forbidden'] }

describe('the exit code', () => {
  // The rules in their order: the first that fits decides.
  it.each<[string, Partial<Outcome>, number]>([
    ['an error, whatever else is unknown', { severities: ['error'], targetAbsent: true, gaps: [gap] }, 2],
    ['a target that is not there', { targetAbsent: true }, 3],
    ['nothing could be looked at', { anythingEvaluated: false }, 3],
    ['a check that was named', { source: 'files', gaps: [{ ...gap, severity: 'info', named: true, reasons: [] }] }, 3],
    ['an error that a cluster may hide', { gaps: [gap], strict: true, severities: ['warn'] }, 3],
    ['an error that files may not show', { gaps: [gap], source: 'files' }, 0],
    ['a warning that a cluster may hide', { gaps: [{ ...gap, severity: 'warn' }] }, 0],
    ['a kind that was not given', { gaps: [{ ...gap, reasons: ['not-given'] }] }, 0],
    ['a check for errors that failed itself', { source: 'files', gaps: [{ ...gap, failed: true, reasons: [] }] }, 3],
    ['warnings, strictly', { severities: ['warn'], strict: true }, 1],
    ['warnings', { severities: ['warn'] }, 0],
    ['notes, strictly', { severities: ['info'], strict: true }, 0],
    ['nothing', {}, 0],
  ])('%s', (_, outcome, code) => {
    expect(exitCodeOf({ ...clean, ...outcome })).toBe(code)
  })

  const severity = fc.constantFrom('error' as const, 'warn' as const, 'info' as const)
  const gaps = fc.array(
    fc.record({
      severity,
      named: fc.boolean(),
      failed: fc.boolean(),
      reasons: fc.array(
        fc.constantFrom('forbidden' as const, 'timeout' as const, 'not-given' as const, 'error' as const),
      ),
    }),
    { maxLength: 3 },
  )
  const outcomes = fc.record({
    severities: fc.array(severity, { maxLength: 4 }),
    strict: fc.boolean(),
    targetAbsent: fc.boolean(),
    anythingEvaluated: fc.boolean(),
    source: fc.constantFrom('cluster' as const, 'files' as const, 'bug-report' as const),
    gaps,
  })

  it('is 2 exactly when there is an error; strictness changes only 0 into 1; less knowledge never improves it', () => {
    fc.assert(
      fc.property(outcomes, (outcome) => {
        const code = exitCodeOf(outcome)
        expect(code === 2).toBe(outcome.severities.includes('error'))
        const strict = exitCodeOf({ ...outcome, strict: true })
        const lax = exitCodeOf({ ...outcome, strict: false })
        expect(strict).toBe(lax === 0 && outcome.severities.includes('warn') ? 1 : lax)
        if (code === 3) expect(exitCodeOf({ ...outcome, gaps: [...outcome.gaps, gap] })).toBe(3)
        const all = { ...outcome, gaps: [], targetAbsent: false, anythingEvaluated: true }
        if (code < 2) expect(exitCodeOf(all)).toBe(code)
      }),
      { seed: 4, numRuns: 500 },
    )
  })
})
