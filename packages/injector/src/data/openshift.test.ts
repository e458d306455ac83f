import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { proxyIds, resetSharedUser } from './openshift.ts'

const RANGE = 'openshift.io/sa.scc.uid-range'
const GROUPS = 'openshift.io/sa.scc.supplemental-groups'

describe('the ids that OpenShift reserves for a namespace', () => {
  it.each([
    [{ [RANGE]: '1000620000/10000' }, 1000629999n, 1000629999n],
    [{ [RANGE]: '1000620000-1000629999' }, 1000629999n, 1000629999n],
    [{ [RANGE]: '1000/10', [GROUPS]: '2000/5' }, 1009n, 2004n],
    [{ [RANGE]: '1000/10', [GROUPS]: '2000/5,3000/5' }, 1009n, 2004n],
    [{ [GROUPS]: '2000/5' }, 1337n, 2004n],
    [{ [RANGE]: 'all' }, 1337n, 1337n],
    [{ [RANGE]: '1000/10', [GROUPS]: '2000/5,none' }, 1009n, 1337n],
    [{ [RANGE]: '99999999999/1' }, 1337n, 1337n],
    [{}, 1337n, 1337n],
  ])('%j gives %i:%i', (annotations, uid, gid) => {
    expect(proxyIds({ metadata: { annotations } })).toEqual({ uid, gid })
  })

  it('are Istio’s where the namespace is not known', () => {
    expect(proxyIds(undefined)).toEqual({ uid: 1337n, gid: 1337n })
  })
})

describe('a proxy with the user of the application', () => {
  function pod(proxyUser: number | undefined, appUser: number | undefined, list = 'containers'): JsonObject {
    const context = (runAsUser: number | undefined): JsonObject =>
      runAsUser === undefined ? { privileged: false } : { runAsUser, runAsGroup: 5, privileged: false }
    const proxy = { name: 'istio-proxy', securityContext: context(proxyUser) }
    const app = { name: 'app', securityContext: context(appUser) }
    return { spec: list === 'containers' ? { containers: [app, proxy] } : { containers: [app], [list]: [proxy] } }
  }

  it('loses both ids and nothing else', () => {
    expect(resetSharedUser(pod(1000, 1000), 31)).toEqual({
      spec: {
        containers: [
          { name: 'app', securityContext: { runAsUser: 1000, runAsGroup: 5, privileged: false } },
          { name: 'istio-proxy', securityContext: { privileged: false } },
        ],
      },
    })
  })

  it('keeps a user of its own', () => {
    const own = pod(1337, 1000)
    expect(resetSharedUser(own, 31)).toBe(own)
    const root = pod(1337, undefined)
    expect(resetSharedUser(root, 31)).toBe(root)
  })

  it('counts among the init containers since 1.27', () => {
    const native = pod(1000, 1000, 'initContainers')
    expect(resetSharedUser(native, 26)).toBe(native)
    expect(resetSharedUser(native, 27)).toMatchObject({
      spec: { initContainers: [{ name: 'istio-proxy', securityContext: { privileged: false } }] },
    })
  })

  it('is not compared with Istio’s own init containers', () => {
    const containers = [{ name: 'istio-proxy', securityContext: { runAsUser: 7 } }]
    const initContainers = [{ name: 'istio-init', securityContext: { runAsUser: 7 } }]
    const alone = { spec: { containers, initContainers } }
    expect(resetSharedUser(alone, 31)).toBe(alone)
  })
})
