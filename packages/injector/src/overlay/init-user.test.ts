import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { adjustInitUser } from './init-user.ts'

const UID = ['-p', '15001', '-u', '1337', '-m', 'REDIRECT']

function podWith(init: string, annotations: JsonObject = {}): JsonObject {
  return {
    metadata: { annotations },
    spec: {
      initContainers: [{ name: init, args: UID, securityContext: { runAsUser: 0 } }],
      containers: [{ name: 'app' }, { name: 'istio-proxy', securityContext: { runAsUser: 4242 } }],
    },
  }
}

function adjusted(pod: JsonObject, context: JsonObject, mode = 'REDIRECT'): { init: unknown; proxy: unknown } {
  const { spec } = adjustInitUser(pod, { name: 'istio-proxy', securityContext: context }, mode) as {
    spec: { initContainers: unknown[]; containers: unknown[] }
  }
  return { init: spec.initContainers[0], proxy: spec.containers[1] }
}

const customised = { name: 'istio-proxy', securityContext: { runAsUser: 4242 } }
const follows = ['-p', '15001', '-u', '4242', '-m', 'REDIRECT']

describe('a user that the Pod sets for istio-proxy', () => {
  it('is left alone by the rules of the capture', () => {
    expect(adjusted(podWith('istio-init'), { runAsUser: 4242 })).toEqual({
      init: { name: 'istio-init', args: follows, securityContext: { runAsUser: 0 } },
      proxy: customised,
    })
  })

  it('runs the validation, too, which tests these rules', () => {
    expect(adjusted(podWith('istio-validation'), { runAsUser: 4242, runAsGroup: 7 }).init).toEqual({
      name: 'istio-validation',
      args: follows,
      securityContext: { runAsUser: 4242, runAsGroup: 7 },
    })
    expect(adjusted(podWith('istio-validation'), { runAsGroup: 7 }).init).toEqual({
      name: 'istio-validation',
      args: UID,
      securityContext: { runAsUser: 0, runAsGroup: 7 },
    })
  })

  it.each([
    ['the mesh', podWith('istio-init'), 'TPROXY'],
    ['the Pod', podWith('istio-init', { 'sidecar.istio.io/interceptionMode': 'TPROXY' }), 'REDIRECT'],
  ])('gives way to root where %s captures with TPROXY', (_, pod, mode) => {
    expect(adjusted(pod, { runAsUser: 4242 }, mode)).toMatchObject({
      init: { args: follows },
      proxy: { securityContext: { runAsUser: 0 } },
    })
  })

  it('changes no rule as root', () => {
    expect(adjusted(podWith('istio-init'), { runAsUser: 0 }).init).toMatchObject({ args: UID })
  })

  it.each([
    ['the Pod sets no user', podWith('istio-init'), { privileged: true }],
    ['there is no init container of Istio’s', podWith('migrate'), { runAsUser: 4242 }],
  ])('changes nothing where %s', (_, pod, context) => {
    expect(adjustInitUser(pod, { name: 'istio-proxy', securityContext: context }, 'REDIRECT')).toBe(pod)
  })

  it('changes nothing where the Pod has no istio-proxy of its own', () => {
    const pod = podWith('istio-init')
    expect(adjustInitUser(pod, undefined, 'REDIRECT')).toBe(pod)
  })
})
