import { nearest } from '../suggest.ts'

/** The annotations that a Pod can carry for Istio's injector, its agent and its CNI plugin (istio/api, `resources: [Pod]`, and older ones). */
const ON_PODS: readonly string[] = [
  'ambient.istio.io/bypass-inbound-capture',
  'ambient.istio.io/dns-capture',
  'ambient.istio.io/redirection',
  'inject.istio.io/templates',
  'istio.io/reroute-virtual-interfaces',
  'istio.io/rev',
  'prometheus.istio.io/merge-metrics',
  'prometheus.istio.io/scrape-targets',
  'prometheus.istio.io/secure-port',
  'proxy.istio.io/config',
  'proxy.istio.io/overrides',
  'readiness.status.sidecar.istio.io/applicationPorts',
  'readiness.status.sidecar.istio.io/failureThreshold',
  'readiness.status.sidecar.istio.io/initialDelaySeconds',
  'readiness.status.sidecar.istio.io/periodSeconds',
  'sidecar.istio.io/agentLogLevel',
  'sidecar.istio.io/bootstrapOverride',
  'sidecar.istio.io/capNetBindService',
  'sidecar.istio.io/componentLogLevel',
  'sidecar.istio.io/controlPlaneAuthPolicy',
  'sidecar.istio.io/discoveryAddress',
  'sidecar.istio.io/enableCoreDump',
  'sidecar.istio.io/extraStatTags',
  'sidecar.istio.io/inject',
  'sidecar.istio.io/interceptionMode',
  'sidecar.istio.io/logLevel',
  'sidecar.istio.io/nativeSidecar',
  'sidecar.istio.io/proxyCPU',
  'sidecar.istio.io/proxyCPULimit',
  'sidecar.istio.io/proxyImage',
  'sidecar.istio.io/proxyImageType',
  'sidecar.istio.io/proxyMemory',
  'sidecar.istio.io/proxyMemoryLimit',
  'sidecar.istio.io/rewriteAppHTTPProbers',
  'sidecar.istio.io/statsCompression',
  'sidecar.istio.io/statsEvictionInterval',
  'sidecar.istio.io/statsFlushInterval',
  'sidecar.istio.io/statsHistogramBins',
  'sidecar.istio.io/statsHistogramBuckets',
  'sidecar.istio.io/statsInclusionPrefixes',
  'sidecar.istio.io/statsInclusionRegexps',
  'sidecar.istio.io/statsInclusionSuffixes',
  'sidecar.istio.io/status',
  'sidecar.istio.io/userVolume',
  'sidecar.istio.io/userVolumeMount',
  'status.sidecar.istio.io/port',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/excludeInterfaces',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
  'traffic.sidecar.istio.io/includeOutboundPorts',
  'traffic.sidecar.istio.io/kubevirtInterfaces',
]

/** Annotations of other kinds (istio/api, `resources`). `Any` may stand everywhere. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'ambient.istio.io/waypoint-inbound-binding': ['GatewayClass', 'Gateway'],
  'galley.istio.io/analyze-suppress': ['Any'],
  'gateway.istio.io/controller-version': ['Any'],
  'gateway.istio.io/name-override': ['Gateway'],
  'gateway.istio.io/service-account': ['Gateway'],
  'istio.io/autoRegistrationGroup': ['WorkloadEntry'],
  'istio.io/connectedAt': ['WorkloadEntry'],
  'istio.io/disconnectedAt': ['WorkloadEntry'],
  'istio.io/dry-run': ['AuthorizationPolicy'],
  'istio.io/workloadController': ['WorkloadEntry'],
  'networking.istio.io/exportTo': ['Service'],
  'networking.istio.io/service-type': ['Gateway'],
  'networking.istio.io/traffic-distribution': ['Service', 'ServiceEntry', 'Namespace'],
  'topology.istio.io/controlPlaneClusters': ['Namespace'],
  'traffic.istio.io/nodeSelector': ['Service'],
}

/** Deprecated ones (istio/api, `deprecated`), and what does the same now. */
const REPLACED_BY: Readonly<Record<string, string>> = {
  'sidecar.istio.io/discoveryAddress': 'discoveryAddress in proxy.istio.io/config',
  'sidecar.istio.io/extraStatTags': 'extraStatTags in proxy.istio.io/config, or a Telemetry resource',
  'sidecar.istio.io/inject': 'the label sidecar.istio.io/inject',
  'sidecar.istio.io/statsInclusionPrefixes': 'proxyStatsMatcher in proxy.istio.io/config',
  'sidecar.istio.io/statsInclusionRegexps': 'proxyStatsMatcher in proxy.istio.io/config',
  'sidecar.istio.io/statsInclusionSuffixes': 'proxyStatsMatcher in proxy.istio.io/config',
  'traffic.sidecar.istio.io/kubevirtInterfaces': 'istio.io/reroute-virtual-interfaces',
}

export interface AnnotationFacts {
  readonly key: string
  /** Kinds of objects on which it means something; `Any` for all. */
  readonly on: readonly string[]
  /** For a deprecated one: what does the same now. */
  readonly replacedBy?: string
}

const KNOWN: ReadonlyMap<string, AnnotationFacts> = new Map(
  [...ON_PODS.map((key) => [key, ['Pod']] as const), ...Object.entries(ELSEWHERE)].map(([key, on]) => {
    const replacedBy = REPLACED_BY[key]
    return [key, { key, on, ...(replacedBy === undefined ? {} : { replacedBy }) }]
  }),
)

/** What is known of one of Istio's annotations; undefined for all others. */
export function annotationFacts(key: string): AnnotationFacts | undefined {
  return KNOWN.get(key)
}

/** Groups of annotations that only Istio's sidecar uses: an unknown one in them is a mistake. */
const OWN_GROUP = /^(?:inject|proxy|sidecar|(?:readiness\.)?status\.sidecar|traffic\.sidecar|prometheus)\.istio\.io\//

export interface UnknownAnnotation {
  readonly key: string
  readonly suggestion: string | undefined
}

/**
 * Annotations that look like Istio's and are none.
 *
 * @param keys      the keys of a Pod's annotations
 * @param mentioned whether a template of the configuration speaks of the key, which makes it known
 */
export function unknownAnnotations(
  keys: readonly string[],
  mentioned: (key: string) => boolean,
): readonly UnknownAnnotation[] {
  const unknown: UnknownAnnotation[] = []
  for (const key of keys) {
    if (KNOWN.has(key) || !key.includes('istio.io/') || mentioned(key)) continue
    const suggestion = nearest(key, ON_PODS)
    if (suggestion !== undefined || OWN_GROUP.test(key)) unknown.push({ key, suggestion })
  }
  return unknown
}
