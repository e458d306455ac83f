import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { containersOf } from '../data/fields.ts'
import { orderContainers } from './order.ts'

function ordered(lists: { containers?: string[]; initContainers?: string[] }, hold = false, minor = 31) {
  const named = (names: string[] = []): JsonObject[] => names.map((name) => ({ name }))
  const spec = { containers: named(lists.containers), initContainers: named(lists.initContainers) }
  const pod = orderContainers({ spec }, hold, minor)
  const names = (list: 'containers' | 'initContainers') => containersOf(pod, list).map(({ name }) => name)
  return { containers: names('containers'), initContainers: names('initContainers') }
}

describe('the order of containers', () => {
  it('has istio-proxy last, or first where the application waits for it', () => {
    const containers = ['istio-proxy', 'app', 'helper']
    expect(ordered({ containers }).containers).toEqual(['app', 'helper', 'istio-proxy'])
    expect(ordered({ containers: ['app', 'istio-proxy'] }, true).containers).toEqual(['istio-proxy', 'app'])
    expect(ordered({ containers: ['app'] }).containers).toEqual(['app'])
  })

  it.each([
    [
      'a native sidecar before the user’s own, so that these are in the mesh',
      ['migrate', 'enable-core-dump', 'istio-proxy', 'istio-init'],
      31,
      ['istio-init', 'istio-proxy', 'enable-core-dump', 'migrate'],
    ],
    [
      'the validation before a native sidecar',
      ['migrate', 'istio-proxy', 'istio-validation'],
      31,
      ['istio-validation', 'istio-proxy', 'migrate'],
    ],
    [
      'the rules after the user’s own, so that these have a network',
      ['istio-init', 'migrate'],
      31,
      ['migrate', 'istio-init'],
    ],
    ['the validation first', ['migrate', 'istio-validation'], 31, ['istio-validation', 'migrate']],
    [
      'core dumps at the very end',
      ['enable-core-dump', 'istio-init', 'migrate'],
      31,
      ['migrate', 'istio-init', 'enable-core-dump'],
    ],
    ['an istio-proxy like any other until 1.18', ['istio-init', 'istio-proxy'], 18, ['istio-proxy', 'istio-init']],
  ])('of init containers: %s', (_, initContainers, minor, expected) => {
    expect(ordered({ initContainers }, false, minor).initContainers).toEqual(expected)
  })

  it('keeps the last of several containers of one name', () => {
    const spec = {
      containers: [{ name: 'istio-proxy', image: 'a' }, { name: 'app' }, { name: 'istio-proxy', image: 'b' }],
    }
    expect(orderContainers({ spec }, false, 31)).toEqual({
      spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', image: 'b' }] },
    })
  })
})
