import { deepEqual, isObject, type MutableJsonObject } from '@proa/kube'
import { defaultProxyConfig } from './defaults.ts'
import type { IstioMinor } from './descriptor.ts'
import { PROXY_CONFIG } from './names.ts'
import type { Message } from './read.ts'
import { writeMessage } from './write.ts'

/** The fields that the injector leaves out of PROXY_CONFIG when they equal the built-in default. */
const CLEANED = [
  'configPath',
  'binaryPath',
  'controlPlaneAuthPolicy',
  'serviceCluster',
  'drainDuration',
  'terminationDrainDuration',
  'parentShutdownDuration',
  'discoveryAddress',
  'envoyMetricsService',
  'envoyAccessLogService',
  'tracing',
  'proxyAdminPort',
  'statNameLength',
  'statusPort',
  'concurrency',
]

/**
 * The template function `protoToJSON` for a ProxyConfig: the text of the proxy's env PROXY_CONFIG, without
 * what the agent knows anyway. No message at all (null) is `{}`.
 */
export function proxyConfigToJson(config: Message | null, minor: IstioMinor): string {
  if (config === null) return '{}'
  const defaults = defaultProxyConfig(minor)
  const cleaned: MutableJsonObject = { ...config }
  for (const name of CLEANED) {
    if (Object.hasOwn(cleaned, name) && deepEqual(cleaned[name], defaults[name])) delete cleaned[name]
  }
  const metadata = cleaned.proxyMetadata
  if (isObject(metadata) && Object.keys(metadata).length === 0) delete cleaned.proxyMetadata
  return writeMessage(PROXY_CONFIG, cleaned)
}
