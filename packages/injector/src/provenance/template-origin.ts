import type { ChangedField } from './field-changes.ts'
import type { PodIndex, PodNode } from './pod-index.ts'
import type { LocatedTemplate } from './template-lines.ts'
import type { Origin } from './types.ts'

/**
 * The line of the template that changed a field, or the nearest around it. `undefined` where the template only moved the
 * user's own container to the init containers: the field is the user's.
 *
 * @param request the Pod as the user wrote it
 */
export function templateOrigin(
  { change, node }: ChangedField,
  template: LocatedTemplate | undefined,
  request: PodIndex,
): Origin | undefined {
  if (template === undefined) return undefined
  // Fields of a container that was moved away are gone because of the container, not because of their successors.
  const find = (at: PodNode): PodNode | undefined =>
    inTemplate(template, at, change !== 'removed' || at.steps.length === CONTAINER_STEPS)
  const exact = find(node)
  if (exact === undefined && change === 'added' && request.has(inOtherList(node.path))) return undefined
  let place = exact
  for (let at = node.parent; place === undefined && at !== undefined; at = at.parent) place = find(at)
  return place === undefined ? { kind: 'template', ...NOWHERE } : { kind: 'template', ...template.lineOf(place) }
}

const NOWHERE = { template: '', line: 0, text: '' } as const

/** `spec`, the list, the item */
const CONTAINER_STEPS = 3

/** istio-proxy may stand in the other list of containers than where the template has it. */
function inTemplate({ index }: LocatedTemplate, { path }: PodNode, eitherList: boolean): PodNode | undefined {
  if (path === '') return undefined
  return index.get(path) ?? (eitherList ? index.get(inOtherList(path)) : undefined)
}

const LISTS = /^spec\.(containers|initContainers)\[/

function inOtherList(path: string): string {
  return path.replace(LISTS, (_, list: string) => `spec.${list === 'containers' ? 'initContainers' : 'containers'}[`)
}
