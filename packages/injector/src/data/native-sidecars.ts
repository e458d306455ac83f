import type { JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import type { Configuration } from '../config/types.ts'
import { parseBool } from '../finish/parse-bool.ts'
import { objectOf, textOf } from './fields.ts'

/** Name of Istio's switch for native sidecars. */
export const NATIVE_SIDECARS_VARIABLE = 'ENABLE_NATIVE_SIDECARS'
/** Native sidecars are stable in Kubernetes since 1.33. */
const FIRST_KUBELET_MINOR = 33

/** Whether istio-proxy of this Pod is an init container that keeps running, as far as the cluster has a say. */
export function nativeSidecarsFor(pod: JsonObject, configuration: Configuration): boolean {
  const { minor } = configuration
  if (!behaves(minor, 'nativeSidecars')) return false
  const { nativeSidecars, nodes } = configuration
  if (nativeSidecars !== 'auto') return nativeSidecars
  if (!behaves(minor, 'nativeSidecarsByNode') || nodes === undefined) return false
  const name = textOf(objectOf(pod, 'spec'), 'nodeName')
  const own = name === '' ? undefined : nodes.find((node) => textOf(objectOf(node, 'metadata'), 'name') === name)
  return own === undefined ? nodes.every(supportsNativeSidecars) : supportsNativeSidecars(own)
}

function supportsNativeSidecars(node: JsonObject): boolean {
  const version = textOf(objectOf(objectOf(node, 'status'), 'nodeInfo'), 'kubeletVersion')
  const minor = /^v?\d+\.(\d+)/.exec(version)?.[1]
  return minor !== undefined && Number(minor) >= FIRST_KUBELET_MINOR
}

/** Reads the switch as that release does: `auto` only where it is known, and anything else is off. */
export function readNativeSidecars(text: string | undefined, minor: number): boolean | 'auto' {
  if (!behaves(minor, 'nativeSidecarsByNode')) return parseBool(text ?? '') ?? false
  if (text === undefined || text === '' || text === 'auto') return 'auto'
  return text === 'true'
}
