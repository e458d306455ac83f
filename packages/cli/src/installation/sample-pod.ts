import { randomBytes } from 'node:crypto'
import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { type KubeClient, StatusError } from '@proa/kube-client'
import { LABEL, SYSTEM_NAMESPACES } from '@proa/manifests'
import { at, listAt, textAt } from './objects.ts'
import { waitFor } from './wait.ts'

/** What became of a Pod that was created as a dry run. */
export type SampleResult =
  | {
      readonly kind: 'injected'
      readonly containers: readonly string[]
      readonly namespace: string
      readonly revision: string
    }
  /** The cluster let it through without a sidecar. */
  | { readonly kind: 'not-injected'; readonly namespace: string; readonly warnings: readonly string[] }
  /** The cluster refused it, in its own words. */
  | { readonly kind: 'refused'; readonly namespace: string; readonly message: string }

const STATUS_ANNOTATION = 'sidecar.istio.io/status'

/**
 * Creates a Pod that asks for a revision, as a dry run: it goes through all of admission and is then forgotten. It asks
 * by its own label, in a namespace without labels for injection; when there is none, in one that is made for it and deleted.
 */
export async function trySamplePod(client: KubeClient, revision: string, signal: AbortSignal): Promise<SampleResult> {
  const existing = await freeNamespace(client)
  if (existing !== undefined) return sample(client, existing, revision)
  const name = `proa-check-${randomBytes(4).toString('hex')}`
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  try {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: name }
    await waitFor(client, account, (object) => object, signal)
    return await sample(client, name, revision)
  } finally {
    await client.delete({ apiVersion: 'v1', kind: 'Namespace', name })
  }
}

/** One in which the Pod's own label decides; `default` before others. */
async function freeNamespace(client: KubeClient): Promise<string | undefined> {
  const labelSelector = `!${LABEL.injection},!${LABEL.revision}`
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector })
  const names = items
    .filter((item) => textAt(item, 'status', 'phase') !== 'Terminating')
    .filter((item) => !hasPodSecurity(item))
    .map((item) => textAt(item, 'metadata', 'name'))
    .filter((name) => !SYSTEM_NAMESPACES.includes(name))
  return names.includes('default') ? 'default' : names[0]
}

/** A namespace that allows no NET_ADMIN would refuse the sidecar, which says nothing about the injector. */
function hasPodSecurity(namespace: JsonObject): boolean {
  return textAt(namespace, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce') !== ''
}

async function sample(client: KubeClient, namespace: string, revision: string): Promise<SampleResult> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'proa-check-', namespace, labels: { [LABEL.revision]: revision } },
    spec: { containers: [{ name: 'app', image: 'example.invalid/app' }] },
  }
  client.takeWarnings()
  try {
    const created = await client.create(pod, { dryRun: true })
    const status = at(created, 'metadata', 'annotations', STATUS_ANNOTATION)
    if (typeof status !== 'string') return { kind: 'not-injected', namespace, warnings: client.takeWarnings() }
    return { kind: 'injected', namespace, containers: addedContainers(created), revision: revisionIn(status) }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { kind: 'refused', namespace, message: error.message }
  }
}

function addedContainers(pod: JsonObject): string[] {
  const all = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')]
  return all.map((container) => textAt(container, 'name')).filter((name) => name !== 'app')
}

/** The revision that the injector wrote down; empty when the annotation is not as expected. */
export function revisionIn(status: string): string {
  try {
    const value: unknown = JSON.parse(status)
    const revision = isObject(value as JsonObject) ? getOwn(value as JsonObject, 'revision') : undefined
    return typeof revision === 'string' ? revision : ''
  } catch {
    return ''
  }
}
