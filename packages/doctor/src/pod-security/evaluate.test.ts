import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { PodSecurityLevel } from './control.ts'
import { podSecurityViolations, violationsText } from './evaluate.ts'

interface Recorded {
  readonly kubernetes: string
  readonly pods: Readonly<Record<string, JsonObject>>
  readonly cases: readonly { pod: string; level: PodSecurityLevel; version: string; message: string }[]
}

// What a real API server (the version is in the file) answered to each Pod in a namespace with that label, "" for admitted.
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'testdata/api-server.json'), 'utf8')) as Recorded

describe.each([...new Set(recorded.cases.map(({ version }) => version))])('policy version %s', (version) => {
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.slice('v1.'.length))
  const cases = recorded.cases.filter((one) => one.version === version)

  it.each(cases.map((one) => [one.level, one.pod, one.message] as const))('%s: %s', (level, name, message) => {
    expect(violationsText(podSecurityViolations(recorded.pods[name] ?? {}, level, minor))).toBe(message)
  })
})

it('says who is to blame', () => {
  const pod = recorded.pods['istio-init over a plain Pod'] ?? {}
  const by = podSecurityViolations(pod, 'restricted', Number.POSITIVE_INFINITY).map((one) => [
    one.control,
    one.by.containers,
  ])
  expect(Object.fromEntries(by)).toEqual({
    allowPrivilegeEscalation: ['app'],
    capabilities_restricted: ['istio-init', 'app'],
    runAsNonRoot: ['istio-init'],
    runAsUser: ['istio-init'],
    seccompProfile_restricted: ['istio-init', 'app', 'istio-proxy'],
  })
})

it('has nothing against a Pod that is none', () => {
  for (const pod of [{}, { spec: 1 }, { spec: { containers: 'x', securityContext: [] } }]) {
    expect(podSecurityViolations(pod as JsonObject, 'baseline', 36)).toEqual([])
  }
  expect(podSecurityViolations({ spec: { hostPID: true } }, 'privileged', 36)).toEqual([])
})
