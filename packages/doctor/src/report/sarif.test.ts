import { describe, expect, it } from 'vitest'
import { RICH_CATALOGUE, RICH_REPORT } from '../../testing/rich-report.ts'
import { renderReportSarif, type SarifOptions } from './sarif.ts'

/** The parts of SARIF 2.1.0 (OASIS, sections 3.13 to 3.58) that are written. */
interface Log {
  readonly version: string
  readonly $schema: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } }
    readonly results: readonly Result[]
    readonly invocations: readonly {
      readonly executionSuccessful: boolean
      readonly exitCode: number
      readonly toolExecutionNotifications: readonly { readonly level: string; readonly message: { text: string } }[]
    }[]
  }[]
}
interface Rule {
  readonly id: string
  readonly helpUri?: string
  readonly shortDescription: { readonly text: string }
  readonly defaultConfiguration: { readonly level: string }
}
interface Location {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string }
    readonly region?: { startLine: number }
  }
  readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[]
}
interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly Location[]
  readonly relatedLocations?: readonly Location[]
  readonly partialFingerprints: Readonly<Record<string, string>>
}

const sarif = (options: SarifOptions = {}): Log =>
  JSON.parse(renderReportSarif(RICH_REPORT, { catalogue: RICH_CATALOGUE, ...options }))
const runOf = (log: Log) => {
  const [run] = log.runs
  if (run === undefined) throw new Error('there is no run')
  return run
}

describe('-o sarif', () => {
  it('has what the specification requires', () => {
    const log = sarif()
    expect(log.version).toBe('2.1.0')
    expect(() => new URL(log.$schema)).not.toThrow()
    expect(log.runs).toHaveLength(1)
    const { tool, results, invocations } = runOf(log)
    expect(tool.driver.name).toBe('proa doctor')
    expect(invocations[0]).toMatchObject({ executionSuccessful: true, exitCode: 2 })
    const ids = tool.driver.rules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { message, level, ruleId, ruleIndex, locations } of results) {
      expect(['error', 'warning', 'note']).toContain(level)
      expect(message.text).not.toBe('')
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
      expect(locations.length).toBeGreaterThan(0)
    }
    for (const rule of tool.driver.rules) {
      expect(rule.shortDescription.text).not.toBe('')
      if (rule.helpUri !== undefined) expect(() => new URL(rule.helpUri ?? '')).not.toThrow()
    }
  })

  it('tells what could not be evaluated as notifications of the tool', () => {
    const [invocation] = runOf(sarif()).invocations
    expect(invocation?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      'no permission to read: Pod',
      'MutatingWebhookConfiguration istio-sidecar-injector: the API server was not asked',
    ])
  })

  it('links rules to published documentation, else to what others say about the same', () => {
    const helpOf = (options?: SarifOptions) =>
      runOf(sarif(options)).tool.driver.rules.flatMap(({ helpUri }) => helpUri ?? [])
    expect(helpOf({ docsBase: 'https://example.com/proa/' })[0]).toBe('https://example.com/proa/docs/checks.md#inj101')
    expect(helpOf()).toEqual([
      'https://istio.io/latest/docs/reference/config/analysis/ist0107/',
      'https://github.com/istio/istio/issues/5828',
      'https://kubernetes.io/docs/',
    ])
  })

  it('points into the files where the objects stand, when they are known', () => {
    const { results } = runOf(
      sarif({ locate: ({ kind }) => (kind === 'Deployment' ? { uri: 'my deploy/cart.yaml', line: 7 } : undefined) }),
    )
    expect(results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'my%20deploy/cart.yaml' },
      region: { startLine: 7 },
    })
    expect(results[1]?.locations[0]?.physicalLocation).toBeUndefined()
    expect(results[1]?.locations[0]?.logicalLocations[0]?.fullyQualifiedName).toBe(
      'MutatingWebhookConfiguration/istio-sidecar-injector/webhooks[0].clientConfig.caBundle',
    )
  })

  it('gives a finding the same fingerprint in every language and whatever the values are', () => {
    const prints = (options: SarifOptions = {}) =>
      runOf(sarif(options)).results.map(({ partialFingerprints }) => partialFingerprints['proaFinding/v1'])
    expect(prints({ language: 'zh' })).toEqual(prints())
    expect(new Set(prints()).size).toBe(RICH_REPORT.findings.length)
  })
})
