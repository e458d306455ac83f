import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { amount, formatAmount } from './amounts.ts'
import { podTotal, requirementsOf } from './requirements.ts'

const container = (name: string, cpu: string, rest: JsonObject = {}): JsonObject => ({
  name,
  resources: { requests: { cpu } },
  ...rest,
})

const total = (containers: readonly JsonObject[], initContainers: readonly JsonObject[] = []): string =>
  formatAmount('cpu', podTotal(requirementsOf({ spec: { containers, initContainers } }), 'requests', 'cpu', 0n))

describe('what a Pod counts for', () => {
  it('is the sum of what runs together', () => {
    expect(total([container('a', '100m'), container('b', '0.2')])).toBe('300m')
  })

  it('is the largest moment: an init container runs alone, but beside the sidecars that were started before it', () => {
    const always = { restartPolicy: 'Always' }
    expect(total([container('a', '100m')], [container('init', '2')])).toBe('2')
    expect(total([container('a', '100m')], [container('sidecar', '500m', always), container('init', '2')])).toBe(
      '2500m',
    )
    expect(total([container('a', '100m')], [container('init', '2'), container('sidecar', '500m', always)])).toBe('2')
    expect(total([container('a', '100m')], [container('sidecar', '500m', always)])).toBe('600m')
  })

  it('takes a limit for a missing request, and then what a LimitRange gives', () => {
    const cpu = (text: string): ReadonlyMap<string, bigint> => new Map([['cpu', amount(text) ?? 0n]])
    const defaults = { requests: cpu('50m'), limits: cpu('1') }
    const read = (resources: JsonObject): readonly string[] => {
      const [one] = requirementsOf({ spec: { containers: [{ name: 'a', resources }] } }, defaults)
      return [one?.requests, one?.limits].map((map) => formatAmount('cpu', map?.get('cpu') ?? 0n))
    }
    expect(read({})).toEqual(['50m', '1'])
    expect(read({ limits: { cpu: '300m' } })).toEqual(['300m', '300m'])
    expect(read({ requests: { cpu: '10m' } })).toEqual(['10m', '1'])
  })
})

describe('amounts', () => {
  it('are exact, and none where there is no quantity', () => {
    expect(amount('1.5Gi')).toBe(1_610_612_736n * 1_000_000_000n)
    expect(amount(2)).toBe(2_000_000_000n)
    expect([amount('x'), amount(null), amount({}), amount('1e99')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(amount('0e-99')).toBe(0n)
  })

  it('are written as people do', () => {
    expect(formatAmount('requests.memory', amount('1152Mi') ?? 0n)).toBe('1152Mi')
    expect(formatAmount('memory', amount('1024Mi') ?? 0n)).toBe('1Gi')
    expect(formatAmount('limits.cpu', amount('2200m') ?? 0n)).toBe('2200m')
  })
})
