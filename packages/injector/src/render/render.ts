import { TemplateError } from '@proa/go-template'
import { isObject, type Json, type JsonObject, YamlError } from '@proa/kube'
import type { CompiledTemplate, Configuration } from '../config/types.ts'
import { objectOf, textOf } from '../data/fields.ts'
import { releasesWithField, type TemplateInput, templateData, templateFieldNames } from '../data/template-data.ts'
import { annotationPath, InjectionError, labelPath } from '../errors.ts'
import { ANNOTATION } from '../names.ts'
import { entriesOf } from '../pod/edit.ts'
import { didYouMean } from '../suggest.ts'
import { addsStructure, harmless, harmlessMessage, suspiciousEntries } from './structure-guard.ts'

/** One template rendered for one Pod. */
export interface Rendered {
  readonly template: CompiledTemplate
  readonly text: string
  /** The text read as YAML; `{}` where it is empty. */
  readonly overlay: JsonObject
}

/**
 * Renders a template and reads the result.
 *
 * @throws InjectionError `TemplateFailed`, `TemplateOutputInvalid`, or `StructureInjection` where an annotation or label
 *   would add more to the Pod than a value
 */
export function renderTemplate(
  template: CompiledTemplate,
  input: TemplateInput,
  configuration: Configuration,
): Rendered {
  configuration.render.forgetStructures()
  const text = execute(template, input, configuration)
  const suspects = [
    ...suspiciousKeys(template, input.pod, text, configuration),
    ...suspiciousConfig(input, configuration),
  ]
  if (suspects.length > 0) guard(template, text, input, suspects, configuration)
  return { template, text, overlay: read(template, text, configuration) }
}

function execute(template: CompiledTemplate, input: TemplateInput, { render }: Configuration): string {
  const data = templateData(input)
  try {
    return render.during(data, () => template.template.execute(data))
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    const field = /can't evaluate field (\S+) in type \*?inject\.SidecarTemplateData/.exec(cause.message)?.[1]
    const hint = field === undefined ? undefined : fieldHint(field, input.minor)
    throw new InjectionError('TemplateFailed', `template ${template.name}: ${cause.message}`, {
      path: `config.templates.${template.name}`,
      cause,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

/** A field of another release is no typing mistake: the release was chosen wrongly. */
function fieldHint(field: string, minor: number): string | undefined {
  const releases = releasesWithField(field)
  if (releases === undefined) return didYouMean(field, templateFieldNames(minor))
  return `Istio has ${field} ${releases}: choose the release of this configuration with compat`
}

function read(template: CompiledTemplate, text: string, configuration: Configuration): JsonObject {
  let parsed: Json
  try {
    parsed = configuration.render.parse(text)
  } catch (cause) {
    if (!(cause instanceof YamlError)) throw cause
    throw unreadable(template, `${cause.message}; rendered line ${cause.line}: ${lineOf(text, cause.line)}`, cause)
  }
  if (parsed === null) return {}
  if (!isObject(parsed)) throw unreadable(template, 'the rendered text is not an object')
  return parsed
}

function lineOf(text: string, line: number): string {
  return (text.split('\n')[line - 1] ?? '').trim()
}

function unreadable(template: CompiledTemplate, reason: string, cause?: unknown): InjectionError {
  return new InjectionError(
    'TemplateOutputInvalid',
    `failed parsing generated injected YAML (check Istio sidecar injector configuration): template ${template.name}: ${reason}`,
    { path: `config.templates.${template.name}`, ...(cause === undefined ? {} : { cause }) },
  )
}

interface Suspect {
  /** `proxyConfig`: the annotation `proxy.istio.io/config`, by way of `.ProxyConfig`. */
  readonly map: 'annotations' | 'labels' | 'proxyConfig'
  readonly key: string
}

/** What the annotation `proxy.istio.io/config` brings into the ProxyConfig reaches the template by another way. */
function suspiciousConfig({ pod, proxyConfig }: TemplateInput, { mesh }: Configuration): readonly Suspect[] {
  const annotated = Object.hasOwn(entriesOf(pod, 'annotations'), ANNOTATION.proxyConfig)
  const suspicious = annotated && harmlessMessage(proxyConfig, mesh.defaultConfig, 0) !== proxyConfig
  return suspicious ? [{ map: 'proxyConfig', key: ANNOTATION.proxyConfig }] : []
}

/** Values that could be more than a scalar where the template puts them, but for those that it reads as structure on purpose. */
function suspiciousKeys(
  template: CompiledTemplate,
  pod: JsonObject,
  text: string,
  { render }: Configuration,
): readonly Suspect[] {
  const suspects: Suspect[] = []
  for (const map of ['annotations', 'labels'] as const) {
    const entries = entriesOf(pod, map)
    const keys = suspiciousEntries(
      entries,
      (key, value) =>
        !render.structures.has(value) && (template.text.includes(key) || text.includes(longestLine(value))),
    )
    for (const key of keys) suspects.push({ map, key })
  }
  return suspects
}

function longestLine(value: string): string {
  return value.split(/[\r\n]+/).reduce((longest, line) => (line.length > longest.length ? line : longest), '')
}

function guard(
  template: CompiledTemplate,
  text: string,
  input: TemplateInput,
  suspects: readonly Suspect[],
  configuration: Configuration,
): void {
  const culprits = suspects.filter((suspect) => isCulprit(template, text, input, [suspect], configuration))
  const [first] =
    culprits.length > 0 ? culprits : isCulprit(template, text, input, suspects, configuration) ? suspects : []
  if (first === undefined) return
  const what = first.map === 'labels' ? 'label' : 'annotation'
  throw new InjectionError(
    'StructureInjection',
    `the value of ${what} ${first.key} would add structure of its own to the Pod through template ${template.name}`,
    {
      path: first.map === 'labels' ? labelPath(first.key) : annotationPath(first.key),
      hint: 'a value must stay a value: remove line breaks and quotes from it, or quote it in the template',
    },
  )
}

/** Renders again with harmless values in place of the suspects', and compares. */
function isCulprit(
  template: CompiledTemplate,
  text: string,
  input: TemplateInput,
  suspects: readonly Suspect[],
  configuration: Configuration,
): boolean {
  const rendered = (round: 0 | 1): Json => {
    const data = templateData(disarmInput(input, suspects, configuration, round))
    const harmlessText = configuration.render.during(data, () => template.template.execute(data))
    return configuration.render.parse(harmlessText)
  }
  let tamed: Json
  try {
    tamed = rendered(0)
  } catch {
    // Without the value the template does not work, so the value is needed as it is: nothing can be said.
    return false
  }
  let real: Json
  try {
    real = configuration.render.parse(text)
  } catch {
    return true
  }
  return addsStructure(real, (round) => (round === 0 ? tamed : rendered(1)))
}

function disarmInput(
  input: TemplateInput,
  suspects: readonly Suspect[],
  { mesh }: Configuration,
  round: 0 | 1,
): TemplateInput {
  const pod = disarm(input.pod, suspects, round)
  const disarmed = { ...input, pod, ...disarmedImages(input, suspects, round) }
  if (!suspects.some(({ map }) => map === 'proxyConfig')) return disarmed
  return { ...disarmed, proxyConfig: harmlessMessage(input.proxyConfig, mesh.defaultConfig, round) as JsonObject }
}

/** The type of the image ends its tag, and it may be the Pod's own wish. */
function disarmedImages(
  { pod, proxyConfig, proxyImage, proxyInitImage }: TemplateInput,
  suspects: readonly Suspect[],
  round: 0 | 1,
): Pick<TemplateInput, 'proxyImage' | 'proxyInitImage'> {
  const wishes = suspects.map(({ map, key }) => {
    if (map === 'proxyConfig') return textOf(objectOf(proxyConfig, 'image'), 'imageType')
    return map === 'annotations' && key === ANNOTATION.proxyImageType ? (entriesOf(pod, map)[key] ?? '') : ''
  })
  const disarmed = (image: string): string =>
    wishes.reduce((text, wish) => (wish === '' ? text : text.replaceAll(wish, () => harmless(wish, round))), image)
  return { proxyImage: disarmed(proxyImage), proxyInitImage: disarmed(proxyInitImage) }
}

function disarm(pod: JsonObject, suspects: readonly Suspect[], round: 0 | 1): JsonObject {
  const metadata: Record<string, Json> = { ...(isObject(pod.metadata) ? pod.metadata : {}) }
  for (const map of ['annotations', 'labels'] as const) {
    const keys = new Set(suspects.filter((suspect) => suspect.map === map).map(({ key }) => key))
    if (keys.size === 0) continue
    metadata[map] = Object.fromEntries(
      Object.entries(entriesOf(pod, map)).map(([key, value]) => [key, keys.has(key) ? harmless(value, round) : value]),
    )
  }
  return { ...pod, metadata }
}
