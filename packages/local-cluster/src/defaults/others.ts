import { setOwn } from '@proa/kube'
import { type Draft, fill, part, partOrEmpty, parts, textIn } from './fill.ts'
import { fillClaim } from './volumes.ts'

/** Every namespace carries its name as a label, so that selectors can ask for it. */
export function fillNamespace(namespace: Draft): void {
  const metadata = partOrEmpty(namespace, 'metadata')
  const name = textIn(metadata, 'name')
  if (name !== '') setOwn(partOrEmpty(metadata, 'labels'), 'kubernetes.io/metadata.name', name)
  partOrEmpty(namespace, 'spec')
  fill(partOrEmpty(namespace, 'status'), 'phase', 'Active')
}

export function fillSecret(secret: Draft): void {
  if (textIn(secret, 'type') === '') setOwn(secret, 'type', 'Opaque')
}

const RBAC = 'rbac.authorization.k8s.io'

/** Users and groups belong to RBAC's group, ServiceAccounts to the core. */
export function fillRoleBinding(binding: Draft): void {
  const reference = part(binding, 'roleRef')
  if (reference !== undefined && textIn(reference, 'apiGroup') === '') setOwn(reference, 'apiGroup', RBAC)
  for (const subject of parts(binding, 'subjects')) {
    const kind = textIn(subject, 'kind')
    if ((kind === 'User' || kind === 'Group') && textIn(subject, 'apiGroup') === '') setOwn(subject, 'apiGroup', RBAC)
  }
}

export function fillPersistentVolumeClaim(claim: Draft): void {
  fillClaim(partOrEmpty(claim, 'spec'))
  fill(partOrEmpty(claim, 'status'), 'phase', 'Pending')
}

export function fillAutoscaler(autoscaler: Draft): void {
  fill(partOrEmpty(autoscaler, 'spec'), 'minReplicas', 1)
}
