import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { listOf } from '../data/fields.ts'
import { type ContainerList, findSidecar, mapSidecar } from '../pod/edit.ts'

/** What the steps after the templates look at besides the Pod. */
export interface FinishInput {
  readonly minor: number
  /** `defaultConfig.statusPort` of the mesh (kube-inject: with the annotation over it). */
  readonly meshStatusPort: number
  /** `enablePrometheusMerge` of the mesh; undefined when it says nothing. */
  readonly meshMergesPrometheus: boolean | undefined
  /** `sidecarInjectorWebhook.rewriteAppHTTPProbe` of the values. */
  readonly rewritesProbes: boolean
  /** Variables that the webhook's path, the values and the Pod's label set in the proxy. */
  readonly environment: ReadonlyMap<string, string>
}

/** istio-proxy is looked for among the init containers too since it can be one. */
function proxyLists(minor: number): readonly ContainerList[] {
  return behaves(minor, 'initContainerProbes') ? ['containers', 'initContainers'] : ['containers']
}

export function hasProxy(pod: JsonObject, minor: number): boolean {
  return findSidecar(pod, proxyLists(minor)) !== undefined
}

export function mapProxy(pod: JsonObject, minor: number, change: (proxy: JsonObject) => JsonObject): JsonObject {
  return mapSidecar(pod, proxyLists(minor), change)
}

/** Adds a variable at the end, even when one of that name is there: Kubernetes takes the last. */
export function appendEnv(container: JsonObject, name: string, value: string): JsonObject {
  return { ...container, env: [...listOf(container, 'env'), envEntry(name, value)] }
}

/** An empty value is left out, as Go prints it. */
export function envEntry(name: string, value: string): JsonObject {
  return value === '' ? { name } : { name, value }
}

/** The first literal value of a variable of the proxy that is neither empty nor 0. */
export function proxyEnvValue(pod: JsonObject, name: string, minor: number): string | undefined {
  const env = listOf(findSidecar(pod, proxyLists(minor))?.container, 'env')
  const usable = env.filter(isObject).find((entry) => entry.name === name && isSet(entry.value))
  const value = usable?.value
  return typeof value === 'string' ? value : undefined
}

function isSet(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '' && value !== '0'
}
