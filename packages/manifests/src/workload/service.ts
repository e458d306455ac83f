import type { JsonObject } from '@proa/kube'
import { selectorLabels } from '../labels.ts'
import { namespaced } from '../metadata.ts'
import { injectorName } from '../names.ts'
import type { Installation } from '../options.ts'
import { METRICS_PORT } from '../ports.ts'

export function service(installation: Installation): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: namespaced(installation, injectorName(installation.revision)),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(installation.revision),
      ports: [
        { name: 'https', port: 443, targetPort: 'https', protocol: 'TCP' },
        { name: 'http-metrics', port: METRICS_PORT, targetPort: 'http-metrics', protocol: 'TCP' },
      ],
    },
  }
}

/** At most one replica is taken away at a time. With a single replica, a drain of its node goes through all the same. */
export function disruptionBudget(installation: Installation): JsonObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: namespaced(installation, injectorName(installation.revision)),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(installation.revision) },
      // A replica that is not ready anyway must not hold up the drain of its node.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }
}
