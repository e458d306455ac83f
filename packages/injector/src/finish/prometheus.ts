import type { JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { annotationPath, InjectionError } from '../errors.ts'
import { goJson } from '../go-json.ts'
import { ANNOTATION, ENV, MERGED_STATS_PATH, RESERVED_PORTS } from '../names.ts'
import { entriesOf, withEntries } from '../pod/edit.ts'
import { appendEnv, type FinishInput, mapProxy, proxyEnvValue } from './input.ts'
import { parseBool } from './parse-bool.ts'
import { annotationsWithout, prometheusPort, prometheusValue, scrapeValues } from './prometheus-keys.ts'

/** Where the application's own metrics are; what the agent reads from ISTIO_PROMETHEUS_ANNOTATIONS. */
interface ScrapeConfiguration {
  readonly scrape: string
  readonly path: string
  readonly port: string
  readonly targets: readonly ScrapeTarget[]
}

interface ScrapeTarget {
  readonly port: string
  readonly path: string
}

/**
 * Merges the application's metrics with those of the proxy: Prometheus is pointed at the agent, and the agent is told
 * where the application's are.
 *
 * @throws InjectionError `InvalidScrapeTargets` where the application names a port of the sidecar's own
 */
export function mergePrometheus(pod: JsonObject, input: FinishInput): JsonObject {
  const { minor } = input
  const annotations = entriesOf(pod, 'annotations')
  if (behaves(minor, 'anySpellingOfPrometheus') && !scrapes(annotations, minor)) return pod
  if (!mergesMetrics(annotations, input.meshMergesPrometheus)) return pod
  const statusPort = String(input.meshStatusPort)
  // Set already: by an earlier injection, or by a user who knows better.
  if (prometheusPort(annotations, minor) === statusPort) return pod
  if (behaves(minor, 'scrapeTargets')) checkPorts(readScrapeConfiguration(annotations, minor), statusPort)
  const told = scrapeSettings(annotations, minor)
  const informed =
    told === undefined ? pod : mapProxy(pod, minor, (proxy) => appendEnv(proxy, ENV.prometheusAnnotations, told))
  return withEntries(informed, 'annotations', {
    ...annotationsWithout(annotations, minor),
    ...mergedMetricsAnnotations(statusPort),
  })
}

/** The text of ISTIO_PROMETHEUS_ANNOTATIONS; undefined where the application says nothing about its metrics. */
export function scrapeSettings(annotations: Annotations, minor: number): string | undefined {
  const configuration = readScrapeConfiguration(annotations, minor)
  return isEmpty(configuration) ? undefined : scrapeText(configuration)
}

/** What points Prometheus at the agent. */
export function mergedMetricsAnnotations(statusPort: string): Readonly<Record<string, string>> {
  return {
    [ANNOTATION.prometheusPort]: statusPort,
    [ANNOTATION.prometheusPath]: MERGED_STATS_PATH,
    [ANNOTATION.prometheusScrape]: 'true',
  }
}

type Annotations = Readonly<Record<string, string>>

/** The first spelling of `prometheus.io/scrape` that is a boolean decides; none means yes. */
function scrapes(annotations: Annotations, minor: number): boolean {
  return (
    scrapeValues(annotations, minor)
      .map(parseBool)
      .find((value) => value !== undefined) ?? true
  )
}

/** Annotation, then mesh, then yes. */
export function mergesMetrics(annotations: Annotations, mesh: boolean | undefined): boolean {
  const text = Object.hasOwn(annotations, ANNOTATION.mergeMetrics) ? annotations[ANNOTATION.mergeMetrics] : undefined
  return (text === undefined ? undefined : parseBool(text)) ?? mesh ?? true
}

function readScrapeConfiguration(annotations: Annotations, minor: number): ScrapeConfiguration {
  const text = behaves(minor, 'scrapeTargets')
    ? prometheusValue(annotations, ANNOTATION.scrapeTargets, minor)
    : undefined
  const targets = text === undefined ? [] : parseTargets(text)
  const [first] = targets
  return {
    scrape: prometheusValue(annotations, ANNOTATION.prometheusScrape, minor) ?? '',
    path: first?.path ?? prometheusValue(annotations, ANNOTATION.prometheusPath, minor) ?? '',
    port: first?.port ?? prometheusValue(annotations, ANNOTATION.prometheusPort, minor) ?? '',
    targets,
  }
}

function isEmpty({ scrape, path, port, targets }: ScrapeConfiguration): boolean {
  return scrape === '' && path === '' && port === '' && targets.length === 0
}

function scrapeText({ scrape, path, port, targets }: ScrapeConfiguration): string {
  const list = targets.map((target) => ({ port: target.port, path: target.path }))
  return goJson({ scrape, path, port, ...(list.length > 0 ? { targets: list } : {}) })
}

const DEFAULT_PATH = '/metrics'

/** `port:path,…`; text that cannot be read counts as not there. */
function parseTargets(text: string): readonly ScrapeTarget[] {
  const targets: ScrapeTarget[] = []
  for (const item of text.split(',').map((each) => each.trim())) {
    if (item === '') continue
    const colon = item.indexOf(':')
    const port = (colon === -1 ? item : item.slice(0, colon)).trim()
    const path = colon === -1 ? '' : item.slice(colon + 1).trim()
    if (port === '') return []
    targets.push({ port, path: path === '' ? DEFAULT_PATH : path })
  }
  return targets
}

function portNumber(text: string): number | undefined {
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : undefined
}

function checkPorts({ targets, port }: ScrapeConfiguration, statusPort: string): void {
  if (targets.length === 0) {
    if (port !== '') checkPort(port, statusPort, 'configuration', 'port')
    return
  }
  for (const target of targets) checkPort(target.port, statusPort, 'targets', 'target port')
}

function checkPort(port: string, statusPort: string, what: 'targets' | 'configuration', name: string): void {
  const number = portNumber(port)
  const key = what === 'targets' ? ANNOTATION.scrapeTargets : ANNOTATION.prometheusPort
  const problem = portProblem(number, port, statusPort, name)
  if (problem === undefined) return
  throw new InjectionError('InvalidScrapeTargets', `invalid prometheus scrape ${what}: ${problem}`, {
    path: annotationPath(key),
    hint: 'name a port of the application',
  })
}

function portProblem(number: number | undefined, port: string, statusPort: string, name: string): string | undefined {
  if (number === undefined || number < 1 || number > 65535) return `invalid ${name} ${JSON.stringify(port)}`
  if (String(number) === statusPort) return `${name} ${port} conflicts with agent port`
  const use = RESERVED_PORTS.get(number)
  return use === undefined ? undefined : `${name} ${port} is reserved for Istio (${use}) and cannot be scraped`
}

/** Tells Prometheus of the port on which the proxy serves the merged metrics with mTLS, unless somebody has. */
export function announceSecurePort(pod: JsonObject, input: FinishInput): JsonObject {
  if (!behaves(input.minor, 'scrapeTargets')) return pod
  if (prometheusValue(entriesOf(pod, 'annotations'), ANNOTATION.securePort, input.minor) !== undefined) return pod
  const port = proxyEnvValue(pod, ENV.secureMergedMetricsPort, input.minor)
  return port === undefined ? pod : withEntries(pod, 'annotations', { [ANNOTATION.securePort]: port })
}
