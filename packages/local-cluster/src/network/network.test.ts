import { describe, expect, it } from 'vitest'
import { createNetwork } from './network.ts'

describe('the network of the local cluster', () => {
  it('gives each Pod an address of its own, and the released ones again, until none is left', () => {
    const network = createNetwork()
    const all = new Set(Array.from({ length: 256 * 253 }, () => network.allocate()))
    expect(all.size).toBe(256 * 253)
    expect(() => network.allocate()).toThrow('no address is left for another Pod')
    network.release('10.244.7.7')
    expect(network.allocate()).toBe('10.244.7.7')
  })

  it('leads to where a port really listens; Pods whose port nobody serves refuse', () => {
    const network = createNetwork()
    const pod = network.allocate()
    network.listen(pod, 8080, { host: '127.0.0.1', port: 40_000 })
    expect(network.resolve(pod, 8080)).toEqual({ host: '127.0.0.1', port: 40_000 })
    expect(network.resolve(pod, 8081)).toBeUndefined()
    expect(network.resolve('192.0.2.1', 443)).toEqual({ host: '192.0.2.1', port: 443 })
    network.release(pod)
    expect(network.resolve(pod, 8080)).toBeUndefined()
  })
})
