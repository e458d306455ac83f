import type { Configuration, ConfigurationOptions, ConfigurationSources } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { Watched } from './watched.ts'

/** A configuration that was read and found good; `sources` and `options` are plain data, so that a worker can read it again. */
export interface LoadedConfiguration {
  /** 1 for the first good one, then one more with each change. */
  readonly generation: number
  readonly sources: ConfigurationSources
  readonly options: PlainConfigurationOptions
  readonly configuration: Configuration
}

/** {@link ConfigurationOptions} without functions: what a worker thread can be sent. */
export interface PlainConfigurationOptions extends Omit<ConfigurationOptions, 'env'> {
  readonly env: Readonly<Record<string, string>>
}

/** Where the injector's configuration comes from: files or ConfigMaps, watched. */
export interface ConfigurationSource extends Watched<LoadedConfiguration> {
  /** The Namespace object, where the platform needs it (OpenShift) and the cluster is known. */
  namespaceObject(name: string): JsonObject | undefined
  stop(): void
}

/** What the HTTPS server serves with, and what the API server has to trust. All PEM. */
export interface ServingCertificate {
  /** The chain, leaf first. */
  readonly certificate: string
  readonly privateKey: string
  /** Roots to trust: more than one while a rotation overlaps. Undefined when only certificate and key were given as files. */
  readonly caBundle: string | undefined
  /** End of the leaf. */
  readonly notAfter: Date
  /** The earliest end of the roots in use. */
  readonly caNotAfter: Date | undefined
}

/** Where the serving certificate comes from: files, or our own authority in a Secret. */
export interface CertificateSource extends Watched<ServingCertificate> {
  stop(): void
}

/** What the parts of the webhook count; `metrics/` implements it with Prometheus. */
export interface WebhookMetrics {
  configurationLoaded(generation: number): void
  configurationRejected(): void
  certificateLoaded(notAfter: Date, caNotAfter: Date | undefined): void
  certificateRejected(): void
  /** An attempt of the caBundle patcher on one webhook configuration. */
  caBundlePatched(name: string, result: 'patched' | 'unchanged' | 'failed', reason?: string): void
}
