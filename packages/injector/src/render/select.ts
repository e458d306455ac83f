import { annotationPath, InjectionError } from '../errors.ts'
import { ANNOTATION } from '../names.ts'
import { didYouMean } from '../suggest.ts'

export interface TemplateChoice {
  readonly defaultTemplates: readonly string[]
  readonly aliases: ReadonlyMap<string, readonly string[]>
}

/**
 * The names of the templates to apply, in order: those of `inject.istio.io/templates` (present, even empty), else the
 * defaults; an alias stands for its list, one level deep. A template may come twice.
 */
export function selectTemplates(
  annotations: Readonly<Record<string, string>>,
  choice: TemplateChoice,
): readonly string[] {
  const wanted = Object.hasOwn(annotations, ANNOTATION.templates)
    ? (annotations[ANNOTATION.templates] ?? '').split(',').map((name) => name.trim())
    : choice.defaultTemplates
  return wanted.flatMap((name) => choice.aliases.get(name) ?? [name])
}

/** Istio's own words for a template that is not there, and the nearest one that is. */
export function unknownTemplate(
  name: string,
  known: readonly string[],
  aliases: readonly string[],
  annotations: Readonly<Record<string, string>>,
): InjectionError {
  const suggestion = didYouMean(name, [...known, ...aliases])
  return new InjectionError(
    'UnknownTemplate',
    `requested template ${JSON.stringify(name)} not found; have ${[...known].sort().join(', ')}`,
    {
      // Without the annotation it was the configuration that asked for it.
      path: Object.hasOwn(annotations, ANNOTATION.templates)
        ? annotationPath(ANNOTATION.templates)
        : 'config.templates',
      hint: suggestion ?? 'name a template of the injector’s configuration',
    },
  )
}
