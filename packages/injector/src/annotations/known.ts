import { nearest } from '../suggest.ts'

/** The annotations that a Pod can carry for Istio's injector, its agent and its CNI plugin (istio/api, `resources: [Pod]`, and older ones). */
const KNOWN: readonly string[] = [
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
  'traffic.istio.io/nodeSelector',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/excludeInterfaces',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
  'traffic.sidecar.istio.io/includeOutboundPorts',
  'traffic.sidecar.istio.io/kubevirtInterfaces',
]

const KNOWN_SET: ReadonlySet<string> = new Set(KNOWN)

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
    if (KNOWN_SET.has(key) || !key.includes('istio.io/') || mentioned(key)) continue
    const suggestion = nearest(key, KNOWN)
    if (suggestion !== undefined || OWN_GROUP.test(key)) unknown.push({ key, suggestion })
  }
  return unknown
}
