import type { PlainMap, Template } from '@proa/go-template'
import type { JsonObject } from '@proa/kube'
import type { DecisionConfiguration } from '../decision/types.ts'
import type { ConfigurationProblem } from '../errors.ts'
import type { InjectorValues } from '../mesh/index.ts'
import type { RenderContext } from '../render/context.ts'

/** Text of a configuration file and the name to call it by in messages. */
export interface SourceText {
  readonly text: string
  readonly source: string
}

/** The three files that Istio's injector reads. `loadConfiguration` says what stands for a missing one. */
export interface ConfigurationSources {
  /** Key `config` of the ConfigMap `istio-sidecar-injector`: policy, selectors, templates. */
  readonly config?: SourceText
  /** Key `values` of the same ConfigMap. */
  readonly values?: SourceText
  /** Key `mesh` of the ConfigMap `istio`. */
  readonly mesh?: SourceText
}

/** `auto` looks at the kubelet versions of the nodes; each node is a Node object. */
export type NativeSidecars = boolean | 'auto'

/** What is not in the files: it comes from the command line, the environment or the cluster. */
export interface ConfigurationOptions {
  /** `auto` (default), `current`, or an Istio release such as `1.21`. */
  readonly compat?: string
  /** The revision of the injector; "" is the default one. */
  readonly revision?: string
  /** What templates read with `env`, and Istio's own switches. Nothing is set when this is absent. */
  readonly env?: (name: string) => string | undefined
  /** Overrides the variable `ENABLE_NATIVE_SIDECARS`. */
  readonly nativeSidecars?: NativeSidecars
  /** Node objects for `auto`; absent when no cluster is known, which turns `auto` off. */
  readonly nodes?: readonly JsonObject[]
  /** ProxyConfig resources (networking.istio.io) of the cluster. */
  readonly proxyConfigs?: readonly JsonObject[]
}

/** A template of the configuration, ready to be rendered. */
export interface CompiledTemplate {
  readonly name: string
  readonly text: string
  readonly template: Template
}

/** A configuration that was read, checked and compiled once and serves any number of Pods. */
export interface Configuration {
  /**
   * The minor release that templates, merging and finishing follow. The decision can follow another: the built-in
   * template is written for the newest, whatever release the decision is asked for.
   */
  readonly minor: number
  readonly decision: DecisionConfiguration
  readonly revision: string
  readonly defaultTemplates: readonly string[]
  readonly aliases: ReadonlyMap<string, readonly string[]>
  readonly templates: ReadonlyMap<string, CompiledTemplate>
  readonly injectedAnnotations: Readonly<Record<string, string>>
  /** The values as a plain tree: what templates see. */
  readonly values: PlainMap
  /** A template may change the values that it is given (sprig's `set`): each render then gets a copy. */
  readonly changesValues: boolean
  /** The values that the injector itself decides on. */
  readonly typedValues: InjectorValues
  /** The MeshConfig message over its defaults. */
  readonly mesh: JsonObject
  readonly render: RenderContext
  readonly env: (name: string) => string | undefined
  readonly nativeSidecars: NativeSidecars
  readonly nodes: readonly JsonObject[] | undefined
  readonly proxyConfigs: readonly JsonObject[]
  readonly openShift: boolean
  /** What is odd in the configuration but did not stop it from being used. */
  readonly problems: readonly ConfigurationProblem[]
}
