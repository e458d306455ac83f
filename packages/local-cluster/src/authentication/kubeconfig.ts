import { dumpYaml } from '@proa/kube'
import type { IssuedCertificate } from '@proa/pki'

export interface KubeconfigFacts {
  readonly url: string
  /** PEM */
  readonly ca: string
  readonly client: IssuedCertificate
}

const NAME = 'local-cluster'

/** A kubeconfig with everything in it: no other file is needed. */
export function kubeconfigText({ url, ca, client }: KubeconfigFacts): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return dumpYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: 'kubernetes-admin', namespace: 'default' } }],
    'current-context': NAME,
    users: [
      {
        name: 'kubernetes-admin',
        user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.privateKey) },
      },
    ],
  })
}
