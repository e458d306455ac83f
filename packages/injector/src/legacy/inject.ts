import type { Json, JsonObject } from '@proa/kube'
import { objectOf } from '../data/fields.ts'
import { setEnvironment } from '../finish/environment.ts'
import { appendEnv, hasProxy, mapProxy } from '../finish/input.ts'
import { applicationProbers, probersText, rewrites, statusPortOf, withAgentHandlers } from '../finish/probes.ts'
import { mergedMetricsAnnotations, mergesMetrics, scrapeSettings } from '../finish/prometheus.ts'
import { ANNOTATION, ENV, PROXY_ID } from '../names.ts'
import { writeStatus } from '../overlay/status.ts'
import { entriesOf, mapContainers, withEntries, withSpec } from '../pod/edit.ts'
import { addAll } from './add.ts'
import { readAdditions } from './additions.ts'
import { withConcurrency } from './concurrency.ts'
import { labelPod } from './labels.ts'
import { withoutInjected } from './previous.ts'

/** The release whose mechanism this is. */
const LEGACY_MINOR = 8

/** What one injection by Istio 1.8 looks at. */
export interface LegacyInput {
  /** The typed Pod of the request, its namespace filled in. */
  readonly pod: JsonObject
  /** The parsed YAML that the template printed. */
  readonly rendered: Json
  /** Goes into the label `istio.io/rev`. */
  readonly revision: string
  /** Names the template in the status annotation, usually {@link templateVersion} of its text. */
  readonly templateVersion: string
  /** What the workload is called where no label names it. */
  readonly workloadName: string
  /** `defaultConfig.statusPort` of the mesh; the annotation `proxy.istio.io/config` has no say in it. */
  readonly meshStatusPort: number
  /** `enablePrometheusMerge` of the mesh; undefined when it says nothing. */
  readonly meshMergesPrometheus: boolean | undefined
  readonly holdApplication: boolean
  /** Whether the Pod gets the proxy's group for its volumes, which tokens needed before Kubernetes 1.19. */
  readonly legacyFSGroup: boolean
  /** Variables to set in the proxy. */
  readonly environment: ReadonlyMap<string, string>
  readonly injectedAnnotations: Readonly<Record<string, string>>
}

/**
 * Injects a Pod as Istio did until 1.8, whose template prints a list of things to add.
 *
 * @returns the typed Pod after Istio's patch
 * @throws InjectionError `TemplateOutputInvalid`
 */
export function injectLegacy(input: LegacyInput): JsonObject {
  const pod = input.legacyFSGroup ? withFSGroup(input.pod) : input.pod
  const { pod: printed, rewriteAppHTTPProbe } = readAdditions(input.rendered)
  const annotations = entriesOf(pod, 'annotations')
  const sized = mapProxy(printed, LEGACY_MINOR, withConcurrency)
  const placed = setEnvironment(sized, { minor: LEGACY_MINOR, environment: input.environment })
  const status = writeStatus(placed, input.revision, LEGACY_MINOR, input.templateVersion)
  const probed = sendProbesToAgent(pod, placed, rewrites(annotations, rewriteAppHTTPProbe), input)
  const metrics = mergesMetrics(annotations, input.meshMergesPrometheus)
  const additions = metrics ? tellOfMetrics(probed.additions, annotations) : probed.additions
  const added = addAll(withoutInjected(probed.pod), {
    original: pod,
    additions,
    holdApplication: input.holdApplication,
  })
  const labelled = labelPod(added, additions, input.revision, input.workloadName)
  return withEntries(labelled, 'annotations', {
    [ANNOTATION.status]: status,
    ...input.injectedAnnotations,
    ...(metrics ? mergedMetricsAnnotations(String(input.meshStatusPort)) : {}),
  })
}

/** The Pod as the template sees it: its volumes belong to the proxy's group. */
export function withFSGroup(pod: JsonObject): JsonObject {
  return withSpec(pod, (spec) => ({
    ...spec,
    securityContext: { ...objectOf(spec, 'securityContext'), fsGroup: Number(PROXY_ID) },
  }))
}

/** Only where the template brings a proxy, whose agent can answer. */
function sendProbesToAgent(
  pod: JsonObject,
  additions: JsonObject,
  wanted: boolean,
  { meshStatusPort }: LegacyInput,
): { readonly pod: JsonObject; readonly additions: JsonObject } {
  if (!wanted || !hasProxy(additions, LEGACY_MINOR)) return { pod, additions }
  const probers = applicationProbers(pod, meshStatusPort, LEGACY_MINOR)
  const port = statusPortOf(entriesOf(pod, 'annotations'), meshStatusPort)
  const told = (proxy: JsonObject): JsonObject => appendEnv(proxy, ENV.appProbers, probersText(probers))
  return {
    pod: mapContainers(pod, 'containers', (container) => withAgentHandlers(container, port, LEGACY_MINOR)),
    additions: Object.keys(probers).length === 0 ? additions : mapProxy(additions, LEGACY_MINOR, told),
  }
}

function tellOfMetrics(additions: JsonObject, annotations: Readonly<Record<string, string>>): JsonObject {
  const settings = scrapeSettings(annotations, LEGACY_MINOR)
  if (settings === undefined) return additions
  return mapProxy(additions, LEGACY_MINOR, (proxy) => appendEnv(proxy, ENV.prometheusAnnotations, settings))
}
