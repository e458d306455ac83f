import { dumpYaml, isObject, type JsonObject, parseYaml } from '@proa/kube'
import { expect } from 'vitest'
import { outcomeOf, type PodShape, podOf } from '../suite/objects.ts'
import { POLL } from '../suite/start.ts'
import type { Place } from './case.ts'

export const SYSTEM = 'istio-system'
export const CONFIGURATION = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name: 'istio-sidecar-injector',
}
export const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: SYSTEM, name: 'istio-sidecar-injector' }
export const SERVICE = { apiVersion: 'v1', kind: 'Service', namespace: SYSTEM, name: 'proa-injector' }
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
  await place.change(INJECTOR, (deployment) => {
    const spec = deployment.spec as unknown as DeploymentSpec
    const { template } = spec
    const containers = template.spec.containers.map((one) => ({ ...one, args: args(one.args) }))
    return {
      ...deployment,
      spec: {
        ...spec,
        strategy: { type: 'Recreate' },
        replicas: replicas ?? spec.replicas,
        template: { ...template, spec: { ...template.spec, containers } },
      },
    } as JsonObject
  })
  await endInjectors(place)
}

/** Those that run go at once: they do not serve on for a while, as they do when they are asked to go. */
export async function endInjectors({ cluster }: Place): Promise<void> {
  for (const injector of cluster.injectors()) {
    await injector.remove()
    injector.kill()
  }
}
