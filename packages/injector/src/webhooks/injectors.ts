import {
  getOwn,
  isObject,
  type JsonObject,
  type LabelMap,
  type MutatingWebhook,
  type MutatingWebhookConfiguration,
  parseLabelSelector,
  readWebhookConfiguration,
  SelectorError,
} from '@proa/kube'
import { DEFAULT_REVISION, LABEL } from '../names.ts'
import type { InjectorWebhook } from './types.ts'

const NAME_SUFFIX = 'sidecar-injector.istio.io'
const TAG_LABEL = 'istio.io/tag'
/** `istioctl tag set default` gives the old default webhook a selector that no label meets. */
const DEACTIVATED_LABEL = 'istio.io/deactivated'

/** The injectors among the webhooks, in the order of the configurations given. */
export function findInjectors(configurations: readonly MutatingWebhookConfiguration[]): InjectorWebhook[] {
  return configurations.flatMap((json) => {
    const known = alreadyFound.get(json)
    if (known !== undefined) return known
    const fresh = injectorsOf(json)
    alreadyFound.set(json, fresh)
    return fresh
  })
}

/** A few configurations are asked about thousands of Pods. */
const alreadyFound = new WeakMap<MutatingWebhookConfiguration, readonly InjectorWebhook[]>()

function injectorsOf(json: MutatingWebhookConfiguration): InjectorWebhook[] {
  const configuration = readWebhookConfiguration(json)
  return configuration.webhooks.flatMap((webhook, index) => {
    const recognisedBy = recognise(webhook, configuration.labels)
    if (recognisedBy === undefined) return []
    const tag = label(configuration.labels, TAG_LABEL)
    return [
      {
        configuration: configuration.name,
        webhook: webhook.name,
        index,
        recognisedBy,
        revision: label(configuration.labels, LABEL.revision) ?? DEFAULT_REVISION,
        ...(tag === undefined ? {} : { tag }),
        deactivated: isDeactivated(webhook),
        ...readTarget(webhook.clientConfig),
      },
    ]
  })
}

/** The name is Istio's own test; labels and path are for injectors under another name, if they are about Pods. */
function recognise(webhook: MutatingWebhook, labels: LabelMap): InjectorWebhook['recognisedBy'] | undefined {
  if (webhook.name.endsWith(NAME_SUFFIX)) return 'name'
  const aboutPods = webhook.rules.some((rule) => rule.resources.includes('pods') || rule.resources.includes('*'))
  if (!aboutPods) return undefined
  if (label(labels, LABEL.revision) !== undefined || label(labels, 'app') === 'sidecar-injector') return 'labels'
  const path = readTarget(webhook.clientConfig).service?.path ?? ''
  return path === '/inject' || path.startsWith('/inject/') ? 'path' : undefined
}

/** An own label that is not empty. */
function label(labels: LabelMap, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] || undefined : undefined
}

function isDeactivated(webhook: MutatingWebhook): boolean {
  return [webhook.namespaceSelector, webhook.objectSelector].some((json) => {
    try {
      const { requirements } = parseLabelSelector(json)
      return requirements.some(({ key, operator }) => key === DEACTIVATED_LABEL && operator === 'In')
    } catch (error) {
      if (error instanceof SelectorError) return false
      throw error
    }
  })
}

function readTarget(clientConfig: JsonObject): Pick<InjectorWebhook, 'service' | 'url'> {
  const text = (object: JsonObject, key: string): string => {
    const value = getOwn(object, key)
    return typeof value === 'string' ? value : ''
  }
  const url = text(clientConfig, 'url')
  const service = getOwn(clientConfig, 'service')
  if (!isObject(service)) return url === '' ? {} : { url }
  const [namespace, name, path] = [text(service, 'namespace'), text(service, 'name'), text(service, 'path')]
  return { service: { namespace, name, path: path || '/' } }
}
