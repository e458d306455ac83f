import type { JsonObject } from '@proa/kube'
import { type KubeClient, StatusError } from '@proa/kube-client'

export interface PodShape {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: JsonObject
  readonly owner?: JsonObject
}

export const INJECT = 'sidecar.istio.io/inject'
export const STATUS = 'sidecar.istio.io/status'

export function podOf(name: string, namespace: string, { labels = {}, annotations = {}, spec, owner }: PodShape = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], ...spec },
  }
}

interface PodView {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
  readonly spec: {
    readonly containers: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string }[]
    readonly [key: string]: unknown
  }
}

export const viewOf = (pod: JsonObject): PodView => pod as unknown as PodView

export function containersOf(pod: JsonObject): readonly string[] {
  const { containers, initContainers = [] } = viewOf(pod).spec
  return [...initContainers, ...containers].map(({ name }) => name)
}

/** Injected is both: the proxy is there, and the status says so. */
export function isInjected(pod: JsonObject): boolean {
  const has = containersOf(pod).includes('istio-proxy')
  if (has !== (viewOf(pod).metadata.annotations?.[STATUS] !== undefined)) throw new Error('half injected')
  return has
}

export function revisionOf(pod: JsonObject): string {
  const status = viewOf(pod).metadata.annotations?.[STATUS] ?? '{}'
  return (JSON.parse(status) as { readonly revision?: string }).revision ?? ''
}

/** What the API server says to a creation: the Pod, or the refusal. */
export async function tryCreate(
  client: KubeClient,
  object: JsonObject,
  dryRun = true,
): Promise<{ readonly pod: JsonObject } | { readonly refusal: string }> {
  try {
    return { pod: await client.create(object, { dryRun }) }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { refusal: error.message }
  }
}

/** For `expect.poll`: an API server hears of changed webhooks by a watch of its own, and tells nobody when it has. */
export async function outcomeOf(client: KubeClient, object: JsonObject): Promise<string> {
  const result = await tryCreate(client, object)
  if ('refusal' in result) return `refused: ${result.refusal}`
  return isInjected(result.pod) ? `injected by ${revisionOf(result.pod)}` : 'untouched'
}
