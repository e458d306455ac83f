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

/** `stringData` is for writing only: it ends up in `data`. */
export function fillSecret(secret: Draft): void {
  if (textIn(secret, 'type') === '') setOwn(secret, 'type', 'Opaque')
  const texts = part(secret, 'stringData')
  if (texts === undefined) return
  const data = Object.entries(texts).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  if (data.length > 0) {
    const all = partOrEmpty(secret, 'data')
    for (const [key, text] of data) setOwn(all, key, Buffer.from(text, 'utf8').toString('base64'))
  }
  delete secret.stringData
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
  const spec = partOrEmpty(autoscaler, 'spec')
  fill(spec, 'minReplicas', 1)
  const target = { type: 'Utilization', averageUtilization: 80 }
  const isV2 = textIn(autoscaler, 'apiVersion') === 'autoscaling/v2'
  if (isV2 && parts(spec, 'metrics').length === 0) {
    setOwn(spec, 'metrics', [{ type: 'Resource', resource: { name: 'cpu', target } }])
  }
}

export function fillPriorityClass(priorityClass: Draft): void {
  fill(priorityClass, 'preemptionPolicy', 'PreemptLowerPriority')
}

/** Names that follow from the kind. */
export function fillDefinition(definition: Draft): void {
  const spec = partOrEmpty(definition, 'spec')
  const names = partOrEmpty(spec, 'names')
  const kind = textIn(names, 'kind')
  if (textIn(names, 'singular') === '') setOwn(names, 'singular', kind.toLowerCase())
  if (textIn(names, 'listKind') === '' && kind !== '') setOwn(names, 'listKind', `${kind}List`)
  fill(spec, 'conversion', { strategy: 'None' })
}
