import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { uninjectWorkload } from './uninject-workload.ts'

function restored(labels: JsonObject, annotations: JsonObject, container: JsonObject): JsonObject {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels, annotations },
    spec: { containers: [container, { name: 'istio-proxy', image: 'proxyv2' }] },
  }
  const result = uninjectWorkload(object)
  if (result.kind !== 'restored') throw new Error(result.kind, { cause: result })
  return result.object.metadata as JsonObject
}

describe('the labels and annotations after an injection is undone', () => {
  const app = { name: 'app', image: 'app:1' }

  it('are without the label of the revision, which Istio wrote until 1.10', () => {
    const status = '{"initContainers":null,"containers":["istio-proxy"],"volumes":null,"imagePullSecrets":null}'
    const labels = { 'istio.io/rev': 'default', app: 'web' }
    expect(restored(labels, { 'sidecar.istio.io/status': status }, app)).toEqual({
      name: 'web',
      labels: { app: 'web' },
    })
  })

  it('keep the label of the revision where the status names the revision: it is the user’s', () => {
    const status = '{"containers":["istio-proxy"],"revision":"default"}'
    const labels = { 'istio.io/rev': 'default' }
    const annotations = { 'istio.io/rev': 'default', 'sidecar.istio.io/status': status }
    expect(restored(labels, annotations, app)).toEqual({ name: 'web', labels })
  })

  it('are without the default container also where it has no name, as with Knative', () => {
    const annotations = {
      'kubectl.kubernetes.io/default-container': '',
      'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"default"}',
    }
    expect(restored({}, annotations, { image: 'app:1' })).toEqual({ name: 'web' })
  })
})
