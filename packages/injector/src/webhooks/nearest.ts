import { type LabelMap, type RequirementResult, setOwn } from '@proa/kube'
import { DEFAULT_REVISION, LABEL } from '../names.ts'
import type { InjectorVerdict, LabelChange, LabelEdit, WebhookOutcome } from './types.ts'

/** The labels that selectors of injectors look at. */
export interface Labelled {
  readonly namespace: LabelMap
  readonly pod: LabelMap
}

export interface LabelledAnswer {
  readonly injectors: readonly InjectorVerdict[]
  readonly outcome: WebhookOutcome
}

/** More edits than that are no hint any more. Istio's own selectors never need more than two. */
const MAX_EDITS = 3
const MAX_PROPOSALS = 5
/** Bounds the search where a cluster has very many injectors; Istio's own need about a hundred. */
const MAX_TRIALS = 1000

/**
 * The smallest sets of label edits that reach the goal, best first. Edits come from the selectors themselves: what
 * would meet or break one of their conditions. Every proposal has been tried with `ask`, so it is right for match
 * conditions too.
 */
export function nearestChanges(
  start: Labelled,
  goal: 'one' | 'none',
  ask: (labelled: Labelled) => LabelledAnswer,
): LabelChange[] {
  const now = ask(start)
  const edits = candidates(start, now.injectors, goal)
  let trials = 0
  for (let size = 0; size <= MAX_EDITS; size++) {
    const reached: LabelChange[] = []
    for (const chosen of combinations(edits, size)) {
      if (++trials > MAX_TRIALS) break
      const answer = ask(applyEdits(start, chosen))
      if (answer.outcome !== goal) continue
      const calls = answer.injectors.find(({ verdict }) => verdict.called === true)?.injector
      reached.push(calls === undefined ? { edits: chosen } : { edits: chosen, calls })
    }
    if (reached.length > 0) return reached.toSorted((a, b) => cost(a) - cost(b)).slice(0, MAX_PROPOSALS)
  }
  return []
}

/** Every edit that changes what some condition of an active injector says. */
function candidates(start: Labelled, injectors: readonly InjectorVerdict[], goal: 'one' | 'none'): LabelEdit[] {
  const edits = new Map<string, LabelEdit>()
  for (const { injector, verdict } of injectors) {
    if (injector.deactivated) continue
    for (const step of verdict.steps) {
      const on = step.id === 'namespaceSelector' ? 'namespace' : 'pod'
      for (const result of step.requirements ?? []) {
        for (const to of otherValues(result)) {
          if (goal === 'one' && refuses(on, result.requirement.key, to)) continue
          const edit = makeEdit(start, on, result.requirement.key, to)
          edits.set(JSON.stringify([on, edit.key, edit.to]), edit)
        }
      }
    }
  }
  return [...edits.values()].filter((edit) => edit.from !== edit.to)
}

/** The label that also refuses: with it the one injector that is left over would be asked in vain. */
function refuses(on: LabelEdit['on'], key: string, to: string | undefined): boolean {
  return on === 'pod' && key === LABEL.inject && to !== undefined && to !== 'true'
}

/** Values (undefined: no label) that turn the condition's answer round. */
function otherValues({ requirement, holds }: RequirementResult): readonly (string | undefined)[] {
  switch (requirement.operator) {
    case 'In':
      return holds ? [undefined] : requirement.values
    case 'NotIn':
      return holds ? requirement.values : [undefined]
    case 'Exists':
      return holds ? [undefined] : ['true']
    case 'DoesNotExist':
      return holds ? [] : [undefined]
  }
}

function makeEdit(start: Labelled, on: LabelEdit['on'], key: string, to: string | undefined): LabelEdit {
  const from = Object.hasOwn(start[on], key) ? start[on][key] : undefined
  return { on, key, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function applyEdits(start: Labelled, edits: readonly LabelEdit[]): Labelled {
  const labelled = { namespace: { ...start.namespace }, pod: { ...start.pod } }
  for (const { on, key, to } of edits) {
    if (to === undefined) delete labelled[on][key]
    else setOwn(labelled[on], key, to)
  }
  return labelled
}

/** All choices of `size` edits of different labels. */
function* combinations(edits: readonly LabelEdit[], size: number, from = 0): Generator<LabelEdit[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let i = from; i < edits.length; i++) {
    const first = edits[i]
    if (first === undefined) continue
    for (const rest of combinations(edits, size - 1, i + 1)) {
      if (!rest.some((edit) => edit.on === first.on && edit.key === first.key)) yield [first, ...rest]
    }
  }
}

/**
 * Order among changes of equal size: adding a label is better than changing one, which is better than removing one;
 * the Pod's are better than the namespace's, since they touch nobody else; Istio's plain labels are better than
 * revisions, and the default revision better than others.
 */
function cost({ edits, calls }: LabelChange): number {
  const otherRevision = calls === undefined || calls.revision === DEFAULT_REVISION ? 0 : 1
  return edits.reduce((total, edit) => {
    const kind = edit.to === undefined ? 20 : edit.from === undefined ? 0 : 10
    return total + kind + (edit.on === 'namespace' ? 2 : 0) + (edit.key === LABEL.revision ? 5 : 0)
  }, otherRevision)
}
