import { isObject, type Json, type JsonObject } from '@proa/kube'
import { containersOf } from '../data/fields.ts'
import { ANNOTATION, CONTAINER, ENV, LABEL, MERGED_STATS_PATH } from '../names.ts'
import type { InjectionStatus } from '../overlay/status.ts'
import { entriesOf, withEntries } from '../pod/edit.ts'
import { variableOf } from './probes.ts'

export interface RestoreContext {
  /** istio-proxy as it was injected. */
  readonly proxy: JsonObject | undefined
  readonly status: InjectionStatus
  readonly workloadName: string
}

type Changes = Record<string, string | undefined>

/** Removes the labels and annotations of the injection, and restores the Prometheus annotations that it replaced. */
export function restoreMetadata(pod: JsonObject, context: RestoreContext): JsonObject {
  const unlabelled = withEntries(pod, 'labels', injectedLabels(pod, context))
  return withoutEmptyMetadata(withEntries(unlabelled, 'annotations', annotationChanges(pod, context)))
}

/** Only values that the injection would have written: a label that says something else is the user's. */
function injectedLabels(pod: JsonObject, { proxy, status, workloadName }: RestoreContext): Changes {
  const labels = entriesOf(pod, 'labels')
  const name = (labels['app.kubernetes.io/name'] || labels.app || workloadName) ?? ''
  const written: Readonly<Record<string, readonly (string | undefined)[]>> = {
    [LABEL.tlsMode]: ['istio'],
    'networking.istio.io/tunnel': ['http'],
    [LABEL.canonicalName]: [name, name.slice(0, 63), name.slice(0, 63).replace(/-$/, ''), trimmed(name.slice(0, 63))],
    [LABEL.canonicalRevision]: [labels['app.kubernetes.io/version'] || labels.version || 'latest'],
    // Until 1.10 the revision was a label, and the status did not name it.
    [LABEL.revision]: namesNoRevision(status) ? [labels[LABEL.revision]] : [''],
    [LABEL.network]: [variableOf(proxy, ENV.network)],
  }
  return removals(labels, written)
}

function namesNoRevision({ revision, containers, initContainers }: InjectionStatus): boolean {
  return revision === undefined && containers.length + initContainers.length > 0
}

function trimmed(name: string): string {
  return name.replace(/^[-_.]+|[-_.]+$/g, '')
}

function removals(
  entries: Readonly<Record<string, string>>,
  written: Readonly<Record<string, readonly (string | undefined)[]>>,
): Changes {
  const keys = Object.keys(written).filter((key) => Object.hasOwn(entries, key) && written[key]?.includes(entries[key]))
  return Object.fromEntries(keys.map((key) => [key, undefined]))
}

function annotationChanges(pod: JsonObject, context: RestoreContext): Changes {
  const annotations = entriesOf(pod, 'annotations')
  const first = containersOf(pod, 'containers').find(({ name }) => name !== CONTAINER.proxy)
  // Knative lets the only container go without a name.
  const firstName = first === undefined ? undefined : typeof first.name === 'string' ? first.name : ''
  return {
    ...removals(annotations, {
      'kubectl.kubernetes.io/default-container': [firstName],
      'kubectl.kubernetes.io/default-logs-container': [firstName],
      [ANNOTATION.securePort]: [variableOf(context.proxy, ENV.secureMergedMetricsPort)],
      ...(context.status.initContainers.includes(CONTAINER.validation) ? CNI_DEFAULTS : {}),
    }),
    ...networks(annotations),
    ...prometheus(annotations, context.proxy),
    'istio.io/rev': undefined,
    [ANNOTATION.status]: undefined,
    [ANNOTATION.overrides]: undefined,
  }
}

/** With the CNI plugin the template writes the settings of the capture into annotations; these are their defaults. */
const CNI_DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  [ANNOTATION.interceptionMode]: ['REDIRECT'],
  'traffic.sidecar.istio.io/includeOutboundIPRanges': ['*'],
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': [''],
  'traffic.sidecar.istio.io/includeInboundPorts': ['*'],
  'traffic.sidecar.istio.io/excludeInboundPorts': ['15020'],
}

const NETWORKS = 'k8s.v1.cni.cncf.io/networks'
/** What `appendMultusNetwork` adds, alone, to a list, or to a JSON list. */
const ADDED_NETWORK =
  /(?:, )?(?:default\/)?istio-cni$|, \{"name": "(?:default\/)?istio-cni"(?:, "namespace": "default")?\}(?=\]\s*$)/

function networks(annotations: Readonly<Record<string, string>>): Changes {
  const value = annotations[NETWORKS]
  if (value === undefined || !ADDED_NETWORK.test(value)) return {}
  const rest = value.replace(ADDED_NETWORK, '')
  return { [NETWORKS]: rest === '' ? undefined : rest }
}

function prometheus(annotations: Readonly<Record<string, string>>, proxy: JsonObject | undefined): Changes {
  if (annotations[ANNOTATION.prometheusPath] !== MERGED_STATS_PATH) return {}
  const before = parse(variableOf(proxy, ENV.prometheusAnnotations))
  const targets = before?.targets
  return {
    [ANNOTATION.prometheusScrape]: textOrNothing(before?.scrape),
    [ANNOTATION.prometheusPath]: Array.isArray(targets) ? undefined : textOrNothing(before?.path),
    [ANNOTATION.prometheusPort]: Array.isArray(targets) ? undefined : textOrNothing(before?.port),
    ...(Array.isArray(targets)
      ? { [ANNOTATION.scrapeTargets]: targets.filter(isObject).map(targetText).join(',') }
      : {}),
  }
}

function targetText(target: JsonObject): string {
  return `${String(target.port ?? '')}:${String(target.path ?? '')}`
}

function textOrNothing(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parse(text: string | undefined): JsonObject | undefined {
  try {
    const parsed = JSON.parse(text ?? 'null') as Json
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The injection makes a metadata where there is none. */
function withoutEmptyMetadata(pod: JsonObject): JsonObject {
  const { metadata, ...rest } = pod
  return isObject(metadata) && Object.keys(metadata).length === 0 ? rest : pod
}
