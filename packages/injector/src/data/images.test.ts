import { describe, expect, it } from 'vitest'
import { proxyImage, proxyInitImage } from './images.ts'

const SETTINGS = { hub: 'hub.example/istio', tag: '1.30.0', variant: '', proxyImage: '', proxyInitImage: '' }

describe('the image of the proxy', () => {
  it.each([
    ['the tag as it is', {}, undefined, undefined, '1.30.0'],
    ['a variant of the values', { variant: 'debug' }, undefined, undefined, '1.30.0-debug'],
    ['a type of the ProxyConfig beats the variant', { variant: 'debug' }, 'distroless', undefined, '1.30.0-distroless'],
    ['an annotation beats both', { variant: 'debug' }, 'debug', 'distroless', '1.30.0-distroless'],
    ['an empty annotation too', { variant: 'debug' }, undefined, '', '1.30.0'],
    ['the type default has no suffix', { tag: '1.30.0-distroless' }, undefined, 'default', '1.30.0'],
    ['a type replaces that of the tag', { tag: '1.30.0-debug' }, undefined, 'distroless', '1.30.0-distroless'],
    ['one suffix is cut, no more', { tag: '1.30.0-debug-distroless' }, undefined, 'x', '1.30.0-debug-x'],
  ])('%s', (_, settings, configured, annotation, tag) => {
    expect(proxyImage({ ...SETTINGS, ...settings }, configured, annotation, 31)).toBe(
      `hub.example/istio/proxyv2:${tag}`,
    )
  })

  it('has a variant since 1.22, which an empty type of the ProxyConfig took away until 1.30', () => {
    const settings = { ...SETTINGS, variant: 'debug' }
    expect(proxyImage(settings, undefined, undefined, 21)).toMatch(/:1\.30\.0$/)
    expect(proxyImage(settings, '', undefined, 30)).toMatch(/:1\.30\.0$/)
    expect(proxyImage(settings, '', undefined, 31)).toMatch(/:1\.30\.0-debug$/)
  })

  it('has the name that the values give it; the init container has its own', () => {
    const settings = { ...SETTINGS, proxyImage: 'mine', proxyInitImage: 'first' }
    expect(proxyImage(settings, undefined, undefined, 31)).toBe('hub.example/istio/mine:1.30.0')
    expect(proxyInitImage(settings, undefined)).toBe('hub.example/istio/first:1.30.0')
    expect(proxyInitImage(settings, 'debug')).toBe('hub.example/istio/first:1.30.0-debug')
  })
})
