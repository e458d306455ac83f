import { describe, expect, it } from 'vitest'
import { bypassesProxy, completed } from './no-proxy.ts'

const HOST = 'istiod.istio-system.svc'

describe('bypassesProxy', () => {
  it.each([
    ['.svc', true],
    ['svc', true],
    ['*.svc', true],
    [' 10.0.0.0/8 , .SVC ', true],
    ['istio-system.svc', true],
    [HOST, true],
    ['*', true],
    ['.svc:443', true],
    ['', false],
    ['localhost,127.0.0.1,10.96.0.0/12', false],
    ['.svc.cluster.local,.cluster.local', false],
    ['.svc:8443', false],
    ['vc', false],
    ['.istio-system', false],
    [',,', false],
  ])('NO_PROXY=%j: %s', (noProxy, direct) => expect(bypassesProxy(noProxy, HOST, 443)).toBe(direct))
})

describe('completed', () => {
  it('keeps what is there, and adds what is missing', () => {
    expect(completed('127.0.0.1, .corp.example,*.svc', ['.svc', '.svc.cluster.local', '10.96.0.0/12'])).toBe(
      '127.0.0.1,.corp.example,*.svc,.svc.cluster.local,10.96.0.0/12',
    )
    expect(completed('', ['.svc'])).toBe('.svc')
  })
})
