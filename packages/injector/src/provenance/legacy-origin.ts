import { isObject } from '@proa/kube'
import type { FinishStep } from '../finish/index.ts'
import { ANNOTATION, ENV } from '../names.ts'
import type { ChangedField } from './field-changes.ts'
import type { PodNode } from './pod-index.ts'
import type { LocatedTemplate } from './template-lines.ts'
import type { InjectionTrace } from './trace.ts'
import type { Origin } from './types.ts'

const PROMETHEUS: ReadonlySet<string> = new Set([
  ANNOTATION.prometheusPort,
  ANNOTATION.prometheusPath,
  ANNOTATION.prometheusScrape,
])

/** Istio 1.8 does everything at once, so its fields are told by what they are: the template's, or a step's. */
export function legacyOrigin(
  { node }: ChangedField,
  template: LocatedTemplate | undefined,
  trace: InjectionTrace,
): Origin {
  if (node.steps[0] === 'metadata') return metadataOrigin(node, trace)
  if (node.steps.at(-1) === 'fsGroup') return { kind: 'configuration', path: 'ENABLE_LEGACY_FSGROUP_INJECTION' }
  const variable = ancestor(node, isVariable)
  if (variable !== undefined && template?.index.has(variable.path) !== true) {
    return { kind: 'finish', step: variableStep(variable) }
  }
  const place = ancestor(
    node,
    ({ path, items, steps }) => !(items !== undefined && steps.length === 2) && inTemplate(template, path),
  )
  const found = place === undefined ? undefined : template?.index.get(place.path)
  if (template === undefined || found === undefined) return { kind: 'finish', step: 'probes' }
  return { kind: 'template', ...template.lineOf(found) }
}

function metadataOrigin({ steps }: PodNode, { injectedAnnotations }: InjectionTrace): Origin {
  const key = String(steps.at(-1))
  if (steps[1] === 'annotations' && PROMETHEUS.has(key)) return { kind: 'finish', step: 'prometheus' }
  if (steps[1] === 'annotations' && Object.hasOwn(injectedAnnotations, key)) {
    return { kind: 'configuration', path: `injectedAnnotations[${JSON.stringify(key)}]` }
  }
  return { kind: 'finish', step: 'metadata' }
}

/** The node itself or the nearest around it that fits. */
function ancestor(node: PodNode, fits: (node: PodNode) => boolean): PodNode | undefined {
  for (let at: PodNode | undefined = node; at !== undefined; at = at.parent) if (fits(at)) return at
  return undefined
}

/** Everything is in `spec`, so that it alone says nothing. */
function inTemplate(template: LocatedTemplate | undefined, path: string): boolean {
  return path !== '' && path !== 'spec' && template?.index.has(path) === true
}

function isVariable({ parent }: PodNode): boolean {
  return parent?.path.endsWith('.env') === true
}

function variableStep({ value }: PodNode): FinishStep {
  const name = isObject(value) ? value.name : undefined
  if (name === ENV.appProbers) return 'probes'
  return name === ENV.prometheusAnnotations ? 'prometheus' : 'environment'
}
