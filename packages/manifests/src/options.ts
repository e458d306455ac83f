/** Whether a Pod is refused or let through when the webhook does not answer. */
export type FailurePolicy = 'Fail' | 'Ignore'

/** What the guard does with a Pod that should have been injected and was not. */
export type GuardAction = 'Deny' | 'Warn' | 'Audit'

/**
 * The texts of the three configuration files, as in Istio's ConfigMaps.
 * Whatever is missing is built in.
 */
export interface ConfigurationTexts {
  readonly config?: string
  readonly values?: string
  readonly mesh?: string
}

/** Where the injector reads its configuration. */
export type ConfigurationChoice =
  /** ConfigMaps of this revision that belong to the installation. */
  | { readonly from: 'own'; readonly texts?: ConfigurationTexts }
  /**
   * ConfigMaps that somebody else (Istio's installation) keeps. They are read and never written.
   * `revision` is theirs, "default" for the ConfigMaps `istio` and `istio-sidecar-injector`.
   */
  | { readonly from: 'existing'; readonly revision: string }

/** Requests and limits of the injector's container, as in a Pod. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
}

/** What an installation is made of. Everything has a default, so that `{}` is a whole installation. */
export interface InstallationOptions {
  /** Default `istio-system`. */
  readonly namespace?: string
  /** Whether the Namespace object is one of the manifests. Default true. */
  readonly createNamespace?: boolean
  /** Default `default`: the one that `istio-injection=enabled` asks for. */
  readonly revision?: string
  /** Other names for the revision. `default` makes this revision the one that `istio-injection=enabled` asks for. */
  readonly tags?: readonly string[]
  /** Default `ghcr.io/proa/proa:<version of this package>`. */
  readonly image?: string
  /** Default: Kubernetes decides by the tag of the image. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  /** Names of Secrets. */
  readonly imagePullSecrets?: readonly string[]
  /** Default 2. */
  readonly replicas?: number
  /** Threads that inject, per replica; 0 (default) is the one that serves. */
  readonly workers?: number
  /** The Istio release whose behaviour the injector follows: `auto` (default: by the image tag of the values), `current`, `1.21`. */
  readonly compat?: string
  /** Default: 100m and 128Mi asked for, at most 256Mi of memory. */
  readonly resources?: Resources
  /** For example `system-cluster-critical`. Default: none. */
  readonly priorityClassName?: string
  /** Default `Fail` as Istio has it; `Ignore` when the guard refuses instead. */
  readonly failurePolicy?: FailurePolicy
  /** How long the API server waits for an answer, 1 to 30. Default 5. */
  readonly timeoutSeconds?: number
  /** Default `IfNeeded`: called again when a later webhook changed the Pod. */
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded'
  /** Istio's `enableNamespacesByDefault`: Pods in namespaces without any label are injected too. Default false. */
  readonly injectUnlabelledNamespaces?: boolean
  /** The entries are there and match nothing: another revision holds the tag `default`. Default false. */
  readonly deactivated?: boolean
  /** A ValidatingAdmissionPolicy behind the webhook. Needs Kubernetes 1.30. Default: none. */
  readonly guard?: { readonly actions: readonly GuardAction[] }
  /** Lets only the ports of the injector be reached. Default false. */
  readonly networkPolicy?: boolean
  /** For Prometheus' operator. Default false. */
  readonly serviceMonitor?: boolean
  /** `openshift` makes the injector read the namespaces' ids. Default: none. */
  readonly platform?: string
  /** Default: `{ from: 'own' }` with the built-in texts. */
  readonly configuration?: ConfigurationChoice
  /** More environment variables of the injector, as Istio's `PILOT_` switches. */
  readonly env?: Readonly<Record<string, string>>
  /** Value of the label `app.kubernetes.io/managed-by`. Default `proa`. */
  readonly managedBy?: string
}

/** {@link InstallationOptions} with its defaults filled in, checked. */
export interface Installation {
  readonly namespace: string
  readonly createNamespace: boolean
  /** Never empty. */
  readonly revision: string
  readonly tags: readonly string[]
  readonly image: string
  readonly imagePullPolicy: string | undefined
  readonly imagePullSecrets: readonly string[]
  readonly replicas: number
  readonly workers: number
  readonly compat: string
  readonly resources: Resources
  readonly priorityClassName: string | undefined
  readonly failurePolicy: FailurePolicy
  readonly timeoutSeconds: number
  readonly reinvocationPolicy: 'Never' | 'IfNeeded'
  readonly injectUnlabelledNamespaces: boolean
  readonly deactivated: boolean
  readonly guard: readonly GuardAction[] | undefined
  readonly networkPolicy: boolean
  readonly serviceMonitor: boolean
  readonly platform: string | undefined
  readonly configuration: ConfigurationChoice
  readonly env: Readonly<Record<string, string>>
  readonly managedBy: string
}
