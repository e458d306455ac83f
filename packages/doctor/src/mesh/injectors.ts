import { findInjectors, type InjectorWebhook } from '@proa/injector'
import { type JsonObject, type MutatingWebhook, readWebhookConfiguration } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { nameOf, objectsAt } from '../reading.ts'

/** One entry of a MutatingWebhookConfiguration that injects sidecars. */
export interface Injector extends InjectorWebhook {
  /** The configuration that it stands in. */
  readonly object: JsonObject
  /** The entry as it stands there: `webhooks[index]`. */
  readonly entry: JsonObject
  /** The entry with Kubernetes' defaults. */
  readonly settings: MutatingWebhook
}

/** All injection webhooks of the cluster, deactivated ones too. */
export const injectors: (cluster: Cluster) => readonly Injector[] = remembered((cluster) =>
  cluster.all('MutatingWebhookConfiguration').flatMap((object) => {
    const read = readWebhookConfiguration(object)
    return findInjectors([object]).flatMap((injector) => {
      const entry = objectsAt(object, 'webhooks')[injector.index]
      const settings = read.webhooks[injector.index]
      return entry !== undefined && settings !== undefined ? [{ ...injector, object, entry, settings }] : []
    })
  }),
)

/** Where an injector's entry stands: `istio-sidecar-injector/rev.namespace.sidecar-injector.istio.io`. */
export function injectorTitle({ object, webhook }: Injector): string {
  return `${nameOf(object)}/${webhook}`
}
