import { dumpYaml, isObject, type JsonObject, parseYaml } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { expect } from 'vitest'
import type { Injector } from '../harness/cluster.ts'
import { untilAll } from '../harness/until.ts'
import { outcomeOf, type PodShape, podOf } from '../suite/objects.ts'
import { POLL } from '../suite/start.ts'
import type { Place } from './case.ts'
import { refOf } from './stage.ts'

export const SYSTEM = 'istio-system'
export const CONFIGURATION = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name: 'istio-sidecar-injector',
}
export const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: SYSTEM, name: 'istio-sidecar-injector' }
export const SERVICE = { apiVersion: 'v1', kind: 'Service', namespace: SYSTEM, name: 'proa-injector' }
export const INJECTOR_PODS = {
  apiVersion: 'v1',
  kind: 'Pod',
  namespace: SYSTEM,
  labelSelector: 'app.kubernetes.io/name=proa-injector',
}
export const INJECTOR = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: SYSTEM, name: 'proa-injector' }

/** Somebody edits the configuration of the injector. */
export function configure(place: Place, more: JsonObject): Promise<void> {
  return place.change(CONFIG_MAP, (map) => {
    const data = map.data as { readonly config: string }
    const config = parseYaml(data.config)
    if (!isObject(config)) throw new Error('no configuration')
    return { ...map, data: { ...data, config: dumpYaml({ ...config, ...more }) } }
  })
}

/** Waits until the injector has heard of it: a Pod would turn out so. */
export async function isSoon({ client, namespace }: Place, outcome: string, shape: PodShape = {}): Promise<void> {
  await expect.poll(() => outcomeOf(client, podOf('probe', namespace, shape)), POLL).toContain(outcome)
}

export type Entry = JsonObject & { readonly clientConfig: JsonObject }

/** The same change of every entry of a webhook configuration. */
export function everyEntry(change: (entry: Entry) => JsonObject): (configuration: JsonObject) => JsonObject {
  return (configuration) => ({ ...configuration, webhooks: (configuration.webhooks as Entry[]).map(change) })
}

/** Of every case. */
export const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }

type Args = readonly string[]
type Container = JsonObject & { readonly args: Args }
interface DeploymentSpec {
  readonly replicas: number
  readonly template: JsonObject & { readonly spec: JsonObject & { readonly containers: readonly Container[] } }
}

/** The webhooks of another revision, in the way of Istio's chart: proa's patcher leaves them alone. */
export async function createStable(place: Place, clientConfig: JsonObject): Promise<void> {
  const { webhooks } = await place.client.get(CONFIGURATION)
  const entries = (webhooks as Entry[]).filter(({ name }) => String(name).startsWith('rev.'))
  const own = entries.map((entry) => {
    const { caBundle: _, ...rest } = entry.clientConfig
    return { ...entry, clientConfig: { ...rest, ...clientConfig } }
  })
  await place.create({
    apiVersion: CONFIGURATION.apiVersion,
    kind: CONFIGURATION.kind,
    metadata: {
      name: 'istio-sidecar-injector-stable',
      labels: { app: 'sidecar-injector', 'istio.io/rev': 'stable', 'operator.istio.io/component': 'Pilot' },
    },
    webhooks: JSON.parse(JSON.stringify(own).replaceAll('"values":["default"]', '"values":["stable"]')),
  })
}

/** Changes the injector's Deployment; nothing is left of the Pods that were there. */
export async function changeInjector(
  place: Place,
  { replicas, args = (now) => now }: { readonly replicas?: number; readonly args?: (now: Args) => Args },
): Promise<void> {
  const before = place.cluster.injectors()
  await place.change(INJECTOR, (deployment) => {
    const spec = deployment.spec as unknown as DeploymentSpec
    const { template } = spec
    const containers = template.spec.containers.map((one) => ({ ...one, args: args(one.args) }))
    return {
      ...deployment,
      spec: {
        ...spec,
        replicas: replicas ?? spec.replicas,
        template: { ...template, spec: { ...template.spec, containers } },
      },
    } as JsonObject
  })
  await endThose(place.client, before)
}

/** Those that run are made anew. */
export async function endInjectors({ client, cluster }: Place): Promise<void> {
  const before = cluster.injectors()
  for (const injector of before) await injector.remove()
  await endThose(client, before)
}

/** As soon as they are asked to go, they do: they do not serve on for a while. */
export async function endThose(client: KubeClient, injectors: readonly Injector[]): Promise<void> {
  const names = new Set(injectors.map(({ name }) => name))
  const isOneOfThem = (pod: JsonObject): boolean => names.has(refOf(pod).name)
  const stays = (pod: JsonObject): boolean =>
    isOneOfThem(pod) && (pod.metadata as JsonObject).deletionTimestamp === undefined
  await untilAll(client, INJECTOR_PODS, 'the injectors to be asked to go', (all) => !all.some(stays))
  for (const injector of injectors) injector.kill()
  await untilAll(client, INJECTOR_PODS, 'the injectors to be gone', (all) => !all.some(isOneOfThem))
}
