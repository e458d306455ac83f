import type { JsonObject } from '@proa/kube'
import { createAuthority } from '@proa/pki'

/** What istiod brings, beside the injector. Proxies do not run here, so nobody connects to it. */
export const ISTIOD: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'istiod', namespace: 'istio-system' },
  spec: {
    ports: [
      { name: 'grpc-xds', port: 15010 },
      { name: 'https-dns', port: 15012 },
    ],
  },
}

const { certificate } = await createAuthority({
  commonName: 'istiod',
  now: new Date(),
  validFor: 365 * 24 * 3600 * 1000,
})

/** In every namespace: what proxies trust. */
export function rootCertificate(namespace: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-ca-root-cert', namespace },
    data: { 'root-cert.pem': certificate },
  }
}
