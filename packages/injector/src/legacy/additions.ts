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
import { withoutLaterFields } from './kubernetes-fields.ts'

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
  const rewrite = own(result, 'rewriteAppHTTPProbe') ?? false
  if (typeof rewrite !== 'boolean') throw invalid('rewriteAppHTTPProbe is neither true nor false')
  return { pod: { spec: readSpec(result) }, rewriteAppHTTPProbe: rewrite }
}

function readSpec(result: JsonObject): JsonObject {
  const spec: MutableJsonObject = {}
  for (const key of ADDED) {
    const value = own(result, key)
    if (value !== undefined && value !== null) spec[key] = value
  }
  try {
    return readTyped('v1.PodSpec', coerceScalars('v1.PodSpec', withoutLaterFields('v1.PodSpec', spec))) as JsonObject
  } catch (cause) {
    if (!(cause instanceof TypedError)) throw cause
    throw invalid(`error unmarshaling JSON: ${cause.message}`, cause)
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function invalid(reason: string, cause?: unknown): InjectionError {
  return new InjectionError(
    'TemplateOutputInvalid',
    `failed parsing generated injected YAML (check Istio sidecar injector configuration): ${reason}`,
    { path: 'config.template', ...(cause === undefined ? {} : { cause }) },
  )
}
