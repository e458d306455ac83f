import { describe, expect, it } from 'vitest'
import { withoutLaterFields } from './kubernetes-fields.ts'

const POD = {
  spec: { initContainers: [{ name: 'istio-init', restartPolicy: 'Always', lifecycle: { stopSignal: 'X' } }] },
}

describe('fields that the Kubernetes of an Istio release does not know', () => {
  it('are left out of what a template makes: istio-init of 1.18 must end', () => {
    expect(withoutLaterFields('v1.Pod', POD, 18)).toEqual({
      spec: { initContainers: [{ name: 'istio-init', lifecycle: {} }] },
    })
  })

  it('stay from the release on that was built with them', () => {
    expect(withoutLaterFields('v1.Pod', POD, 19)).toEqual({
      spec: { initContainers: [{ name: 'istio-init', restartPolicy: 'Always', lifecycle: {} }] },
    })
    expect(withoutLaterFields('v1.Pod', POD, 31)).toBe(POD)
  })

  it('leave fields that nobody knows to the reader, and survive odd keys', () => {
    const odd = JSON.parse('{"spec":{"__proto__":1,"constructor":{"a":1},"toString":null}}')
    expect(JSON.stringify(withoutLaterFields('v1.Pod', odd, 8))).toBe(JSON.stringify(odd))
  })
})
