import type { JsonObject } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import type { AdmissionAttributes } from '../types.ts'
import { checkNamespace } from './namespace-lifecycle.ts'
import { givePriority } from './priority.ts'
import { giveServiceAccount } from './service-account.ts'
import { giveTolerations } from './tolerations.ts'

/**
 * The built-in rules that change or refuse objects before webhooks see them, in the order of the API server. They run again
 * when a webhook changed the object.
 *
 * @throws ApiError
 */
export function applyBuiltIns(attributes: AdmissionAttributes, deps: AdmissionDeps): JsonObject | undefined {
  checkNamespace(attributes, deps)
  const { object, resource, subresource, operation } = attributes
  const isPod = resource.group === '' && resource.resource === 'pods' && subresource === ''
  if (!isPod || object === undefined) return object
  if (operation !== 'CREATE') return operation === 'UPDATE' ? giveTolerations(object) : object
  const withAccount = giveServiceAccount(attributes, object, deps)
  return giveTolerations(givePriority(attributes, withAccount, deps))
}
