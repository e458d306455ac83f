import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { textAt } from '../installation/objects.ts'

const NAMESPACE = 'istio-system'
const DESCRIPTION = { 'kubernetes.io/description': 'In the local cluster no istiod runs and no proxy connects to one.' }

/**
 * What sidecars look for and istiod would bring: its Service, and its root certificate in every namespace. Without them
 * "proa doctor" says, rightly, that no sidecar can start.
 * @param rootCertificate PEM
 */
export async function standInForIstiod(client: KubeClient, rootCertificate: string): Promise<void> {
  await client.apply(service(), { fieldManager: 'proa-start' })
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Namespace' })
  const names = items.map((item) => textAt(item, 'metadata', 'name')).filter((name) => !name.startsWith('kube-'))
  await Promise.all(names.map((name) => client.apply(root(name, rootCertificate), { fieldManager: 'proa-start' })))
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
