import { compileTemplate, type FunctionMap, TemplateError } from '@proa/go-template'
import { parseYamlWithLines } from '@proa/kube'
import { InjectionConfigurationError } from '../errors.ts'
import { injectionFunctions } from '../functions/index.ts'
import { newRenderContext, type RenderContext } from '../render/context.ts'
import type { CompiledTemplate, SourceText } from './types.ts'

/** The templates of a configuration, and the context that their functions share. */
export interface CompiledTemplates {
  readonly templates: ReadonlyMap<string, CompiledTemplate>
  readonly render: RenderContext
}

/**
 * Compiles every template, also those that no Pod asks for: as in Istio, one that does not parse spoils the configuration.
 *
 * @param texts the texts of the templates by name
 * @param env   what templates read with `env`
 * @throws InjectionConfigurationError with the line of the source
 */
export function compileTemplates(
  texts: ReadonlyMap<string, string>,
  source: SourceText,
  { minor, env }: { readonly minor: number; readonly env: (name: string) => string | undefined },
): CompiledTemplates {
  const render = newRenderContext()
  const functions = functionsFor(render, minor, env)
  const compiled = [...texts].map(([name, text]): [string, CompiledTemplate] => [
    name,
    { name, text, template: compile(name, text, source, functions) },
  ])
  return { templates: new Map(compiled), render }
}

/** The functions of templates that share a context. */
export function functionsFor(
  render: RenderContext,
  minor: number,
  env: (name: string) => string | undefined,
): FunctionMap {
  const functions: FunctionMap = injectionFunctions({
    minor,
    env,
    onStructure: render.noteStructure,
    renderText: (text) => renderAgain(text, functions, render),
  })
  return functions
}

function compile(name: string, text: string, source: SourceText, functions: FunctionMap): CompiledTemplate['template'] {
  try {
    return compileTemplate('inject', text, { functions })
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    throw new InjectionConfigurationError(
      {
        source: source.source,
        path: `templates.${name}`,
        ...lineInSource(source, name, cause.line),
        reason: cause.message,
        hint: 'the message counts lines inside the template; nothing is injected until it is corrected',
      },
      { cause },
    )
  }
}

/** Where a line of a template stands in the file that holds it: of a quoted text only the beginning can be told. */
function lineInSource({ text }: SourceText, name: string, line: number): { readonly line?: number } {
  const located = parseYamlWithLines(text)
  const path = located.lineOf(['templates', name]) === undefined ? ['template'] : ['templates', name]
  const [first, offset] = [located.lineOf(path), located.offsetOf(path)]
  if (first === undefined || offset === undefined) return {}
  return { line: /["']/.test(text.charAt(offset - 1)) ? first : first + line - 1 }
}

/** What Istio's template function `render` did: a text that does not parse or fails is empty. */
function renderAgain(text: string, functions: FunctionMap, render: RenderContext): string {
  try {
    return render.nested(() => compileTemplate('inject', text, { functions }).execute(render.data)) ?? ''
  } catch (error) {
    if (error instanceof TemplateError && error.phase !== 'limit') return ''
    throw error
  }
}
