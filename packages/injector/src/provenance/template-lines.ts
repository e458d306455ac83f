import { TemplateError } from '@proa/go-template'
import { type JsonObject, type JsonPath, type LocatedYaml, parseYamlWithLines, YamlError } from '@proa/kube'
import type { CompiledTemplate } from '../config/types.ts'
import { templateData } from '../data/template-data.ts'
import type { Rendered } from '../render/render.ts'
import { indexPod, type PodIndex, type PodNode } from './pod-index.ts'
import type { TraceStart } from './trace.ts'
import type { TemplateLine } from './types.ts'

/** A rendered template that can tell which of its lines wrote a field. */
export interface LocatedTemplate {
  /** What it wrote, as a Pod. */
  readonly index: PodIndex
  lineOf(node: PodNode): TemplateLine
}

/**
 * Renders the template once more, tracing it: the injection itself is too busy to do so.
 *
 * @param within where in a Pod the template's text belongs: `spec` for the lists that templates of 1.8 print
 */
export function locateTemplate({ template, overlay }: Rendered, start: TraceStart, within?: 'spec'): LocatedTemplate {
  const index = indexPod(within === undefined ? overlay : ({ [within]: overlay } satisfies JsonObject))
  const lines = template.text.split('\n')
  let known: Traced | undefined
  return {
    index,
    lineOf: ({ steps }) => {
      known ??= trace(template, start)
      const line = lineAt(known, nearestOffset(known, within === undefined ? steps : steps.slice(1)))
      return { template: template.name, line, text: (lines[line - 1] ?? '').trim() }
    },
  }
}

interface Traced {
  readonly yaml: LocatedYaml | undefined
  readonly origins: readonly { readonly offset: number; readonly line: number }[]
}

function trace({ template }: CompiledTemplate, { input, render }: TraceStart): Traced {
  try {
    const data = templateData(input)
    const { text, origins } = render.during(data, () => template.executeTraced(data))
    return { yaml: parseYamlWithLines(text), origins }
  } catch (error) {
    // A template that reads the time or chance may fail this time.
    if (error instanceof TemplateError || error instanceof YamlError) return { yaml: undefined, origins: [] }
    throw error
  }
}

/** Where the value is, or the nearest thing around it that the text has. */
function nearestOffset({ yaml }: Traced, steps: JsonPath): number | undefined {
  for (let length = steps.length; length > 0; length--) {
    const offset = yaml?.offsetOf(steps.slice(0, length))
    if (offset !== undefined) return offset
  }
  return undefined
}

function lineAt({ origins }: Traced, offset: number | undefined): number {
  if (offset === undefined) return 0
  let low = 0
  let high = origins.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((origins[middle]?.offset ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return origins[low - 1]?.line ?? 0
}
