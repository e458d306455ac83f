import type { CheckId } from '../finding.ts'
import type { Text } from '../language.ts'

/** Stable names of what an API server's message means. Part of machine-readable output. */
export type MessageCode =
  // The certificate of the webhook, and the caBundle.
  | 'unknown-authority'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-for-other-names'
  | 'certificate-common-name-only'
  | 'certificate-without-names'
  | 'certificate-key-usage'
  | 'certificate-rejected'
  | 'bundle-malformed'
  | 'tls-alert'
  | 'not-tls'
  // The way to the webhook.
  | 'service-not-found'
  | 'service-port-not-found'
  | 'service-type-unsupported'
  | 'no-endpoints'
  | 'host-not-found'
  | 'dns-failed'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-closed'
  | 'no-route'
  | 'timeout-connecting'
  | 'timeout'
  | 'address-not-allowed'
  | 'tunnel-failed'
  | 'api-server-proxy'
  | 'url-invalid'
  | 'request-timeout'
  // The answer of the webhook.
  | 'path-not-found'
  | 'webhook-unavailable'
  | 'webhook-overloaded'
  | 'webhook-error'
  | 'webhook-refuses-call'
  | 'not-an-admission-response'
  | 'patch-not-applicable'
  | 'dry-run-unsupported'
  | 'match-condition-failed'
  // The injector said no.
  | 'denied-template-unknown'
  | 'denied-template-failed'
  | 'denied-configuration'
  | 'denied-annotation'
  | 'denied-status-annotation'
  | 'denied-by-injector'
  // Others said no to the Pod.
  | 'denied-by-policy'
  | 'denied-by-guard'
  | 'denied-by-webhook'
  | 'pod-invalid'
  | 'duplicate-proxy'
  | 'pod-security'
  | 'pod-security-policy'
  | 'security-context-constraints'
  | 'quota-exceeded'
  | 'quota-needs-resources'
  | 'limit-range'
  | 'namespace-terminating'
  | 'namespace-not-found'
  | 'service-account-not-found'
  | 'not-permitted'
  // A webhook could not be called, in words that are not known here.
  | 'webhook-call-failed'

/** The service that the message names, by the host of its URL. */
export interface NamedService {
  readonly namespace: string
  readonly name: string
  readonly port?: number
  readonly path?: string
}

/** One message of an API server, understood. */
export interface Classification {
  readonly code: MessageCode
  /** Name of the webhook in the message: `namespace.sidecar-injector.istio.io`. */
  readonly webhook?: string
  readonly service?: NamedService
  /** As the API server called it, without its query and without credentials. */
  readonly url?: string
  /** `?timeout=10s` of the URL. */
  readonly timeoutSeconds?: number
  /** The API server went on without the webhook (failurePolicy Ignore), so that a Pod was created without sidecar. */
  readonly failedOpen?: true
  /** Parts of the message by fixed names: `names` and `wanted` of a certificate, `quota`, `address`, `field` … */
  readonly details: Readonly<Record<string, string>>
  /** The piece of the text that was understood, in one line, at most 2,000 characters. */
  readonly message: string
  /** One sentence: what it means. */
  readonly verdict: Text
  /** Checks that find the cause, the likeliest one first. */
  readonly checks: readonly CheckId[]
  readonly likelyFirst: CheckId
}
