import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import type { Configuration } from '../config/types.ts'
import { containersOf } from '../data/fields.ts'
import { injectPod } from '../inject.ts'

function injected(pod: JsonObject, configuration: Configuration): JsonObject {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  if (result.outcome !== 'injected') throw new Error(`the Pod was ${result.outcome}`, { cause: result })
  return result.pod
}

const asContainer = loadConfiguration({}, { nativeSidecars: false })
const asNative = loadConfiguration({}, { nativeSidecars: true })
const POD = {
  spec: {
    containers: [
      { name: 'app', image: 'shop:1' },
      { name: 'istio-proxy', image: 'auto', resources: { limits: { cpu: '3' } }, securityContext: { runAsUser: 4242 } },
    ],
  },
}

function proxies(pod: JsonObject): unknown[] {
  return (['containers', 'initContainers'] as const).flatMap((list) =>
    containersOf(pod, list).flatMap((container) => (container.name === 'istio-proxy' ? [[list, container]] : [])),
  )
}

describe('injecting a Pod again', () => {
  it('keeps the user’s own settings (Istio since 1.17 goes back to those of the template)', () => {
    const again = injected(injected(POD, asContainer), asContainer)
    expect(proxies(again)).toMatchObject([['containers', { resources: { limits: { cpu: '3', memory: '1Gi' } } }]])
  })

  it('keeps them when the proxy has become a native sidecar in between, and takes everything else from the template', () => {
    const upgraded = injected(injected(POD, asContainer), asNative)
    expect(proxies(upgraded)).toMatchObject([
      [
        'initContainers',
        { restartPolicy: 'Always', resources: { limits: { cpu: '3' } }, securityContext: { runAsUser: 4242 } },
      ],
    ])
  })

  it('leaves one proxy when it is no native sidecar any more', () => {
    const downgraded = injected(injected(POD, asNative), asContainer)
    expect(proxies(downgraded)).toMatchObject([['containers', { resources: { limits: { cpu: '3' } } }]])
    expect(proxies(downgraded)[0]).not.toHaveProperty('1.restartPolicy')
    const plain = { spec: { containers: [{ name: 'app', image: 'shop:1' }] } }
    expect(proxies(injected(injected(plain, asNative), asContainer))).toHaveLength(1)
  })

  it('does not take what an earlier injection set for the user’s wish', () => {
    const plain = { spec: { containers: [{ name: 'app', image: 'shop:1' }] } }
    const older = loadConfiguration({ values: { source: 'values', text: '{"global":{"tag":"1.20.0"}}' } })
    const image = (pod: JsonObject): unknown => containersOf(pod, 'containers')[1]?.image
    expect(image(injected(plain, older))).toBe('docker.io/istio/proxyv2:1.20.0')
    expect(image(injected(injected(plain, older), asContainer))).toBe('docker.io/istio/proxyv2:1.30.0')
  })

  it('does not send the kubelet’s probes from the agent to the agent', () => {
    const pod = {
      metadata: { annotations: { 'status.sidecar.istio.io/port': '15999' } },
      spec: { containers: [{ name: 'app', image: 'shop:1', livenessProbe: { httpGet: { port: 'nobodys' } } }] },
    }
    const once = injected(pod, asContainer)
    expect(injected(once, asContainer)).toEqual(once)
  })
})
