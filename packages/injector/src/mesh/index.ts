export { defaultMeshConfig, defaultProxyConfig } from './defaults.ts'
export type { IstioMinor } from './descriptor.ts'
export { canonicalDuration, durationNanoseconds, goDurationText, parseGoDuration } from './duration.ts'
export {
  type EffectiveProxyConfig,
  type EffectiveProxyConfigInput,
  effectiveProxyConfig,
  type ProxyConfigOrigin,
  type ProxyConfigResource,
} from './effective.ts'
export { MeshConfigError } from './error.ts'
export { applyMeshConfig, applyProxyConfigAnnotation, mergeProxyConfig } from './merge.ts'
export { MESH_CONFIG, PROXY_CONFIG, PROXY_CONFIG_RESOURCE } from './names.ts'
export { applyToMessage, type Message, type ReadOptions, readMessage } from './read.ts'
export { messageText, proxyConfigToJson } from './to-json.ts'
export { validateMeshConfig } from './validate-mesh-config.ts'
export { validateProxyConfig, validateProxyConfigAnnotation } from './validate-proxy-config.ts'
export { type InjectorValues, readInjectorValues } from './values.ts'
export { messageView, viewedMessage } from './view.ts'
export { formatDuration } from './view-values.ts'
export { writeMessage } from './write.ts'
