import { goSprint, type Value } from '@proa/go-template'
import type { Json } from '@proa/kube'
import { MeshConfigError, withPrefix } from './error.ts'
import { childOf, textOf } from './message-access.ts'
import { type Message, readMessage } from './read.ts'

/** What the injector itself (not a template) takes from the Helm values of its configuration. */
export interface InjectorValues {
  /** `global.multiCluster.clusterName` */
  readonly clusterName: string
  /** `global.network` */
  readonly network: string
  /** `global.hub` */
  readonly hub: string
  /** `global.tag` as Go prints it: 11 is `11`, 1.12 is `1.12`, absent is empty, null is `<nil>`. */
  readonly tag: string
  /** `global.variant` */
  readonly variant: string
  /** `global.proxy.image`; empty when unset. */
  readonly proxyImage: string
  /** `global.proxy_init.image`; empty when unset. */
  readonly proxyInitImage: string
  /** `global.proxy.holdApplicationUntilProxyStarts` */
  readonly holdApplicationUntilProxyStarts: boolean
  /** `sidecarInjectorWebhook.rewriteAppHTTPProbe` */
  readonly rewriteAppHTTPProbe: boolean
}

const VALUES = 'istio.operator.v1alpha1.Values'

/**
 * Reads the values tree as Istio's typed `Values` message: unknown keys are fine, a wrong type anywhere in
 * what the message knows is an error, also in fields that are not used here.
 *
 * @throws MeshConfigError `could not parse configuration values: …` with the path
 */
export function readInjectorValues(tree: Json): InjectorValues {
  const values = read(tree)
  const global = childOf(values, 'global') ?? {}
  const proxy = childOf(global, 'proxy') ?? {}
  return {
    clusterName: textOf(childOf(global, 'multiCluster') ?? {}, 'clusterName'),
    network: textOf(global, 'network'),
    hub: textOf(global, 'hub'),
    tag: global.tag === undefined ? '' : goSprint([global.tag as Value]),
    variant: textOf(global, 'variant'),
    proxyImage: textOf(proxy, 'image'),
    proxyInitImage: textOf(childOf(global, 'proxy_init') ?? {}, 'image'),
    holdApplicationUntilProxyStarts: proxy.holdApplicationUntilProxyStarts === true,
    rewriteAppHTTPProbe: childOf(values, 'sidecarInjectorWebhook')?.rewriteAppHTTPProbe === true,
  }
}

function read(tree: Json): Message {
  try {
    return readMessage(VALUES, tree)
  } catch (error) {
    throw error instanceof MeshConfigError ? withPrefix('could not parse configuration values: ', error) : error
  }
}
