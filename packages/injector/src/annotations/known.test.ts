import { describe, expect, it } from 'vitest'
import { annotationFacts, unknownAnnotations } from './known.ts'

function warned(key: string, mentioned: (key: string) => boolean = () => false): string | undefined {
  const [unknown] = unknownAnnotations([key], mentioned)
  return unknown === undefined ? undefined : `${unknown.key} -> ${unknown.suggestion ?? 'nothing near'}`
}

describe('annotations that look like Istio’s and are none', () => {
  it.each([
    ['sidecar.istio.io/proxyCpu', 'sidecar.istio.io/proxyCPU'],
    ['sidecar.istio.io/injct', 'sidecar.istio.io/inject'],
    ['traffic.sidecar.istio.io/excludeOutboundPort', 'traffic.sidecar.istio.io/excludeOutboundPorts'],
    ['sidecar.istio.io/somethingElseEntirely', 'nothing near'],
  ])('%s is meant to be %s', (key, suggestion) => {
    expect(warned(key)).toBe(`${key} -> ${suggestion}`)
  })

  it.each([
    'sidecar.istio.io/inject',
    'proxy.istio.io/config',
    'prometheus.io/scrape',
    'example.com/sidecar',
    'galley.istio.io/made-up',
    '__proto__',
  ])('%s is no such', (key) => {
    expect(warned(key)).toBeUndefined()
  })

  it('are known where a template of the configuration speaks of them', () => {
    expect(warned('sidecar.istio.io/ours')).toBeDefined()
    expect(warned('sidecar.istio.io/ours', (key) => key === 'sidecar.istio.io/ours')).toBeUndefined()
  })
})

describe('facts about annotations', () => {
  it('say where they mean something', () => {
    expect(annotationFacts('sidecar.istio.io/proxyCPU')).toEqual({ key: 'sidecar.istio.io/proxyCPU', on: ['Pod'] })
    expect(annotationFacts('networking.istio.io/exportTo')?.on).toEqual(['Service'])
    expect(annotationFacts('__proto__')).toBeUndefined()
  })

  it('say what has taken the place of a deprecated one', () => {
    expect(annotationFacts('traffic.sidecar.istio.io/kubevirtInterfaces')?.replacedBy).toBe(
      'istio.io/reroute-virtual-interfaces',
    )
  })
})
