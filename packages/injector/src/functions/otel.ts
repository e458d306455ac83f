import { type GoMap, goSprint, type Value } from '@proa/go-template'
import { asStruct } from './struct.ts'

const ANNOTATION_PREFIX = 'resource.opentelemetry.io/service.'
const VERSION_LABEL = 'app.kubernetes.io/version'
const SEMANTIC_CONVENTIONS = 'OTEL_SEMANTIC_CONVENTIONS'

/** What `otelResourceAttributes` reads of a Pod. */
export interface OtelFacts {
  readonly annotations: GoMap
  readonly labels: GoMap
  readonly namespace: string
  readonly containers: readonly { readonly name: string; readonly image: string }[]
}

/**
 * The value of OTEL_RESOURCE_ATTRIBUTES, by OpenTelemetry's rules for Kubernetes: namespace, version and instance of the
 * service, each from its annotation first.
 */
export function otelResourceAttributes({ annotations, labels, namespace, containers }: OtelFacts): string {
  const annotated = (name: string): string => String(annotations.get(`${ANNOTATION_PREFIX}${name}`) ?? '')
  const [first] = containers
  const attributes = {
    'service.namespace': annotated('namespace') || namespace,
    'service.version':
      statedVersion(annotations, labels) ||
      (containers.length === 1 && first !== undefined ? versionOfImage(first.image) : ''),
    'service.instance.id':
      annotated('instance.id') || (first === undefined ? '' : `${namespace}.$(POD_NAME).${first.name}`),
  }
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

function statedVersion(annotations: GoMap, labels: GoMap): string {
  return String(annotations.get(`${ANNOTATION_PREFIX}version`) ?? '') || String(labels.get(VERSION_LABEL) ?? '')
}

/** Whether a call of the function takes an image apart; all else it hands on as it is. */
export function otelReadsImage([mesh, annotations, labels, , containers]: readonly Value[]): boolean {
  if (!enrichesServiceAttributes(mesh) || !Array.isArray(containers) || containers.length !== 1) return false
  return statedVersion(annotations as GoMap, labels as GoMap) === ''
}

/** `tag@digest`, whichever of the two is there. */
function versionOfImage(image: string): string {
  const at = image.indexOf('@')
  const digest = at === -1 ? '' : image.slice(at + 1)
  const name = at === -1 ? image : image.slice(0, at)
  const colon = name.lastIndexOf(':')
  const tag = colon > name.lastIndexOf('/') ? name.slice(colon + 1) : ''
  return [tag, digest].filter((part) => part !== '').join('@')
}

/** Whether an extension provider of the mesh asks for OpenTelemetry's semantic conventions. */
export function enrichesServiceAttributes(mesh: Value): boolean {
  const providers = asStruct(mesh)?.field('ExtensionProviders')
  if (!Array.isArray(providers)) return false
  return providers.some((provider) => {
    const method = asStruct(provider)?.method?.('GetOpentelemetry')
    const enrichment = asStruct(method?.call([]))?.field('ServiceAttributeEnrichment')
    return goSprint([enrichment ?? null]) === SEMANTIC_CONVENTIONS
  })
}
