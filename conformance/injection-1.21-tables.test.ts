/**
 * The table tests of Istio 1.21's injector, from the shared vectors beside this repository
 * (`../shared/vectors/injection/1.21/unit.json`). The tables of the HTTP handler, the watcher and the CA bundle belong to
 * the webhook's server.
 */
import { describe, expect, it } from 'vitest'
import { proxyImage } from '../packages/injector/src/data/images.ts'
import { ownerOf } from '../packages/injector/src/data/owner.ts'
import { environmentFromPath } from '../packages/injector/src/data/path-environment.ts'
import { objectView } from '../packages/injector/src/data/pod-view.ts'
import { ignoredNamespaces } from '../packages/injector/src/decision/rules.ts'
import { setEnvironment } from '../packages/injector/src/finish/environment.ts'
import type { FinishInput } from '../packages/injector/src/finish/input.ts'
import { applicationProbers, rewriteProbes, rewrites, withProbers } from '../packages/injector/src/finish/probes.ts'
import { mergesMetrics } from '../packages/injector/src/finish/prometheus.ts'
import { injectionFunctions } from '../packages/injector/src/functions/index.ts'
import { appendMultusNetwork } from '../packages/injector/src/functions/multus.ts'
import { decide, injectPod, loadConfiguration } from '../packages/injector/src/index.ts'
import { readInjectorValues } from '../packages/injector/src/mesh/index.ts'
import { readStatus } from '../packages/injector/src/overlay/status.ts'
import { findSidecar } from '../packages/injector/src/pod/edit.ts'
import { applyPatch, type JsonObject, parseYaml, readTyped } from '../packages/kube/src/index.ts'
import { comparableWebhookPod } from './support/compare.ts'
import { openVectors, skipWithout } from './support/vectors.ts'

const MINOR = 21
const vectors = openVectors('1.21')
const unit = vectors.tables() as Unit

type Texts = Readonly<Record<string, string>>

interface Row {
  readonly name: string
}
interface DecisionRow extends Row {
  readonly config: JsonObject
  readonly podSpec: JsonObject
  readonly metadata: JsonObject
  readonly want: boolean
}
interface TemplateRow extends Row {
  readonly templates: Texts
  readonly defaultTemplates: readonly string[]
  readonly aliases: JsonObject
  readonly policy: string
  readonly values: JsonObject
  readonly meshConfig: JsonObject | null
  readonly revision: string
  readonly input: string
  readonly want: string
}
interface Unit {
  readonly injectRequired: readonly DecisionRow[]
  readonly injectRequiredSpellings: readonly DecisionRow[]
  readonly ignoredNamespaces: readonly (Row & { namespace: string; want: boolean })[]
  readonly parseInjectEnvs: readonly (Row & { path: string; want: Texts })[]
  readonly updateClusterEnvs: readonly (Row & { env: readonly JsonObject[]; injectPath: string; want: JsonObject[] })[]
  readonly proxyImage: readonly (Row & {
    values: JsonObject
    proxyConfigImage: { imageType?: string } | null
    annotations: Texts | null
    want: string
  })[]
  readonly appendMultusNetwork: readonly (Row & { existing: string; network: string; want: string })[]
  readonly portsForContainer: readonly (Row & { container: JsonObject; want: readonly string[] })[]
  readonly enablePrometheusMerge: readonly (Row & {
    meshConfig: { enablePrometheusMerge?: boolean } | null
    annotations: Texts | null
    want: boolean
  })[]
  readonly mergeOrAppendProbers: readonly (Row & {
    previouslyInjected: boolean
    env: readonly JsonObject[]
    probers: string
    want: readonly JsonObject[]
  })[]
  readonly parseStatus: readonly (Row & {
    status: string
    want: Readonly<Record<'containers' | 'initContainers', readonly { readonly name: string }[] | null>>
  })[]
  readonly findSidecar: readonly (Row & { pod: JsonObject; want: string | null })[]
  readonly shouldRewriteAppHTTPProbers: readonly (Row & {
    rewriteAppHTTPProbe: boolean
    annotations: Texts | null
    want: boolean
  })[]
  readonly dumpAppProbers: readonly (Row & { pod: JsonObject; statusPort: number; want: JsonObject | string | null })[]
  readonly patchRewriteProbe: readonly (Row & {
    annotations: Texts
    statusPort: number
    pod: JsonObject & { readonly spec: { readonly containers: readonly JsonObject[] } }
    want: JsonObject
  })[]
  readonly injectTemplates: readonly TemplateRow[]
  readonly deployMetaFromPod: readonly (Row & {
    pod: JsonObject
    wantTypeMeta: { readonly kind: string; readonly apiVersion: string }
    wantMeta: { readonly name?: string; readonly namespace?: string }
  })[]
}

function finishInput(meshStatusPort: number): FinishInput {
  return { minor: MINOR, meshStatusPort, meshMergesPrometheus: undefined, rewritesProbes: true, environment: new Map() }
}

describe.skipIf(!vectors.present)(`Istio 1.21's tables${vectors.note}`, () => {
  skipWithout(vectors)
  it.each([...unit.injectRequired, ...unit.injectRequiredSpellings])('injectRequired: $name', (row) => {
    const config = { source: 'config', text: JSON.stringify(row.config) }
    const { decision } = loadConfiguration({ config }, { compat: '1.21' })
    expect(decide({ metadata: row.metadata, spec: row.podSpec }, '', decision).injected).toBe(row.want)
  })

  it.each(unit.ignoredNamespaces)('ignoredNamespaces: $name', ({ namespace, want }) => {
    expect(ignoredNamespaces(MINOR).has(namespace)).toBe(want)
  })

  it.each(unit.parseInjectEnvs)('parseInjectEnvs: $name', ({ path, want }) => {
    expect(Object.fromEntries(environmentFromPath(path, MINOR))).toEqual(want)
  })

  it.each(unit.updateClusterEnvs)('updateClusterEnvs: $name', ({ env, injectPath, want }) => {
    const pod = { spec: { containers: [{ name: 'istio-proxy', env }] } }
    const result = setEnvironment(pod, { ...finishInput(0), environment: environmentFromPath(injectPath, MINOR) })
    expect(findSidecar(result)?.container.env).toEqual(want)
  })

  it.each(unit.proxyImage)('proxyImage: $name', ({ values, proxyConfigImage, annotations, want }) => {
    const type = proxyConfigImage === null ? undefined : (proxyConfigImage.imageType ?? '')
    const annotation = annotations?.['sidecar.istio.io/proxyImageType']
    expect(proxyImage(readInjectorValues(values), type, annotation, MINOR)).toBe(want)
  })

  it.each(unit.appendMultusNetwork)('appendMultusNetwork: $name', ({ existing, network, want }) => {
    expect(appendMultusNetwork(existing, network, MINOR)).toBe(want)
  })

  it.each(unit.portsForContainer)('portsForContainer: $name', ({ container, want }) => {
    const { includeInboundPorts } = injectionFunctions({
      minor: MINOR,
      env: () => undefined,
      onStructure: () => {},
      renderText: () => '',
    })
    expect(includeInboundPorts?.call([[objectView('v1.Container', container)]])).toBe(want.join(','))
  })

  it.each(unit.enablePrometheusMerge)('enablePrometheusMerge: $name', ({ meshConfig, annotations, want }) => {
    expect(mergesMetrics(annotations ?? {}, meshConfig?.enablePrometheusMerge)).toBe(want)
  })

  it.each(unit.mergeOrAppendProbers)('mergeOrAppendProbers: $name', ({ previouslyInjected, env, probers, want }) => {
    const proxy = withProbers(
      { name: 'istio-proxy', env },
      JSON.parse(probers) as JsonObject,
      previouslyInjected,
      MINOR,
    )
    expect(proxy.env).toEqual(want)
  })

  it.each(unit.parseStatus)('parseStatus: $name', ({ status, want }) => {
    const read = readStatus({ 'sidecar.istio.io/status': status })
    const names = (list: 'containers' | 'initContainers') => (want[list] ?? []).map(({ name }) => name)
    expect([read?.containers, read?.initContainers]).toEqual([names('containers'), names('initContainers')])
  })

  it.each(unit.findSidecar)('findSidecar: $name', ({ pod, want }) => {
    expect(findSidecar(pod)?.container.name ?? null).toBe(want)
  })

  it.each(unit.shouldRewriteAppHTTPProbers)('shouldRewriteAppHTTPProbers: $name', (row) => {
    expect(rewrites(row.annotations ?? {}, row.rewriteAppHTTPProbe)).toBe(row.want)
  })

  it.each(unit.dumpAppProbers)('dumpAppProbers: $name', ({ pod, statusPort, want }) => {
    const probers = applicationProbers(pod, statusPort, MINOR)
    expect(probers).toEqual(want === null || want === '' ? {} : want)
  })

  it.each(unit.patchRewriteProbe)('patchRewriteProbe: $name', ({ annotations, statusPort, pod, want }) => {
    const containers = [...pod.spec.containers, { name: 'istio-proxy' }]
    const input = { metadata: { annotations }, spec: { ...pod.spec, containers } }
    const { containers: rewritten, ...spec } = rewriteProbes(input, finishInput(statusPort), false).spec as {
      readonly containers: readonly JsonObject[]
    }
    expect({ spec: { ...spec, containers: rewritten.slice(0, -1) } }).toEqual(want)
  })

  it.each(unit.injectTemplates)('injectTemplates: $name', (row) => {
    const { templates, aliases, policy } = row
    const config = JSON.stringify({ templates, aliases, policy, defaultTemplates: row.defaultTemplates })
    const loaded = loadConfiguration(
      {
        config: { source: 'config', text: config },
        values: { source: 'values', text: JSON.stringify(row.values) },
        ...(row.meshConfig === null ? {} : { mesh: { source: 'mesh', text: JSON.stringify(row.meshConfig) } }),
      },
      { compat: '1.21', revision: row.revision },
    )
    // Without a mesh Istio's test has status port 0, which no mesh that is read can have.
    const configuration = row.meshConfig === null ? { ...loaded, mesh: {} } : loaded
    const pod = readTyped('v1.Pod', parseYaml(row.input)) as JsonObject
    const result = injectPod({ pod, mode: 'webhook' }, configuration)
    if (result.outcome !== 'injected') throw new Error(result.outcome, { cause: result })
    expect(comparableWebhookPod(applyPatch(pod, result.patch))).toEqual(comparableWebhookPod(parseYaml(row.want)))
  })

  it.each(unit.deployMetaFromPod)('deployMetaFromPod: $name', ({ pod, wantTypeMeta, wantMeta }) => {
    const { kind, apiVersion, name } = ownerOf(pod, '', MINOR)
    expect([kind, apiVersion, name]).toEqual([wantTypeMeta.kind, wantTypeMeta.apiVersion, wantMeta.name ?? ''])
  })
})
