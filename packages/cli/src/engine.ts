import type { CustomWorkload, Json, JsonObject, JsonPatchOperation } from '@proa/kube'
import { CliError } from './cli-error.ts'
import type { ConfigFiles } from './config-files.ts'
import type { WorkloadFault } from './workloads/place.ts'

/** What is odd in a configuration but did not stop it. */
export interface ConfigurationProblem {
  readonly source: string
  readonly reason: string
  readonly path?: string
  readonly line?: number
  readonly hint?: string
}
export interface Configuration {
  readonly problems: readonly ConfigurationProblem[]
}
export interface ConfigureOptions {
  readonly compat: string
  readonly revision?: string
  readonly env: (name: string) => string | undefined
  readonly nativeSidecars?: boolean | 'auto'
  readonly nodes?: readonly JsonObject[]
}
export interface WorkloadOptions {
  readonly mode: 'manual' | 'webhook'
  readonly namespace?: string
  readonly namespaceObject?: JsonObject
  readonly extraWorkloads?: readonly CustomWorkload[]
}
export interface EngineWarning {
  readonly message: string
  readonly path?: string
}
export interface Added {
  readonly what: string
  readonly names: readonly string[]
}
export type Injected =
  | { readonly outcome: 'not-a-workload' }
  | {
      readonly outcome: 'injected'
      readonly patch: readonly JsonPatchOperation[]
      readonly reason: string
      readonly added: readonly Added[]
      readonly warnings: readonly EngineWarning[]
    }
  | {
      readonly outcome: 'skipped'
      readonly reason: string
      readonly notice: string
      readonly warnings: readonly EngineWarning[]
    }
  | { readonly outcome: 'failed'; readonly fault: WorkloadFault; readonly warnings: readonly EngineWarning[] }
export type Uninjected =
  | { readonly outcome: 'not-a-workload' | 'not-injected' }
  | { readonly outcome: 'restored'; readonly patch: readonly JsonPatchOperation[] }
  | { readonly outcome: 'failed'; readonly fault: WorkloadFault }
export interface ExplainOptions extends Omit<WorkloadOptions, 'mode'> {
  readonly webhooks?: readonly JsonObject[]
}
export interface RenderOptions {
  readonly lang: 'en' | 'zh'
  readonly format: 'text' | 'mermaid'
  readonly colour: boolean
}
export interface Explained {
  readonly injected: boolean
  readonly reason: string
  readonly json: Json
  readonly render: (options: RenderOptions) => string
}

/** What the commands use of the injector; a seam, so that they can be tested without it. */
export interface Engine {
  configure(sources: ConfigFiles, options: ConfigureOptions): Configuration
  inject(object: JsonObject, configuration: Configuration, options: WorkloadOptions): Injected
  uninject(object: JsonObject, extraWorkloads: readonly CustomWorkload[]): Uninjected
  explain(object: JsonObject, configuration: Configuration, options: ExplainOptions): Explained | undefined
}

export async function loadEngine(): Promise<Engine> {
  throw new CliError('the engine is not there yet')
}
