import { type IstioMinor, LAST_GOGO_MINOR } from './descriptor.ts'
import type { Message } from './read.ts'

/**
 * Istio's built-in defaults (pkg/config/mesh DefaultProxyConfig, DefaultMeshConfig), release by release:
 *
 * | release | change                                                                                       |
 * |---------|----------------------------------------------------------------------------------------------|
 * | 1.9     | no empty envoyMetricsService and envoyAccessLogService any more                              |
 * | 1.11    | provider `envoy`, and it is the default for access logs                                      |
 * | 1.12    | providers `prometheus` and `stackdriver`, no default provider                                |
 * | 1.14    | dnsRefreshRate 60s instead of 5s                                                             |
 * | 1.17    | no parentShutdownDuration, no thriftConfig                                                   |
 * | 1.18    | no concurrency; proxyInboundListenPort and enablePrometheusMerge are set                     |
 * | 1.22    | no zipkin tracing; inboundTrafficPolicy is set                                               |
 */
export function defaultProxyConfig(minor: IstioMinor): Message {
  return {
    configPath: './etc/istio/proxy',
    binaryPath: '/usr/local/bin/envoy',
    serviceCluster: 'istio-proxy',
    drainDuration: '45s',
    ...(minor <= 16 ? { parentShutdownDuration: '60s' } : {}),
    discoveryAddress: 'istiod.istio-system.svc:15012',
    proxyAdminPort: 15000,
    controlPlaneAuthPolicy: 'MUTUAL_TLS',
    statNameLength: 189,
    ...(minor <= 17 ? { concurrency: 2 } : {}),
    ...(minor <= 21 ? { tracing: { zipkin: { address: 'zipkin.istio-system:9411' } } } : {}),
    ...(minor <= 8 ? { envoyAccessLogService: {}, envoyMetricsService: {} } : {}),
    statusPort: 15020,
    terminationDrainDuration: '5s',
  }
}

/** The MeshConfig that a mesh file is laid over; see {@link defaultProxyConfig}. */
export function defaultMeshConfig(minor: IstioMinor): Message {
  return {
    proxyListenPort: 15001,
    ...(minor >= 18 ? { proxyInboundListenPort: 15006 } : {}),
    connectTimeout: '10s',
    protocolDetectionTimeout: '0s',
    ingressClass: 'istio',
    ingressService: 'istio-ingressgateway',
    ingressControllerMode: 'STRICT',
    enableTracing: true,
    defaultConfig: defaultProxyConfig(minor),
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    ...(minor >= 22 ? { inboundTrafficPolicy: {} } : {}),
    enableAutoMtls: true,
    trustDomain: 'cluster.local',
    // Empty, which up to 1.13 was not the same as unset.
    ...(minor <= LAST_GOGO_MINOR ? { trustDomainAliases: [], certificates: [], serviceSettings: [] } : {}),
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    rootNamespace: 'istio-system',
    localityLbSetting: { enabled: true },
    dnsRefreshRate: minor >= 14 ? '60s' : '5s',
    ...(minor <= 16 ? { thriftConfig: {} } : {}),
    ...(minor >= 18 ? { enablePrometheusMerge: true } : {}),
    ...(minor >= 11 ? defaultProviders(minor) : {}),
  }
}

function defaultProviders(minor: IstioMinor): Message {
  const envoy = { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } }
  if (minor === 11) return { defaultProviders: { accessLogging: ['envoy'] }, extensionProviders: [envoy] }
  return {
    defaultProviders: {},
    extensionProviders: [{ name: 'prometheus', prometheus: {} }, { name: 'stackdriver', stackdriver: {} }, envoy],
  }
}
