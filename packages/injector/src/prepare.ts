import { isObject, type JsonObject } from '@proa/kube'
import { behaves } from './behaviour.ts'
import type { Configuration } from './config/types.ts'
import { estimatedConcurrency } from './data/concurrency.ts'
import { annotationOf, labelOf, objectOf, textOf } from './data/fields.ts'
import { type ImageSettings, proxyImage, proxyInitImage } from './data/images.ts'
import { nativeSidecarsFor } from './data/native-sidecars.ts'
import { proxyIds } from './data/openshift.ts'
import { ownerOf } from './data/owner.ts'
import { environmentFromPath } from './data/path-environment.ts'
import type { TemplateInput } from './data/template-data.ts'
import { annotationPath, InjectionError } from './errors.ts'
import {
  applyProxyConfigAnnotation,
  type EffectiveProxyConfig,
  effectiveProxyConfig,
  MeshConfigError,
  type Message,
  type ProxyConfigResource,
} from './mesh/index.ts'
import { ANNOTATION, ENV, LABEL } from './names.ts'
import { entriesOf } from './pod/edit.ts'
import type { InjectionRequest } from './request.ts'

/** Everything about one request that templates and finishing look at besides the Pod. */
export interface PreparedInjection {
  readonly proxyConfig: EffectiveProxyConfig
  /** The mesh that finishing looks at. */
  readonly mesh: Message
  /** Variables to set in the proxy. */
  readonly environment: ReadonlyMap<string, string>
  readonly nativeSidecars: boolean
  /** The data of the templates, for the Pod without what an earlier injection added. */
  templateInput(stripped: JsonObject): TemplateInput
}

/** @throws InjectionError where the annotation `proxy.istio.io/config` cannot be read and must be */
export function prepare(pod: JsonObject, request: InjectionRequest, configuration: Configuration): PreparedInjection {
  const { minor } = configuration
  const proxyConfig = proxyConfigOf(pod, request, configuration)
  const mesh = meshOf(pod, request, configuration)
  const nativeSidecars = nativeSidecarsFor(pod, configuration)
  const namespace = textOf(pod.metadata, 'namespace')
  return {
    proxyConfig,
    mesh: finishesWithAnnotation(request, minor) ? mesh : configuration.mesh,
    environment: environmentOf(pod, request, configuration),
    nativeSidecars,
    templateInput: (stripped) => ({
      minor,
      pod: stripped,
      owner: request.owner ?? ownerOf(pod, namespace, minor),
      proxyConfig: proxyConfig.config,
      mesh,
      values: configuration.values,
      changesValues: configuration.changesValues,
      revision: configuration.revision,
      proxyImage: proxyImage(images(configuration), imageType(proxyConfig.config), imageAnnotation(stripped), minor),
      proxyInitImage: proxyInitImage(images(configuration), imageAnnotation(stripped)),
      nativeSidecars,
      ids: proxyIds(configuration.openShift && behaves(minor, 'openShiftIds') ? request.namespaceObject : undefined),
      compliancePolicy: configuration.env('COMPLIANCE_POLICY') ?? '',
      estimatedConcurrency: estimatedConcurrency(
        proxyConfig.config,
        entriesOf(pod, 'annotations'),
        proxyResources(configuration),
      ),
    }),
  }
}

function proxyConfigOf(pod: JsonObject, request: InjectionRequest, configuration: Configuration): EffectiveProxyConfig {
  const annotation = annotationOf(pod.metadata, ANNOTATION.proxyConfig)
  const effective = effectiveProxyConfig(
    {
      mesh: configuration.mesh,
      annotation,
      resources: configuration.proxyConfigs.map(resourceOf),
      labels: entriesOf(pod, 'labels'),
      namespace: textOf(pod.metadata, 'namespace'),
      mode: request.mode === 'manual' ? 'kube-inject' : 'webhook',
    },
    configuration.minor,
  )
  if (effective.annotationError !== undefined && request.mode === 'manual') throw unreadable(effective.annotationError)
  return effective
}

function unreadable(cause: MeshConfigError): InjectionError {
  return new InjectionError('InvalidAnnotation', cause.message, {
    path: annotationPath(ANNOTATION.proxyConfig),
    hint: 'the annotation is YAML of a ProxyConfig',
    cause,
  })
}

function resourceOf(resource: JsonObject): ProxyConfigResource {
  const metadata = resource.metadata
  const created = textOf(metadata, 'creationTimestamp')
  return {
    name: textOf(metadata, 'name'),
    namespace: textOf(metadata, 'namespace'),
    spec: resource.spec ?? {},
    ...(created === '' ? {} : { creationTimestamp: created }),
  }
}

/** kube-inject lays the annotation over the whole mesh (since 1.13); before, only templates saw it so, in the webhook too. */
function meshOf(pod: JsonObject, request: InjectionRequest, { mesh, minor }: Configuration): Message {
  const annotation = annotationOf(pod.metadata, ANNOTATION.proxyConfig)
  const applies = request.mode === 'manual' || !behaves(minor, 'proxyConfigResources')
  if (annotation === undefined || !applies) return mesh
  try {
    return applyProxyConfigAnnotation(mesh, annotation, minor)
  } catch (error) {
    if (error instanceof MeshConfigError) throw unreadable(error)
    throw error
  }
}

function finishesWithAnnotation({ mode }: InjectionRequest, minor: number): boolean {
  return mode === 'manual' && behaves(minor, 'proxyConfigResources')
}

/** The path's variables, the cluster of path or values, and the network of label, path or values. */
function environmentOf(
  pod: JsonObject,
  request: InjectionRequest,
  { typedValues, minor }: Configuration,
): ReadonlyMap<string, string> {
  const environment = environmentFromPath(request.path ?? '', minor)
  const cluster = environment.get(ENV.clusterId) || typedValues.clusterName
  const network = labelOf(pod.metadata, LABEL.network) ?? (environment.get(ENV.network) || typedValues.network)
  if (cluster !== '') environment.set(ENV.clusterId, cluster)
  if (network !== '') environment.set(ENV.network, network)
  return environment
}

function images({ typedValues }: Configuration): ImageSettings {
  const { hub, tag, variant } = typedValues
  return { hub, tag, variant, proxyImage: typedValues.proxyImage, proxyInitImage: typedValues.proxyInitImage }
}

/** undefined without `image`; "" where it has no type. */
function imageType(config: Message): string | undefined {
  const image = objectOf(config, 'image')
  return image === undefined ? undefined : textOf(image, 'imageType')
}

function imageAnnotation(pod: JsonObject): string | undefined {
  return annotationOf(pod.metadata, ANNOTATION.proxyImageType)
}

function proxyResources({ values }: Configuration): JsonObject | undefined {
  const global = (values as JsonObject).global
  return objectOf(isObject(global) ? global.proxy : undefined, 'resources')
}

/** Whether the application waits for the proxy: the Pod's ProxyConfig or the values want it. */
export function holdsApplication({ proxyConfig }: PreparedInjection, { typedValues }: Configuration): boolean {
  return proxyConfig.config.holdApplicationUntilProxyStarts === true || typedValues.holdApplicationUntilProxyStarts
}

/** `defaultConfig.statusPort`; 0 when unset, as a message without the field says. */
export function statusPortOf(mesh: JsonObject): number {
  const port = objectOf(mesh, 'defaultConfig')?.statusPort
  return typeof port === 'number' ? port : 0
}

export function mergesPrometheus(mesh: JsonObject): boolean | undefined {
  const value = mesh.enablePrometheusMerge
  return typeof value === 'boolean' ? value : undefined
}
