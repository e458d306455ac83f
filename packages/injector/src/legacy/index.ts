import type { JsonObject } from '@proa/kube'
import type { CompiledTemplate, Configuration } from '../config/types.ts'
import { InjectionError } from '../errors.ts'
import { parseBool } from '../finish/parse-bool.ts'
import { SIDECAR_TEMPLATE } from '../names.ts'
import { holdsApplication, mergesPrometheus, type PreparedInjection, statusPortOf } from '../prepare.ts'
import type { InjectionRecorder } from '../provenance/trace.ts'
import { type Rendered, renderTemplate } from '../render/render.ts'
import type { InjectionRequest } from '../request.ts'
import { injectLegacy, withFSGroup } from './inject.ts'
import { templateVersion } from './template-version.ts'

export { injectLegacy, type LegacyInput } from './inject.ts'
export { templateVersion } from './template-version.ts'

/**
 * Renders the one template that Istio 1.8 has and adds what it prints.
 *
 * @param base the typed Pod of the request
 * @throws InjectionError
 */
export function injectLegacyPod(
  base: JsonObject,
  prepared: PreparedInjection,
  configuration: Configuration,
  request: InjectionRequest,
  recorder?: InjectionRecorder,
): { readonly result: JsonObject; readonly rendered: readonly Rendered[] } {
  const template = configuration.templates.get(SIDECAR_TEMPLATE)
  if (template === undefined)
    throw new InjectionError('UnknownTemplate', 'there is no template', { path: 'config.template' })
  const legacyFSGroup = injectsFSGroup(configuration)
  const input = prepared.templateInput(legacyFSGroup ? withFSGroup(base) : base)
  const injectedAnnotations = request.mode === 'manual' ? {} : configuration.injectedAnnotations
  recorder?.begin({
    base,
    input,
    render: configuration.render,
    overrides: { containers: [], initContainers: [] },
    injectedAnnotations,
  })
  const rendered = renderTemplate(template, input, configuration)
  const result = injectLegacy({
    pod: base,
    rendered: rendered.overlay,
    revision: configuration.revision,
    templateVersion: versionOf(template),
    workloadName: input.owner.name,
    meshStatusPort: statusPortOf(prepared.mesh),
    meshMergesPrometheus: mergesPrometheus(prepared.mesh),
    holdApplication: holdsApplication(prepared, configuration),
    legacyFSGroup,
    environment: prepared.environment,
    injectedAnnotations,
  })
  recorder?.reached({ kind: 'legacy', pod: result, rendered })
  return { result, rendered: [rendered] }
}

/** Istio's own switch, which the kind of the mesh's tokens sets where nobody does. */
function injectsFSGroup({ env }: Configuration): boolean {
  const wish = env('ENABLE_LEGACY_FSGROUP_INJECTION')
  return (wish === undefined ? undefined : parseBool(wish)) ?? env('JWT_POLICY') !== 'first-party-jwt'
}

const versions = new WeakMap<CompiledTemplate, string>()

function versionOf(template: CompiledTemplate): string {
  const known = versions.get(template)
  if (known !== undefined) return known
  const version = templateVersion(template.text)
  versions.set(template, version)
  return version
}
