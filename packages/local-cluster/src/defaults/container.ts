import { canonicalQuantity, getOwn, isObject, type Json, setOwn } from '@proa/kube'
import { type Draft, fill, part, parts, textIn } from './fill.ts'

/** Defaults of one container (core/v1 defaults: Container, Probe, ContainerPort, HTTPGetAction …). */
export function fillContainer(container: Draft): void {
  fill(container, 'terminationMessagePath', '/dev/termination-log')
  fill(container, 'terminationMessagePolicy', 'File')
  if (textIn(container, 'imagePullPolicy') === '')
    setOwn(container, 'imagePullPolicy', pullPolicy(textIn(container, 'image')))
  for (const port of parts(container, 'ports')) fill(port, 'protocol', 'TCP')
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) fillProbe(part(container, probe))
  const lifecycle = part(container, 'lifecycle')
  for (const hook of ['postStart', 'preStop']) fillHttpGet(part(part(lifecycle, hook), 'httpGet'))
  for (const variable of parts(container, 'env')) {
    const from = part(variable, 'valueFrom')
    const field = part(from, 'fieldRef')
    if (field !== undefined) fill(field, 'apiVersion', 'v1')
    const resource = part(from, 'resourceFieldRef')
    if (resource !== undefined) fill(resource, 'divisor', '0')
    const file = part(from, 'fileKeyRef')
    if (file !== undefined) fill(file, 'optional', false)
  }
  fill(container, 'resources', {})
  spellQuantities(part(container, 'resources'))
  const security = part(container, 'securityContext')
  if (security !== undefined && getOwn(security, 'procMount') === null) delete security.procMount
}

/** No tag, or `latest`, means Always; a tag or a digest means IfNotPresent. */
export function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1)
  if (name.includes('@')) return 'IfNotPresent'
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

/** What is limited and not requested is requested as much as it is limited. */
export function fillRequests(resources: Draft | undefined): void {
  const limits = resources === undefined ? undefined : part(resources, 'limits')
  if (resources === undefined || limits === undefined || Object.keys(limits).length === 0) return
  fill(resources, 'requests', {})
  const requests = part(resources, 'requests')
  if (requests === undefined) return
  for (const [name, amount] of Object.entries(limits)) {
    if (!Object.hasOwn(requests, name)) setOwn(requests, name, amount)
  }
}

/** Amounts are stored as Kubernetes spells them: `1000m` becomes `1`. */
export function spellQuantities(resources: Draft | undefined): void {
  for (const key of ['limits', 'requests']) {
    const amounts = part(resources, key)
    for (const [name, amount] of Object.entries(amounts ?? {})) {
      if (amounts !== undefined) setOwn(amounts, name, spelled(amount))
    }
  }
}

function spelled(amount: Json): Json {
  if (typeof amount !== 'string' && typeof amount !== 'number') return amount
  try {
    return canonicalQuantity(String(amount))
  } catch {
    return amount
  }
}

function fillProbe(probe: Draft | undefined): void {
  if (probe === undefined) return
  const numbers = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
  // Zero is "not set" for these.
  for (const [key, value] of Object.entries(numbers)) if ((getOwn(probe, key) ?? 0) === 0) setOwn(probe, key, value)
  fillHttpGet(part(probe, 'httpGet'))
  const grpc = part(probe, 'grpc')
  if (grpc !== undefined) fill(grpc, 'service', '')
}

function fillHttpGet(action: Draft | undefined): void {
  if (action === undefined) return
  if (textIn(action, 'path') === '') setOwn(action, 'path', '/')
  if (textIn(action, 'scheme') === '') setOwn(action, 'scheme', 'HTTP')
  for (const header of parts(action, 'httpHeaders')) if (isObject(header)) fill(header, 'value', '')
}
