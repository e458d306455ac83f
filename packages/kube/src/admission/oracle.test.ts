import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { AdmissionRequest } from './request.ts'
import { selectWebhooks } from './select.ts'

/** Answers of Kubernetes' own code (apiserver 0.34, `ShouldCallHook`), made by `testdata/gen`. */
function readFixture(name: string) {
  return JSON.parse(readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8'))
}

interface ExpressionCase {
  readonly expression: string
  readonly want: 'true' | 'false' | 'error'
  /** Said where this project is known to differ. */
  readonly ours?: 'unknown' | 'true' | 'false'
}

const { request, cases }: { request: AdmissionRequest; cases: ExpressionCase[] } = readFixture('expressions.json')

describe('a match condition gives what the API server gives', () => {
  it.each(cases)('$expression → $want', ({ expression, want, ours }) => {
    const webhook = { name: 'a', matchConditions: [{ name: 'c', expression }] }
    const [verdict] = selectWebhooks([configuration(webhook)], request)
    const step = verdict?.steps.find((one) => one.id === 'matchConditions')
    expect(step?.conditions?.[0]?.result, step?.detail).toBe(ours ?? want)
  })

  function configuration(webhook: JsonObject): JsonObject {
    const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }
    return { metadata: { name: 'c' }, webhooks: [{ ...webhook, rules: [rule] }] }
  }
})

interface SelectionCase {
  readonly webhook: JsonObject
  readonly request: AdmissionRequest
  readonly want: 'called' | 'skipped' | 'refused'
}

describe('a webhook is called, skipped or ends the request as in the API server', () => {
  it.each((readFixture('selection.json') as SelectionCase[]).map((one, index) => [index, one] as const))(
    'random webhook and request %i',
    (_, { webhook, request, want }) => {
      // Where the case names no user the API server had an empty one; for us a user that is left out is not known.
      const asked = { userInfo: {}, ...request }
      const [verdict] = selectWebhooks([{ metadata: { name: 'c' }, webhooks: [webhook] }], asked)
      const got = verdict?.rejected ? 'refused' : verdict?.called ? 'called' : 'skipped'
      expect(got, JSON.stringify(verdict, null, 1)).toBe(want)
    },
  )
})
