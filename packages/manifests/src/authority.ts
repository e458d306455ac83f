import type { JsonObject } from '@proa/kube'
import { namespaced } from './metadata.ts'
import { authoritySecretName, leaseName } from './names.ts'
import type { Installation } from './options.ts'

/**
 * The Secret and the Lease of the injector's authority, without content: the injector fills them in and owns their fields,
 * and needs no permission to create Secrets. Applying the manifests again does not touch what is in them.
 */
export function authority(installation: Installation): readonly JsonObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: namespaced(installation, authoritySecretName(installation.revision)),
      type: 'Opaque',
    },
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: namespaced(installation, leaseName(installation.revision)),
    },
  ]
}
