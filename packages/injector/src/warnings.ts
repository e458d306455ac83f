import type { Json, JsonObject } from '@proa/kube'
import { unknownAnnotations } from './annotations/known.ts'
import { behaves } from './behaviour.ts'
import type { Configuration } from './config/types.ts'
import { objectOf } from './data/fields.ts'
import type { Decision } from './decision/types.ts'
import { annotationPath } from './errors.ts'
import type { Rendered } from './render/render.ts'
import { unknownTemplateKeys } from './render/unknown-keys.ts'

/** What does not stop an injection and may surprise. */
export interface InjectionWarning {
  /** A stable name: `UnknownAnnotation`. */
  readonly code: string
  readonly message: string
  /** Where in the Pod or the configuration: `spec.dnsPolicy`. */
  readonly path?: string
}

const CLUSTER_FIRST = 'ClusterFirst'

/** The warnings of the decision and, where the Pod is injected, those of its annotations and its DNS. */
export function warningsOf(
  pod: JsonObject,
  decision: Decision,
  configuration: Configuration,
): readonly InjectionWarning[] {
  const warnings: InjectionWarning[] = decision.warnings.map(({ code, message, path }) => ({ code, message, path }))
  return decision.injected
    ? [...warnings, ...annotationWarnings(pod, configuration), ...dnsWarnings(objectOf(pod, 'spec')?.dnsPolicy)]
    : warnings
}

/** What templates write and no Pod has, where it looks like a mistyped name. Goes through all that was rendered, so ask only where it is read. */
export function templateWarnings(
  rendered: readonly Rendered[],
  { minor }: Pick<Configuration, 'minor'>,
): readonly InjectionWarning[] {
  // Before that a template did not write a Pod.
  if (!behaves(minor, 'podOverlay')) return []
  return unknownTemplateKeys(rendered).map(({ template, path, hint }) => ({
    code: 'UnknownTemplateKey',
    message: `the template writes ${path}, which no Pod has, so it is dropped; ${hint}`,
    path: `config.templates.${template}`,
  }))
}

function annotationWarnings(pod: JsonObject, { templates }: Configuration): readonly InjectionWarning[] {
  const annotations = objectOf(objectOf(pod, 'metadata'), 'annotations') ?? {}
  const mentioned = (key: string): boolean => [...templates.values()].some(({ text }) => text.includes(key))
  return unknownAnnotations(Object.keys(annotations), mentioned).map(({ key, suggestion }) => ({
    code: 'UnknownAnnotation',
    path: annotationPath(key),
    message: `annotation ${key} is unknown${suggestion === undefined ? '' : `: did you mean ${suggestion}?`}`,
  }))
}

function dnsWarnings(policy: Json | undefined): readonly InjectionWarning[] {
  if (typeof policy !== 'string' || policy === '' || policy === CLUSTER_FIRST) return []
  return [
    {
      code: 'DnsPolicy',
      path: 'spec.dnsPolicy',
      message: `dnsPolicy is ${policy}, not ${CLUSTER_FIRST}: the proxy may not find the control plane`,
    },
  ]
}
