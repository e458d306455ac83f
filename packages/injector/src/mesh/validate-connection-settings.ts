import { durationOf } from './message-access.ts'
import { type Problems, problemList } from './problems.ts'
import type { Message } from './read.ts'

type Rule = readonly [jsonName: string, protoName: string, least: number, text: string]

const SIZES: readonly Rule[] = [
  ['listenerPerConnectionBufferLimitBytes', 'listener_per_connection_buffer_limit_bytes', 0, 'must be non-negative'],
  ['clusterPerConnectionBufferLimitBytes', 'cluster_per_connection_buffer_limit_bytes', 0, 'must be non-negative'],
]
const TIMEOUTS = [
  ['httpIdleTimeout', 'http_idle_timeout'],
  ['httpMaxConnectionDuration', 'http_max_connection_duration'],
  ['httpDrainTimeout', 'http_drain_timeout'],
  ['httpRequestTimeout', 'http_request_timeout'],
  ['httpRequestHeadersTimeout', 'http_request_headers_timeout'],
  ['httpStreamIdleTimeout', 'http_stream_idle_timeout'],
  ['httpMaxStreamDuration', 'http_max_stream_duration'],
] as const
const LIMITS: readonly Rule[] = [
  ['httpMaxConcurrentStreams', 'http_max_concurrent_streams', 1, 'must be positive'],
  ['http2InitialStreamWindowSize', 'http2_initial_stream_window_size', 65535, 'must be at least 65535'],
  ['http2InitialConnectionWindowSize', 'http2_initial_connection_window_size', 65535, 'must be at least 65535'],
  ['listenerConnectionLimit', 'listener_connection_limit', 1, 'must be positive'],
  ['globalDownstreamConnectionLimit', 'global_downstream_connection_limit', 1, 'must be positive'],
]

/** ProxyConfig.connectionSettings (1.31); unset fields are fine. */
export function checkConnectionSettings(settings: Message): Problems {
  const tooShort = TIMEOUTS.filter(([name]) => durationOf(settings, name) < 0n)
  return problemList([
    ...tooSmall(settings, SIZES),
    ...tooShort.map(([, name]) => `${name} must be non-negative`),
    ...tooSmall(settings, LIMITS),
  ])
}

function tooSmall(settings: Message, rules: readonly Rule[]): readonly string[] {
  return rules
    .filter(([name, , least]) => {
      const value = settings[name]
      return typeof value === 'number' && value < least
    })
    .map(([, name, , text]) => `${name} ${text}`)
}
