import type { JsonObject } from '@proa/kube'
import { type KubeClient, watchObjects } from '@proa/kube-client'
import { textAt } from '../installation/objects.ts'

const NAMESPACE = 'istio-system'
const NAMESPACES = { apiVersion: 'v1', kind: 'Namespace' } as const
const DESCRIPTION = { 'kubernetes.io/description': 'In the local cluster no istiod runs and no proxy connects to one.' }

/**
 * What sidecars look for and istiod would bring: its Service, and its root certificate in every namespace, also in those that
 * come later. Without them "proa doctor" says, rightly, that no sidecar can start.
 * @param rootCertificate PEM
 * @param ending later namespaces are looked after until then
 */
export async function standInForIstiod(
  client: KubeClient,
  rootCertificate: string,
  ending: AbortSignal,
): Promise<void> {
  const bring = async (namespace: JsonObject): Promise<void> => {
    const name = textAt(namespace, 'metadata', 'name')
    if (name.startsWith('kube-')) return
    await client.apply(root(name, rootCertificate), { fieldManager: 'proa-start' })
  }
  await client.apply(service(), { fieldManager: 'proa-start' })
  const { items } = await client.list(NAMESPACES)
  await Promise.all(items.map(bring))
  if (ending.aborted) return
  const watching = watchObjects(client, NAMESPACES, {
    changed(now, before) {
      // One that is gone again before it has its certificate needs none.
      if (now !== undefined && before === undefined) bring(now).catch(() => undefined)
    },
  })
  ending.addEventListener('abort', () => watching.stop(), { once: true })
}

function service(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istiod', namespace: NAMESPACE, annotations: DESCRIPTION },
    spec: {
      ports: [
        { name: 'grpc-xds', port: 15010 },
        { name: 'https-dns', port: 15012 },
      ],
    },
  }
}

function root(namespace: string, rootCertificate: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-ca-root-cert', namespace, annotations: DESCRIPTION },
    data: { 'root-cert.pem': rootCertificate },
  }
}
