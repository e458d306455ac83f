import { describe, expect, it } from 'vitest'
import { proxyFor } from './no-proxy.ts'

const uses = (noProxy: string, host: string, port = 443) =>
  proxyFor({ httpsProxy: 'http://proxy:3128', noProxy }, host, port) !== undefined

describe('NO_PROXY', () => {
  it.each([
    // noProxy, host, port, goes through the proxy
    ['', 'hook.shop.svc', 443, true],
    ['.svc', 'hook.shop.svc', 443, false],
    ['svc', 'hook.shop.svc', 443, false],
    ['*.svc', 'hook.shop.svc', 443, false],
    ['.svc', 'hook.shop.svc.cluster.local', 443, true],
    ['.cluster.local', 'hook.shop.svc', 443, true],
    ['hook.shop.svc', 'hook.shop.svc', 443, false],
    ['.hook.shop.svc', 'hook.shop.svc', 443, true],
    ['shop.svc', 'workshop.svc', 443, true],
    ['HOOK.shop.SVC', 'hook.shop.svc', 443, false],
    ['.svc:443', 'hook.shop.svc', 443, false],
    ['.svc:8443', 'hook.shop.svc', 443, true],
    ['a, .svc ,b', 'hook.shop.svc', 443, false],
    ['*', 'hook.example', 443, false],
    ['10.0.0.0/8', '10.1.2.3', 443, false],
    ['10.0.0.0/8', '11.1.2.3', 443, true],
    ['10.0.0.0/8', 'hook.shop.svc', 443, true],
    ['10.1.2.3', '10.1.2.3', 443, false],
    ['10.1.2.3:8443', '10.1.2.3', 443, true],
    ['2001:db8::/32', '2001:db8::1', 443, false],
    ['[2001:db8::1]:443', '2001:db8::1', 443, false],
    [':443', 'hook.shop.svc', 443, true],
  ] as const)('%s for %s:%i', (noProxy, host, port, through) => {
    expect(uses(noProxy, host, port)).toBe(through)
  })

  it('never counts for the machine itself', () => {
    expect(uses('', 'localhost')).toBe(false)
    expect(uses('', '127.0.0.1')).toBe(false)
    expect(uses('', '::1')).toBe(false)
  })

  it('has nothing to say without a proxy', () => {
    expect(proxyFor(undefined, 'a.example', 443)).toBeUndefined()
    expect(proxyFor({ httpsProxy: '' }, 'a.example', 443)).toBeUndefined()
  })

  it('takes a proxy without scheme as http', () => {
    expect(proxyFor({ httpsProxy: 'proxy:3128' }, 'a.example', 443)?.href).toBe('http://proxy:3128/')
  })
})
