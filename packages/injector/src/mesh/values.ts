import { goSprint, type Value } from '@proa/go-template'
import { isObject, type Json } from '@proa/kube'
import { MeshConfigError, withPrefix } from './error.ts'
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
  const global = child(values, 'global')
  const proxy = child(global, 'proxy')
  return {
    clusterName: text(child(global, 'multiCluster'), 'clusterName'),
    network: text(global, 'network'),
    hub: text(global, 'hub'),
    tag: global.tag === undefined ? '' : goSprint([global.tag as Value]),
    variant: text(global, 'variant'),
    proxyImage: text(proxy, 'image'),
    proxyInitImage: text(child(global, 'proxy_init'), 'image'),
    holdApplicationUntilProxyStarts: proxy.holdApplicationUntilProxyStarts === true,
    rewriteAppHTTPProbe: child(values, 'sidecarInjectorWebhook').rewriteAppHTTPProbe === true,
  }
}

function read(tree: Json): Message {
  try {
    return readMessage(VALUES, tree)
  } catch (error) {
    throw error instanceof MeshConfigError ? withPrefix('could not parse configuration values: ', error) : error
  }
}

function child(message: Message, name: string): Message {
  const value = message[name]
  return isObject(value) ? value : {}
}

function text(message: Message, name: string): string {
  const value = message[name]
  return typeof value === 'string' ? value : ''
}
