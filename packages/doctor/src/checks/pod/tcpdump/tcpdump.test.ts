import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../../../testing/fixture.ts'
import { clusterOf } from '../../../cluster/cluster.ts'
import { INJ333 } from './tcpdump.ts'

/** What the check says of the one injected workload, with another securityContext of the proxy and of the Pod. */
function said(
  securityContext: JsonObject,
  { image = 'proxyv2:1.24.0', pod = {} as JsonObject } = {},
): string | undefined {
  const healthy = loadFixture(HEALTHY)
  const objects = healthy.objects.map((object): JsonObject => {
    if (object.kind !== 'Pod' || !JSON.stringify(object.metadata).includes('cart')) return object
    const spec = object.spec as { readonly containers: readonly JsonObject[] }
    const containers = spec.containers.map((one) =>
      one.name === 'istio-proxy' ? { ...one, image, securityContext } : one,
    )
    return { ...object, spec: { ...spec, securityContext: pod, containers } }
  })
  const [found] = INJ333.run(clusterOf({ ...healthy, objects }))
  return found?.outcome === 'found' ? [found.message.en, ...(found.fix?.commands ?? [])].join('\n') : undefined
}

describe('tcpdump in a sidecar', () => {
  it('works as root with NET_RAW', () => {
    expect(said({ runAsUser: 0 })).toBeUndefined()
    expect(said({ privileged: true, runAsUser: 0, readOnlyRootFilesystem: true })).toBeUndefined()
  })

  it('needs NET_RAW, which is dropped by name or with all', () => {
    expect(said({ runAsUser: 0, capabilities: { drop: ['ALL'] } })).toContain('NET_RAW is dropped')
    expect(said({ runAsUser: 0, capabilities: { drop: ['NET_RAW'] } })).toContain('NET_RAW is dropped')
    expect(said({ runAsUser: 0, capabilities: { drop: ['ALL'], add: ['NET_RAW'] } })).toBeUndefined()
  })

  it('needs root, of the container, the Pod or the image', () => {
    expect(said({ runAsUser: 1337 })).toContain('runs as user 1337')
    expect(said({}, { pod: { runAsUser: 1000 } })).toContain('runs as user 1000')
    expect(said({})).toContain('user of its image')
    expect(said({ runAsUser: 1337, allowPrivilegeEscalation: true })).not.toContain('sudo')
  })

  it('is not in a distroless image', () => {
    expect(said({ runAsUser: 0 }, { image: 'proxyv2:1.24.0-distroless' })).toContain('distroless')
  })

  it('is replaced by a debug container, which is made root where the Pod is not', () => {
    expect(said({ runAsUser: 1337 })).toContain('--profile=netadmin -- tcpdump')
    expect(said({ runAsUser: 1337 }, { pod: { runAsNonRoot: true } })).toContain('--custom=debug.json')
  })
})
