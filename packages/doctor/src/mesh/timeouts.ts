import type { JsonObject } from '@proa/kube'
import { numberAt, textAt } from '../reading.ts'

/** What the API server waits when a webhook does not say, in seconds (admissionregistration.k8s.io/v1). */
const DEFAULT_TIMEOUT = 10
/** The same for v1beta1, which API servers before 1.22 knew. */
const OLD_DEFAULT_TIMEOUT = 30

/** `timeoutSeconds` of an entry of a webhook configuration. */
export function timeoutOf(configuration: JsonObject, entry: JsonObject): number {
  const old = textAt(configuration, 'apiVersion').endsWith('/v1beta1')
  return numberAt(entry, 'timeoutSeconds') ?? (old ? OLD_DEFAULT_TIMEOUT : DEFAULT_TIMEOUT)
}
