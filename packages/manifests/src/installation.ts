import type { JsonObject } from '@proa/kube'
import { authority } from './authority.ts'
import { configMaps } from './configuration.ts'
import { revisionGuard, tagGuard } from './guard/guard.ts'
import type { Installation, InstallationOptions } from './options.ts'
import { clusterAccess, namespaceAccess, serviceAccount, tagAccess } from './rbac.ts'
import { resolveOptions } from './resolve-options.ts'
import { revisionWebhooks, tagWebhooks } from './webhooks/configuration.ts'
import { deployment } from './workload/deployment.ts'
import { networkPolicy, serviceMonitor } from './workload/network-policy.ts'
import { disruptionBudget, service } from './workload/service.ts'

/**
 * Everything that an installation consists of, in the order in which it is applied: what others need comes first, and
 * the webhooks come last, so that nothing is sent to an injector that is not on its way.
 *
 * The same options give the same objects. `caBundle` is in none of them: the injector owns that field.
 * @throws ManifestsError
 */
export function installationManifests(options: InstallationOptions = {}): JsonObject[] {
  const installation = resolveOptions(options)
  return [
    ...(installation.createNamespace ? [namespaceObject(installation)] : []),
    serviceAccount(installation),
    ...clusterAccess(installation),
    ...namespaceAccess(installation),
    ...authority(installation),
    ...configMaps(installation),
    ...(installation.networkPolicy ? [networkPolicy(installation)] : []),
    service(installation),
    disruptionBudget(installation),
    deployment(installation),
    ...(installation.serviceMonitor ? [serviceMonitor(installation)] : []),
    ...installation.tags.flatMap((tag) => tagAccess(installation, tag)),
    revisionWebhooks(installation),
    ...installation.tags.map((tag) => tagWebhooks(installation, tag)),
    ...revisionGuard(installation),
    ...installation.tags.flatMap((tag) => tagGuard(installation, tag)),
  ]
}

/** What a tag consists of, in the order in which it is applied. */
export function tagManifests(tag: string, options: InstallationOptions = {}): JsonObject[] {
  const installation = resolveOptions({ ...options, tags: [tag] })
  return [...tagAccess(installation, tag), tagWebhooks(installation, tag), ...tagGuard(installation, tag)]
}

/**
 * Only the name: labels of the namespace are its owner's. It is never deleted with the installation.
 */
function namespaceObject({ namespace }: Installation): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
}
