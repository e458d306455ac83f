import type { Cluster } from '../cluster/cluster.ts'
import type { Injector } from '../mesh/injectors.ts'
import { makerOf } from './control-plane.ts'
import { type AuthorityCertificates, authorityCertificates } from './places.ts'

/** What the Secrets of the authority behind a webhook hold. Each of proa's injectors has one of its own, named after its Service. */
export function authorityOf(cluster: Cluster, injector: Injector): readonly AuthorityCertificates[] {
  const { service } = injector
  const isProas = makerOf(injector) === 'proa'
  return authorityCertificates(cluster).filter(({ namespace, secret }) => {
    if (namespace !== service?.namespace) return false
    return isProas ? secret === `${service.name}-ca` : !secret.startsWith('proa-injector')
  })
}
