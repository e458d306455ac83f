import type { JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import type { CompiledTemplate, Configuration } from '../config/types.ts'
import { finishPod } from '../finish/index.ts'
import { SIDECAR_TEMPLATE } from '../names.ts'
import { entriesOf } from '../pod/edit.ts'
import { holdsApplication, mergesPrometheus, type PreparedInjection, statusPortOf } from '../prepare.ts'
import type { InjectionRecorder } from '../provenance/trace.ts'
import { type Rendered, renderTemplate } from '../render/render.ts'
import { selectTemplates, unknownTemplate } from '../render/select.ts'
import type { InjectionRequest } from '../request.ts'
import { applyOverlay, type Overlaid, wantsNativeSidecar, withoutFormerSidecar } from './apply.ts'
import { adjustInitUser } from './init-user.ts'
import { type ContainerOverrides, ownProxy, readOverrides, reapplyOverrides } from './overrides.ts'
import { type InjectionStatus, readStatus } from './status.ts'
import { stripInjected } from './strip.ts'

/** The Pod of the request, and what an earlier injection left in it. */
interface RequestedPod {
  readonly base: JsonObject
  readonly status: InjectionStatus | undefined
  readonly overrides: ContainerOverrides
}

/**
 * Merges the Pods that the templates make over the Pod of the request, and finishes it: Istio since 1.9.
 *
 * @param base the typed Pod of the request
 * @throws InjectionError
 */
export function injectOverlayPod(
  base: JsonObject,
  prepared: PreparedInjection,
  configuration: Configuration,
  request: InjectionRequest,
  recorder?: InjectionRecorder,
): { readonly result: JsonObject; readonly rendered: readonly Rendered[] } {
  const { minor } = configuration
  const annotations = entriesOf(base, 'annotations')
  const requested = { base, status: readStatus(annotations), overrides: readOverrides(annotations) }
  const statusPort = statusPortOf(prepared.mesh)
  const stripped = stripInjected(base, requested.status, requested.overrides, String(statusPort), minor)
  const input = prepared.templateInput(stripped)
  const injectedAnnotations = request.mode === 'manual' ? {} : configuration.injectedAnnotations
  recorder?.begin({ base, input, render: configuration.render, overrides: requested.overrides, injectedAnnotations })
  const rendered = templatesFor(annotations, configuration, request).map((template) =>
    renderTemplate(template, input, configuration),
  )
  const overlaid = withoutFormerSidecar(
    overlayAll(base, rendered, prepared.nativeSidecars, minor, recorder),
    requested.status?.initContainers ?? [],
  )
  const customised = withUserSettings(overlaid, requested, prepared, minor)
  recorder?.reached({ kind: 'override', pod: customised })
  const result = finishPod(
    customised,
    {
      minor,
      meshStatusPort: statusPort,
      meshMergesPrometheus: mergesPrometheus(prepared.mesh),
      rewritesProbes: configuration.typedValues.rewriteAppHTTPProbe,
      environment: prepared.environment,
    },
    {
      templatePod: overlaid.templatePod,
      revision: configuration.revision,
      injectedAnnotations,
      holdApplication: holdsApplication(prepared, configuration),
    },
    recorder && ((step, pod) => recorder.reached({ kind: 'finish', step, pod })),
  )
  return { result, rendered }
}

/** kube-inject knows neither other defaults nor aliases. */
function templatesFor(
  annotations: Readonly<Record<string, string>>,
  configuration: Configuration,
  { mode }: InjectionRequest,
): readonly CompiledTemplate[] {
  const choice =
    mode === 'webhook'
      ? configuration
      : { defaultTemplates: [SIDECAR_TEMPLATE], aliases: new Map<string, readonly string[]>() }
  return selectTemplates(annotations, choice).map((name) => {
    const template = configuration.templates.get(name)
    if (template !== undefined) return template
    throw unknownTemplate(name, [...configuration.templates.keys()], [...configuration.aliases.keys()], annotations)
  })
}

/** One template after the other, each over what those before it made. */
function overlayAll(
  base: JsonObject,
  rendered: readonly Rendered[],
  nativeByCluster: boolean,
  minor: number,
  recorder: InjectionRecorder | undefined,
): Overlaid {
  let overlaid: Overlaid = { merged: base, templatePod: {} }
  for (const each of rendered) {
    const native = behaves(minor, 'nativeSidecarAnnotation')
      ? wantsNativeSidecar(overlaid.merged, nativeByCluster)
      : nativeByCluster
    overlaid = applyOverlay(overlaid, each, { native, minor })
    recorder?.reached({ kind: 'template', pod: overlaid.merged, rendered: each })
  }
  return overlaid
}

/** The user's own settings of the injected containers count more than the templates. */
function withUserSettings(
  { merged, templatePod }: Overlaid,
  { base, status, overrides }: RequestedPod,
  { proxyConfig }: PreparedInjection,
  minor: number,
): JsonObject {
  const reapplied = reapplyOverrides({ merged, original: base, templatePod, existing: overrides, status, minor })
  return behaves(minor, 'adjustsInitUser')
    ? adjustInitUser(reapplied, ownProxy(base, overrides), proxyConfig.config.interceptionMode)
    : reapplied
}
