import { type GoInteger, goKind, goTypeName, isHostObject, type Value } from '@proa/go-template'
import { deepEqual, isObject, type Json, type MutableJsonObject } from '@proa/kube'
import { defaultProxyConfig } from './defaults.ts'
import type { IstioMinor } from './descriptor.ts'
import { PROXY_CONFIG } from './names.ts'
import type { Message } from './read.ts'
import { viewedMessage } from './view.ts'
import { writeJson, writeMessage } from './write.ts'

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
  if (minor >= 9 && isObject(metadata) && Object.keys(metadata).length === 0) delete cleaned.proxyMetadata
  return writeMessage(PROXY_CONFIG, cleaned)
}

/**
 * The template function `protoToJSON` for whatever a template passes: a ProxyConfig without its defaults,
 * other messages in full, nil as `{}`.
 *
 * @throws Error for a value that is no message
 */
export function messageText(value: Value, minor: IstioMinor): string {
  if (value === null || value === undefined) return '{}'
  const viewed = viewedMessage(value)
  if (viewed !== undefined) {
    const { name, message } = viewed
    return name === PROXY_CONFIG ? proxyConfigToJson(message, minor) : writeMessage(name, message)
  }
  if (isHostObject(value)) {
    if (value[goKind] === 'nil-pointer') return '{}'
    // Wrappers and durations.
    if (value[goKind] === 'struct' && value.json !== undefined) return textOf(value.json())
  }
  throw new Error(`wrong type for value; expected protoreflect.ProtoMessage; got ${goTypeName(value)}`)
}

function textOf(value: Value): string {
  if (isHostObject(value)) return value[goKind] === 'integer' ? integerText(value) : '{}'
  return writeJson(value as Json)
}

function integerText({ type, value }: GoInteger): string {
  return type.endsWith('64') ? `"${value}"` : String(value)
}
