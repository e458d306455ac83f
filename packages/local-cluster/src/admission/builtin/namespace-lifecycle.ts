import { getOwn, isObject } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import { forbidden, forbiddenFor, notFound } from '../refusals.ts'
import { namespaceOf } from '../request.ts'
import type { AdmissionAttributes } from '../types.ts'

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public'])
/** Asking for a review must not tell whether a namespace exists. */
const REVIEWS = new Set(['localsubjectaccessreviews'])

/** Nothing is written into a namespace that is not there, nothing new into one that is being deleted. */
export function checkNamespace(attributes: AdmissionAttributes, deps: AdmissionDeps): void {
  const { resource: type, operation, namespace, name } = attributes
  const isNamespace = type.group === '' && type.resource === 'namespaces'
  if (isNamespace && operation === 'DELETE' && IMMORTAL.has(name)) {
    throw forbidden(type, name, 'this namespace may not be deleted')
  }
  const asked = operation === 'CREATE' || operation === 'UPDATE'
  if (isNamespace || namespace === '' || !asked || REVIEWS.has(type.resource)) return
  const stored = namespaceOf(attributes, deps)
  if (stored === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  const status = getOwn(stored, 'status')
  if (operation !== 'CREATE' || !isObject(status) || getOwn(status, 'phase') !== 'Terminating') return
  const because = `unable to create new content in namespace ${namespace} because it is being terminated`
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  throw forbiddenFor(attributes, because, { causes: [cause] })
}
