import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { applyOverlay, type Overlaid, wantsNativeSidecar } from './apply.ts'

type Rendered = Parameters<typeof applyOverlay>[1]

// Only the name and the overlay matter for merging.
function rendered(name: string, overlay: JsonObject): Rendered {
  return { template: { name }, overlay } as Rendered
}

const POD = { spec: { containers: [{ name: 'app', image: 'a' }] } }
const START: Overlaid = { merged: POD, templatePod: {} }

function spec(pod: JsonObject): Record<string, { name: string }[]> {
  const { spec: found } = pod as { spec: Record<string, { name: string }[]> }
  return found
}

function names(pod: JsonObject): Record<string, string[]> {
  return Object.fromEntries(Object.entries(spec(pod)).map(([list, items]) => [list, items.map(({ name }) => name)]))
}

describe('a template over a Pod', () => {
  it('is merged strategically, over the Pod and over the templates before it', () => {
    const sidecar = rendered('sidecar', { spec: { containers: [{ name: 'istio-proxy', image: 'p' }] } })
    const custom = rendered('custom', {
      spec: { containers: [{ name: 'istio-proxy', env: [{ name: 'A', value: '1' }] }] },
    })
    const rules = { native: false, minor: 31 }
    const { merged, templatePod } = applyOverlay(applyOverlay(START, sidecar, rules), custom, rules)
    const proxy = { name: 'istio-proxy', image: 'p', env: [{ name: 'A', value: '1' }] }
    expect(templatePod).toEqual({ spec: { containers: [proxy] } })
    expect(merged).toEqual({ spec: { containers: [proxy, { name: 'app', image: 'a' }] } })
  })

  it('takes the user’s own istio-proxy along when it makes it a native sidecar', () => {
    const own = {
      spec: {
        containers: [
          { name: 'istio-proxy', image: 'auto' },
          { name: 'app', image: 'a' },
        ],
      },
    }
    const native = rendered('sidecar', { spec: { initContainers: [{ name: 'istio-proxy', image: 'p' }] } })
    const merge = (minor: number, isNative: boolean): unknown =>
      names(applyOverlay({ merged: own, templatePod: {} }, native, { native: isNative, minor }).merged)
    expect(merge(31, true)).toEqual({ initContainers: ['istio-proxy'], containers: ['app'] })
    expect(merge(31, false)).toEqual({ initContainers: ['istio-proxy'], containers: ['istio-proxy', 'app'] })
  })

  it('customises istio-proxy in the list where it is (Istio would have two)', () => {
    const native = rendered('sidecar', { spec: { initContainers: [{ name: 'istio-proxy', image: 'p' }] } })
    const spire = rendered('spire', { spec: { containers: [{ name: 'istio-proxy', workingDir: '/' }] } })
    const rules = { native: true, minor: 31 }
    const { merged } = applyOverlay(applyOverlay(START, native, rules), spire, rules)
    expect(names(merged)).toEqual({ initContainers: ['istio-proxy'], containers: ['app'] })
    expect(spec(merged).initContainers?.[0]).toMatchObject({ image: 'p', workingDir: '/' })
  })

  it('fails with the step and Go’s text where it does not fit', () => {
    const broken = rendered('mine', { spec: { containers: [{ name: 'x', image: 1 }] } })
    expect(() => applyOverlay(START, broken, { native: false, minor: 31 })).toThrow(
      expect.objectContaining({
        code: 'MergeFailed',
        path: 'config.templates.mine',
        message: expect.stringContaining(
          'template mine: failed applying injection overlay: unmarshal patched pod: json: cannot unmarshal number',
        ),
      }),
    )
    const nameless = rendered('mine', { spec: { containers: [{ image: 'x' }] } })
    expect(() => applyOverlay(START, nameless, { native: false, minor: 31 })).toThrow('strategic merge: ')
  })
})

describe('the wish for a native sidecar', () => {
  it.each([
    ['true', false, true],
    ['false', true, false],
    ['True', true, true],
    ['True', false, false],
    [undefined, true, true],
  ])('annotation %s, cluster %s: %s', (annotation, byCluster, expected) => {
    const annotations = annotation === undefined ? {} : { 'sidecar.istio.io/nativeSidecar': annotation }
    expect(wantsNativeSidecar({ metadata: { annotations } }, byCluster)).toBe(expected)
  })
})
