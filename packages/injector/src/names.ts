/** Every label, annotation, port, path and container name of Istio's that this package knows, in one place. */

export const LABEL = {
  inject: 'sidecar.istio.io/inject',
  revision: 'istio.io/rev',
  network: 'topology.istio.io/network',
  podTemplateHash: 'pod-template-hash',
  rolloutsPodTemplateHash: 'rollouts-pod-template-hash',
  deploymentConfig: 'deploymentconfig',
  tlsMode: 'security.istio.io/tlsMode',
  canonicalName: 'service.istio.io/canonical-name',
  canonicalRevision: 'service.istio.io/canonical-revision',
} as const

export const ANNOTATION = {
  inject: 'sidecar.istio.io/inject',
  status: 'sidecar.istio.io/status',
  templates: 'inject.istio.io/templates',
  overrides: 'proxy.istio.io/overrides',
  proxyConfig: 'proxy.istio.io/config',
  nativeSidecar: 'sidecar.istio.io/nativeSidecar',
  interceptionMode: 'sidecar.istio.io/interceptionMode',
  proxyImageType: 'sidecar.istio.io/proxyImageType',
  rewriteAppHTTPProbers: 'sidecar.istio.io/rewriteAppHTTPProbers',
  statusPort: 'status.sidecar.istio.io/port',
  mergeMetrics: 'prometheus.istio.io/merge-metrics',
  scrapeTargets: 'prometheus.istio.io/scrape-targets',
  securePort: 'prometheus.istio.io/secure-port',
  prometheusScrape: 'prometheus.io/scrape',
  prometheusPort: 'prometheus.io/port',
  prometheusPath: 'prometheus.io/path',
  sccUidRange: 'openshift.io/sa.scc.uid-range',
  sccSupplementalGroups: 'openshift.io/sa.scc.supplemental-groups',
} as const

export const CONTAINER = {
  proxy: 'istio-proxy',
  init: 'istio-init',
  validation: 'istio-validation',
  enableCoreDump: 'enable-core-dump',
} as const

export const ENV = {
  clusterId: 'ISTIO_META_CLUSTER_ID',
  network: 'ISTIO_META_NETWORK',
  appProbers: 'ISTIO_KUBE_APP_PROBERS',
  prometheusAnnotations: 'ISTIO_PROMETHEUS_ANNOTATIONS',
  secureMergedMetricsPort: 'ENVOY_SECURE_MERGED_METRICS_PORT',
} as const

/** Uid and gid of the proxy unless OpenShift assigns others. */
export const PROXY_ID = 1337n

/** Path of Prometheus' merged statistics on the status port. */
export const MERGED_STATS_PATH = '/stats/prometheus'

/** Ports of the sidecar that a scrape target may not name, and what they serve (the status port is added to them). */
export const RESERVED_PORTS: ReadonlyMap<number, string> = new Map([
  [15000, 'Envoy admin'],
  [15001, 'outbound traffic capture'],
  [15004, 'pilot debug'],
  [15006, 'inbound traffic capture'],
  [15008, 'HBONE tunnel'],
  [15020, 'pilot-agent status / merged Prometheus'],
  [15021, 'Envoy health'],
  [15053, 'DNS proxy'],
  [15090, 'Envoy Prometheus (already merged)'],
])

export const SIDECAR_TEMPLATE = 'sidecar'
export const DEFAULT_REVISION = 'default'
