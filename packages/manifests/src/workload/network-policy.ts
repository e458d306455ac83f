import type { JsonObject } from '@proa/kube'
import { selectorLabels } from '../labels.ts'
import { namespaced } from '../metadata.ts'
import { injectorName } from '../names.ts'
import type { Installation } from '../options.ts'
import { HTTPS_PORT, METRICS_PORT } from '../ports.ts'

/**
 * Only the two ports can be reached. From anywhere: the API server's address is unknown (managed control planes are not
 * in the cluster), and the kubelet's probes come from the node. What goes out is left open for the same reason.
 */
export function networkPolicy(installation: Installation): JsonObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: namespaced(installation, injectorName(installation.revision)),
    spec: {
      podSelector: { matchLabels: selectorLabels(installation.revision) },
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: [
            { port: HTTPS_PORT, protocol: 'TCP' },
            { port: METRICS_PORT, protocol: 'TCP' },
          ],
        },
      ],
    },
  }
}

/** For Prometheus' operator, whose resource definitions have to be there. */
export function serviceMonitor(installation: Installation): JsonObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: namespaced(installation, injectorName(installation.revision)),
    spec: {
      selector: { matchLabels: selectorLabels(installation.revision) },
      namespaceSelector: { matchNames: [installation.namespace] },
      endpoints: [{ port: 'http-metrics', path: '/metrics', interval: '15s' }],
    },
  }
}
