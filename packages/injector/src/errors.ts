import { TypedError } from '@proa/kube'

/** What is wrong with the injector's configuration, where, and what to do. */
export interface ConfigurationProblem {
  /** The file or flag: `config`, `values`, `mesh`, or a file name. */
  readonly source: string
  readonly reason: string
  /** Object path inside the source, `templates.sidecar`. */
  readonly path?: string
  /** One-based line inside the source. */
  readonly line?: number
  readonly hint?: string
  /** It makes the configuration useless, although it can be read: nothing is injected with it. */
  readonly fatal?: true
}

/** The configuration cannot be used. Nothing was injected with it. */
export class InjectionConfigurationError extends Error {
  readonly problem: ConfigurationProblem

  constructor(problem: ConfigurationProblem, options?: ErrorOptions) {
    super(describeProblem(problem), options)
    this.name = 'InjectionConfigurationError'
    this.problem = problem
  }
}

function describeProblem({ source, path, line, reason, hint }: ConfigurationProblem): string {
  const where = [source, path, line === undefined ? undefined : `line ${line}`].filter((part) => part !== undefined)
  return `${where.join(', ')}: ${reason}${hint === undefined ? '' : ` (${hint})`}`
}

/** Stable names of the ways in which an injection can fail. */
export type InjectionErrorCode =
  | 'InvalidPod'
  | 'InvalidAnnotation'
  | 'UnknownTemplate'
  | 'TemplateFailed'
  | 'TemplateOutputInvalid'
  | 'StructureInjection'
  | 'InvalidStatus'
  | 'InvalidOverrides'
  | 'MergeFailed'
  | 'InvalidScrapeTargets'
  | 'NoPodTemplate'

/** One Pod could not be injected. The Pod itself is untouched. */
export class InjectionError extends Error {
  readonly code: InjectionErrorCode
  /** Where in the Pod: `metadata.annotations["sidecar.istio.io/status"]`. */
  readonly path: string | undefined
  readonly hint: string | undefined

  constructor(
    code: InjectionErrorCode,
    message: string,
    options: ErrorOptions & { path?: string; hint?: string } = {},
  ) {
    super(message, options)
    this.name = 'InjectionError'
    this.code = code
    this.path = options.path
    this.hint = options.hint
  }
}

/** What was thrown, where the Pod is to blame for it; undefined where the program is. */
export function toInjectionError(error: unknown): InjectionError | undefined {
  if (error instanceof InjectionError) return error
  if (error instanceof TypedError) {
    return new InjectionError('InvalidPod', error.message, { path: error.path, cause: error })
  }
  // JSON.parse reads any depth; what comes after it recurses, and the stack ends.
  if (error instanceof RangeError) {
    const hint = 'no Pod needs more than some dozens of levels'
    return new InjectionError('InvalidPod', 'the Pod is nested too deeply', { hint, cause: error })
  }
  return undefined
}

/** `metadata.annotations["a.b/c"]` */
export function annotationPath(key: string): string {
  return `metadata.annotations["${key}"]`
}

export function labelPath(key: string): string {
  return `metadata.labels["${key}"]`
}
