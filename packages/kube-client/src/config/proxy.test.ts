import { describe, expect, it } from 'vitest'
import { proxyFor } from './proxy.ts'

describe('the proxy of the environment', () => {
  it.each([
    ['https://api.test:6443', {}, undefined],
    ['https://api.test:6443', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://api.test:6443', { https_proxy: 'p:1' }, 'http://p:1'],
    ['https://api.test:6443', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://api.test', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://localhost:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ])('%s with %j is %s', (server, env, expected) => {
    expect(proxyFor(server, env)).toBe(expected)
  })

  it.each([
    ['https://api.test:6443', '*', true],
    ['https://api.test:6443', 'api.test', true],
    ['https://api.test:6443', 'test', true],
    ['https://api.test:6443', '.test', true],
    ['https://api.test:6443', '*.test', true],
    ['https://test:6443', '.test', false],
    ['https://api.test:6443', 'pi.test', false],
    ['https://api.test:6443', 'other, api.test:6443', true],
    ['https://api.test:6443', 'api.test:443', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['https://11.1.2.3:6443', '10.0.0.0/8', false],
    ['https://10.1.2.3:6443', '10.1.2.3', true],
    ['https://[fd00::1]:6443', 'fd00::/16', true],
    ['https://[fd00::1]:6443', 'fd00::1', true],
    ['https://10.1.2.3:6443', '10.0.0.0/99', false],
  ])('%s with NO_PROXY=%s is excepted: %s', (server, exceptions, excepted) => {
    const proxy = proxyFor(server, { HTTPS_PROXY: 'http://p:1', NO_PROXY: exceptions })
    expect(proxy === undefined).toBe(excepted)
  })
})
