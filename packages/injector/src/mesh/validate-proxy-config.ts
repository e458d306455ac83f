import { goQuote } from '@proa/go-template'
import type { Json } from '@proa/kube'
import { defaultProxyConfig } from './defaults.ts'
import type { IstioMinor } from './descriptor.ts'
import { goDurationText, SECOND } from './duration.ts'
import { MeshConfigError } from './error.ts'
import { readYaml } from './merge.ts'
import { childOf, durationOf, numberOf, textOf } from './message-access.ts'
import { PROXY_CONFIG } from './names.ts'
import { joined, none, type Problems, prefixed, problem, problemList, problemText } from './problems.ts'
import { applyToMessage, type Message } from './read.ts'
import { checkPort, checkProxyAddress } from './validate-address.ts'
import { checkConnectionSettings } from './validate-connection-settings.ts'
import { checkClientTls } from './validate-tls.ts'

const MILLISECOND = SECOND / 1000n
const HOUR = 3600n * SECOND

/**
 * Istio's ValidateMeshConfigProxyConfig.
 *
 * @returns the error's text (one line per problem under a headline), undefined for a valid config
 */
export function validateProxyConfig(config: Message, minor: IstioMinor): string | undefined {
  return problemText(checkProxyConfig(config, minor))
}

/**
 * The check of the annotation `proxy.istio.io/config`: laid over the defaults it must be readable and give a
 * valid ProxyConfig.
 *
 * @returns the error's text, undefined for a good annotation
 */
export function validateProxyConfigAnnotation(text: string, minor: IstioMinor): string | undefined {
  let config: Message
  try {
    config = applyToMessage(PROXY_CONFIG, defaultProxyConfig(minor), readYaml(text), { minor })
  } catch (error) {
    if (error instanceof MeshConfigError) return `failed to convert to apply proxy config: ${error.message}`
    throw error
  }
  return validateProxyConfig(config, minor)
}

/** As a list, in Istio's order. */
export function checkProxyConfig(config: Message, minor: IstioMinor): Problems {
  const parts = [
    textOf(config, 'configPath') === '' ? problem('config path must be set') : none,
    textOf(config, 'binaryPath') === '' ? problem('binary path must be set') : none,
    checkClusterName(config, minor),
    minor <= 16
      ? prefixed('invalid parent and drain time combination', checkDrain(config, minor))
      : checkDrain(config, minor),
    checkDiscoveryAddress(textOf(config, 'discoveryAddress')),
    checkTracing(childOf(config, 'tracing') ?? {}, minor),
    checkServiceAddresses(config),
    prefixed('invalid proxy admin port:', checkPort(numberOf(config, 'proxyAdminPort'))),
    checkAuthPolicy(config.controlPlaneAuthPolicy, minor),
    minor >= 11 ? prefixed('invalid status port:', checkPort(numberOf(config, 'statusPort'))) : none,
    checkKeyProvider(childOf(config, 'privateKeyProvider'), minor),
    prefixed('invalid connection settings:', checkConnectionSettings(childOf(config, 'connectionSettings') ?? {})),
  ]
  return problemList(joined(parts).errors)
}

function checkClusterName(config: Message, minor: IstioMinor): Problems {
  if (minor < 13) return textOf(config, 'serviceCluster') === '' ? problem('service cluster must be set') : none
  if (config.serviceCluster === '') return problem('service cluster must be specified')
  const named = config.serviceCluster !== undefined || config.tracingServiceName !== undefined
  return named ? none : problem('oneof service cluster or tracing service name must be specified')
}

function checkDrain(config: Message, minor: IstioMinor): Problems {
  const drain = durationOf(config, 'drainDuration')
  const parent = minor <= 16 ? durationOf(config, 'parentShutdownDuration') : undefined
  const malformed = joined([
    prefixed('invalid drain duration:', checkDuration(drain)),
    parent === undefined ? none : prefixed('invalid parent shutdown duration:', checkDuration(parent)),
  ])
  if (malformed.errors.length > 0) return malformed
  const errors: string[] = []
  if (drain % SECOND !== 0n) errors.push('drain time only supports durations to seconds precision')
  if (parent !== undefined) {
    if (parent % SECOND !== 0n) errors.push('parent shutdown time only supports durations to seconds precision')
    if (parent <= drain) {
      errors.push(
        `parent shutdown time ${goDurationText(parent)} must be greater than drain time ${goDurationText(drain)}`,
      )
    }
  }
  if (minor <= 21 && drain > HOUR) errors.push(`drain time ${goDurationText(drain)} must be <1h0m0s`)
  if (parent !== undefined && parent > HOUR) {
    errors.push(`parent shutdown time ${goDurationText(parent)} must be <1h0m0s`)
  }
  return problemList(errors)
}

function checkDiscoveryAddress(address: string): Problems {
  if (address === '') return problem('discovery address must be set to the proxy discovery service')
  return prefixed('invalid discovery address:', checkProxyAddress(address))
}

function checkTracing(tracing: Message, minor: IstioMinor): Problems {
  const lightstep = childOf(tracing, 'lightstep')
  const zipkin = childOf(tracing, 'zipkin')
  const datadog = childOf(tracing, 'datadog')
  const tls = childOf(tracing, 'tlsSettings')
  return joined([
    lightstep === undefined ? none : prefixed('invalid lightstep config:', checkLightstep(lightstep)),
    zipkin === undefined ? none : prefixed('invalid zipkin config:', checkCollector(zipkin)),
    datadog === undefined ? none : prefixed('invalid datadog config:', checkCollector(datadog)),
    tls === undefined ? none : prefixed('invalid tracing TLS config:', checkClientTls(tls, minor)),
  ])
}

function checkLightstep(lightstep: Message): Problems {
  const address = textOf(lightstep, 'address')
  return joined([
    address === '' ? problem('address is required') : none,
    prefixed('invalid lightstep address:', checkProxyAddress(address)),
    textOf(lightstep, 'accessToken') === '' ? problem('access token is required') : none,
  ])
}

/** The agent puts the node's address in the place of `$(HOST_IP)`. */
function checkCollector(collector: Message): Problems {
  return checkProxyAddress(textOf(collector, 'address').replace('$(HOST_IP)', '127.0.0.1'))
}

function checkServiceAddresses(config: Message): Problems {
  const metrics = textOf(config, 'envoyMetricsServiceAddress')
  const metricsService = textOf(childOf(config, 'envoyMetricsService') ?? {}, 'address')
  const accessLog = textOf(childOf(config, 'envoyAccessLogService') ?? {}, 'address')
  return joined([
    checkOptional('statsd udp address', textOf(config, 'statsdUdpAddress')),
    checkOptional('envoy metrics service address', metrics),
    checkOptional('envoy metrics service address', metricsService),
    checkOptional('envoy access log service address', accessLog),
  ])
}

function checkOptional(what: string, address: string): Problems {
  return address === '' ? none : prefixed(`invalid ${what} ${goQuote(address)}:`, checkProxyAddress(address))
}

function checkAuthPolicy(policy: Json | undefined, minor: IstioMinor): Problems {
  if (policy === undefined || policy === 'MUTUAL_TLS') return none
  const found = problem(`unrecognized control plane auth policy ${goQuote(String(policy))}`)
  return minor >= 11 ? prefixed('invalid authentication policy:', found) : found
}

function checkKeyProvider(provider: Message | undefined, minor: IstioMinor): Problems {
  if (provider === undefined) return none
  // Istio's own spelling, up to 1.20.
  const configuration = minor <= 20 ? 'confguration' : 'configuration'
  return prefixed(`invalid private key provider ${configuration}:`, checkPollDelay(provider, configuration))
}

function checkPollDelay(provider: Message, configuration: string): Problems {
  const chosen = childOf(provider, 'cryptomb') ?? childOf(provider, 'qat')
  if (chosen === undefined) {
    return problemList([`private key provider ${configuration} is required`, 'unknown private key provider'])
  }
  if (chosen.pollDelay === undefined) return problemList(['pollDelay is required'])
  return durationOf(chosen, 'pollDelay') === 0n ? problemList(['pollDelay must be non zero']) : none
}

/** At least a millisecond, and nothing finer. */
export function checkDuration(nanoseconds: bigint): Problems {
  if (nanoseconds < MILLISECOND) return problem('duration must be greater than 1ms')
  return nanoseconds % MILLISECOND === 0n ? none : problem('only durations to ms precision are supported')
}
