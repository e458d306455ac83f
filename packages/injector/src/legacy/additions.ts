import {
  coerceScalars,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  readTyped,
  TypedError,
} from '@proa/kube'
import { InjectionError } from '../errors.ts'
import { withoutLaterFields } from '../overlay/kubernetes-fields.ts'
import { OLDEST_MINOR } from '../release.ts'

/** What the template of Istio 1.8 wants added to a Pod. */
export interface Additions {
  /** Holds what is added where a Pod would hold it, so that what works on a Pod works on it. */
  readonly pod: JsonObject
  /** Probes go through the agent unless the Pod says otherwise. */
  readonly rewriteAppHTTPProbe: boolean
}

/** `podRedirectAnnot` and `holdApplicationUntilProxyStarts` may be there too, but Istio 1.8 does not use them. */
const ADDED = ['initContainers', 'containers', 'volumes', 'dnsConfig', 'imagePullSecrets'] as const

/**
 * Reads the template's result as Istio 1.8 does: into the Go types of Kubernetes 1.19, scalars becoming text where text
 * is wanted.
 *
 * @param rendered the parsed YAML; null where the template printed nothing
 * @throws InjectionError `TemplateOutputInvalid`
 */
export function readAdditions(rendered: Json): Additions {
  if (rendered !== null && !isObject(rendered)) throw invalid('the rendered text is not an object')
  const result = rendered ?? {}
  return { pod: { spec: readSpec(result) }, rewriteAppHTTPProbe: readRewrite(own(result, 'rewriteAppHTTPProbe')) }
}

function readRewrite(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  const kind = Array.isArray(value) ? 'array' : typeof value
  throw refused(`json: cannot unmarshal ${kind} into Go struct field PodSpec.rewriteAppHTTPProbe of type bool`)
}

function readSpec(result: JsonObject): JsonObject {
  const spec: MutableJsonObject = {}
  for (const key of ADDED) {
    const value = own(result, key)
    if (value !== undefined && value !== null) spec[key] = value
  }
  try {
    return readTyped(
      'v1.PodSpec',
      coerceScalars('v1.PodSpec', withoutLaterFields('v1.PodSpec', spec, OLDEST_MINOR)),
    ) as JsonObject
  } catch (cause) {
    if (!(cause instanceof TypedError)) throw cause
    throw refused(cause.message, cause)
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Go's name of each field: the struct of Istio 1.8 gives its fields no JSON names. */
const GO_NAMES: Readonly<Record<string, string>> = {
  initContainers: 'InitContainers',
  containers: 'Containers',
  volumes: 'Volumes',
  dnsConfig: 'DNSConfig',
  imagePullSecrets: 'ImagePullSecrets',
  rewriteAppHTTPProbe: 'RewriteAppHTTPProbe',
}

/** The message as Istio 1.8 words it, whose struct is no PodSpec and whose Kubernetes had one type for all handlers. */
function refused(message: string, cause?: unknown): InjectionError {
  const text = message
    .replace(/(?<=Go struct field \w+\.)\w+/, (field) =>
      Object.hasOwn(GO_NAMES, field) ? (GO_NAMES[field] ?? field) : field,
    )
    .replace('Go struct field PodSpec.', 'Go struct field SidecarInjectionSpec.')
    .replace(/\.(?:Probe|Lifecycle)Handler\./, '.Handler.')
  return invalid(`error unmarshaling JSON: ${text}`, cause)
}

function invalid(reason: string, cause?: unknown): InjectionError {
  return new InjectionError(
    'TemplateOutputInvalid',
    `failed parsing generated injected YAML (check Istio sidecar injector configuration): ${reason}`,
    { path: 'config.template', ...(cause === undefined ? {} : { cause }) },
  )
}
