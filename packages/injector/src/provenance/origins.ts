import { deepEqual, formatPointer, type JsonObject } from '@proa/kube'
import type { FinishStep } from '../finish/index.ts'
import { type ChangedField, fieldChanges } from './field-changes.ts'
import { legacyOrigin } from './legacy-origin.ts'
import { commonOrder } from './moved-items.ts'
import { overrideOrigin, ownContainers } from './override-origin.ts'
import { indexPod, isLeaf, type PodIndex, type PodNode } from './pod-index.ts'
import { type LocatedTemplate, locateTemplate } from './template-lines.ts'
import { templateOrigin } from './template-origin.ts'
import type { InjectionTrace, Stage } from './trace.ts'
import type { FieldOrigin, Origin, TemplateLine } from './types.ts'

/** A part of the injection, with its Pod before and after. */
interface Step {
  readonly stage: Stage
  readonly before: PodIndex
  readonly after: PodIndex
  /** Of a stage that rendered one. */
  readonly template: LocatedTemplate | undefined
}

/**
 * Where each field in which two Pods differ came from: the last part of the injection that changed it.
 *
 * @param request the Pod of the request, as the user wrote it
 * @param result  the injected Pod
 */
export function originsOf(trace: InjectionTrace, request: JsonObject, result: JsonObject): readonly FieldOrigin[] {
  const steps = stepsOf(trace)
  const templates = steps.flatMap(({ template }) => (template === undefined ? [] : [template.index]))
  const way: Way = { trace, steps, request: indexPod(request), own: ownContainers(templates, trace) }
  const contested = (node: PodNode): boolean =>
    steps.some((step) => step.stage.kind === 'override' && changes(step, node))
  return fieldChanges(way.request, indexPod(result), contested).map((field) => ({
    path: field.node.path,
    pointer: formatPointer(field.node.steps),
    change: field.change,
    origin: originOf(field, way),
  }))
}

/** One injection, prepared for looking up any number of fields. */
interface Way {
  readonly trace: InjectionTrace
  readonly steps: readonly Step[]
  readonly request: PodIndex
  /** The injector's containers that the user customised. */
  readonly own: readonly string[]
}

function stepsOf(trace: InjectionTrace): readonly Step[] {
  let before = indexPod(trace.base)
  return trace.stages.map((stage) => {
    const after = indexPod(stage.pod)
    const template =
      stage.kind === 'template' || stage.kind === 'legacy'
        ? locateTemplate(stage.rendered, trace, stage.kind === 'legacy' ? 'spec' : undefined)
        : undefined
    const step: Step = { stage, before, after, template }
    before = after
    return step
  })
}

function originOf(field: ChangedField, { trace, steps, request, own }: Way): Origin {
  const { change, node } = field
  const step = change === 'moved' ? orderingStep(steps, request, node) : lastChange(steps, node)
  // Reading the Pod changes nothing that is carried over, so there is always a step; the status is written in any case.
  if (step === undefined) return { kind: 'finish', step: 'metadata' }
  const { stage, template } = step
  switch (stage.kind) {
    case 'template':
      return templateOrigin(field, template, request) ?? overrideOrigin(node, trace, own, undefined)
    case 'override':
      return overrideOrigin(node, trace, own, lineBelow(steps, node))
    case 'legacy':
      return legacyOrigin(field, template, trace)
    case 'finish':
      return finishOrigin(node, stage.step, trace)
  }
}

function finishOrigin({ parent, steps }: PodNode, step: FinishStep, { injectedAnnotations }: InjectionTrace): Origin {
  const key = String(steps.at(-1))
  const configured = parent?.path === 'metadata.annotations' && Object.hasOwn(injectedAnnotations, key)
  return step === 'metadata' && configured
    ? { kind: 'configuration', path: `injectedAnnotations[${JSON.stringify(key)}]` }
    : { kind: 'finish', step }
}

/** The last step that changed the field; where none did, the last that changed what is around it. */
function lastChange(steps: readonly Step[], node: PodNode): Step | undefined {
  for (let at: PodNode | undefined = node; at !== undefined; at = at.parent) {
    const around = at
    const step = steps.findLast((each) => changes(each, around))
    if (step !== undefined) return step
  }
  return undefined
}

function changes({ before, after }: Step, { path }: PodNode): boolean {
  const old = before.get(path)
  const now = after.get(path)
  if (old === undefined || now === undefined) return old !== now
  if (!isLeaf(old) && !isLeaf(now)) return false
  return !deepEqual(old.value, now.value)
}

/** The last step that put the items that were there from the beginning into another order. */
function orderingStep(steps: readonly Step[], request: PodIndex, { parent }: PodNode): Step | undefined {
  const path = parent?.path ?? ''
  const items = request.get(path)?.items ?? []
  return steps.findLast(({ before, after }) => {
    const old = commonOrder(before, path, items)
    const now = commonOrder(after, path, items)
    return old.length === now.length && old.some((item, place) => item !== now[place])
  })
}

/** The line of the last template that sets the field too. */
function lineBelow(steps: readonly Step[], node: PodNode): TemplateLine | undefined {
  const step = steps.findLast(({ template }) => template?.index.has(node.path))
  const there = step?.template?.index.get(node.path)
  return there === undefined || !isLeaf(there) ? undefined : step?.template?.lineOf(there)
}
