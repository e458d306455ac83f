import { describe, expect, it } from 'vitest'
import { withConcurrency } from './concurrency.ts'

const LIMIT_1500M = { limits: { cpu: '1500m' } }

describe('the threads of the proxy', () => {
  it('follow its CPU limit, rounded up', () => {
    const proxy = { name: 'istio-proxy', args: ['proxy'], resources: { ...LIMIT_1500M, requests: { cpu: '100m' } } }
    expect(withConcurrency(proxy).args).toEqual(['proxy', '--concurrency', '2'])
  })

  it('follow its CPU request where there is no limit', () => {
    const proxy = { name: 'istio-proxy', resources: { requests: { cpu: '100m' } } }
    expect(withConcurrency(proxy).args).toEqual(['--concurrency', '1'])
  })

  it.each([
    {},
    { resources: {} },
    { resources: { limits: { memory: '1Gi' } } },
    { resources: { limits: { cpu: '0' } } },
  ])('are left to the proxy without CPUs: %j', (proxy) => {
    expect(withConcurrency(proxy)).toBe(proxy)
  })

  it.each([[['--concurrency', '4']], [['--concurrency=4']], [['-concurrency=4']], [[' --concurrency ', '4']]])(
    'are those of its arguments where these name them: %j',
    (args) => {
      const proxy = { args, resources: LIMIT_1500M }
      expect(withConcurrency(proxy)).toBe(proxy)
    },
  )

  it.each([
    [['--concurrency', '0']],
    [['--concurrency=0']],
    [['--concurrency', 'two']],
    [['--concurrency']],
    [['---concurrency=4']],
  ])('are set where the arguments name no number above 0: %j', (args) => {
    expect(withConcurrency({ args, resources: LIMIT_1500M }).args).toEqual([...args, '--concurrency', '2'])
  })

  it('are those of the first flag', () => {
    const args = ['--concurrency=0', '--concurrency=4']
    expect(withConcurrency({ args, resources: LIMIT_1500M }).args).toEqual([...args, '--concurrency', '2'])
  })
})
