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
  const exact = inTemplate(template, node)
  if (exact === undefined && change === 'added' && request.has(inOtherList(node.path))) return undefined
  let place = exact
  for (let at = node.parent; place === undefined && at !== undefined; at = at.parent) place = inTemplate(template, at)
  return place === undefined ? { kind: 'template', ...NOWHERE } : { kind: 'template', ...template.lineOf(place) }
}

const NOWHERE = { template: '', line: 0, text: '' } as const

/** istio-proxy may stand in the other list of containers than where the template has it. */
function inTemplate({ index }: LocatedTemplate, { path }: PodNode): PodNode | undefined {
  if (path === '') return undefined
  return index.get(path) ?? (path.startsWith('spec.') ? index.get(inOtherList(path)) : undefined)
}

const LISTS = /^spec\.(containers|initContainers)\[/

function inOtherList(path: string): string {
  return path.replace(LISTS, (_, list: string) => `spec.${list === 'containers' ? 'initContainers' : 'containers'}[`)
}
