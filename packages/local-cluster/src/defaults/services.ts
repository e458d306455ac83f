import { getOwn, isArray, setOwn } from '@proa/kube'
import { type Draft, fill, part, partOrEmpty, parts, textIn } from './fill.ts'

const AFFINITY_SECONDS = 10_800

export function fillService(service: Draft): void {
  const spec = partOrEmpty(service, 'spec')
  fill(spec, 'sessionAffinity', 'None')
  fill(spec, 'type', 'ClusterIP')
  if (textIn(spec, 'sessionAffinity') === 'None') delete spec.sessionAffinityConfig
  if (textIn(spec, 'sessionAffinity') === 'ClientIP') {
    fill(partOrEmpty(partOrEmpty(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', AFFINITY_SECONDS)
  }
  for (const port of parts(spec, 'ports')) {
    fill(port, 'protocol', 'TCP')
    const target = getOwn(port, 'targetPort') ?? 0
    const number = getOwn(port, 'port')
    if ((target === 0 || target === '') && number !== undefined) setOwn(port, 'targetPort', number)
  }
  const type = textIn(spec, 'type')
  const outside = isArray(getOwn(spec, 'externalIPs')) && parts(spec, 'externalIPs').length >= 0
  if (type === 'NodePort' || type === 'LoadBalancer' || (outside && type !== 'ExternalName')) {
    fill(spec, 'externalTrafficPolicy', 'Cluster')
  }
  if (type !== 'ExternalName') fill(spec, 'internalTrafficPolicy', 'Cluster')
  if (type === 'LoadBalancer') fill(spec, 'allocateLoadBalancerNodePorts', true)
}

export function fillEndpoints(endpoints: Draft): void {
  for (const subset of parts(endpoints, 'subsets')) {
    for (const port of parts(subset, 'ports')) fill(port, 'protocol', 'TCP')
  }
}

export function fillEndpointSlice(slice: Draft): void {
  for (const endpoint of parts(slice, 'endpoints')) fill(endpoint, 'conditions', {})
  for (const port of parts(slice, 'ports')) {
    fill(port, 'name', '')
    fill(port, 'protocol', 'TCP')
  }
}

/** Egress counts as a type only when it is written. */
export function fillNetworkPolicy(policy: Draft): void {
  const spec = partOrEmpty(policy, 'spec')
  fill(spec, 'podSelector', {})
  const hasEgress = isArray(getOwn(spec, 'egress'))
  if (!isArray(getOwn(spec, 'policyTypes')))
    setOwn(spec, 'policyTypes', hasEgress ? ['Ingress', 'Egress'] : ['Ingress'])
  for (const rule of [...parts(spec, 'ingress'), ...parts(spec, 'egress')]) {
    for (const port of parts(rule, 'ports')) fill(port, 'protocol', 'TCP')
  }
}

export function fillIngress(ingress: Draft): void {
  for (const rule of parts(part(ingress, 'spec'), 'rules')) {
    for (const path of parts(part(rule, 'http'), 'paths')) fill(path, 'pathType', 'ImplementationSpecific')
  }
}
