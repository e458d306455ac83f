import type { JsonObject } from '@proa/kube'
import { forbidden } from '../authorization/refusal.ts'
import type { AccessRequest } from '../authorization/types.ts'
import { type Backend, type Call, storeKey } from './backend.ts'
import { createObject, inNamespace } from './create.ts'
import { metaText, withMetadata } from './metadata.ts'
import { ApiError } from './status.ts'
import { checkName, uidConflict, updateObject } from './update.ts'

export interface Replaced {
  readonly object: JsonObject
  readonly created: boolean
}

/** Kinds that PUT creates when they are missing (`AllowCreateOnUpdate` of their strategies). */
const CREATED_BY_UPDATE: ReadonlySet<string> = new Set([
  'clusterrolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'endpoints',
  'events',
  'leases.coordination.k8s.io',
  'limitranges',
  'rolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'services',
])

/** PUT by a client: the object takes the place of the one that is there, or of none where its kind allows that. */
export async function replaceObject(backend: Backend, call: Call, object: JsonObject): Promise<Replaced> {
  const replace = async (): Promise<Replaced> => ({ object: await updateObject(backend, call, object), created: false })
  if (!CREATED_BY_UPDATE.has(call.type.bucket) || isThere(backend, call)) return replace()
  checkName(call, object)
  const uid = metaText(object, 'uid')
  if (uid !== '') throw uidConflict(call, uid, '')
  const fresh = withMetadata(inNamespace(call, object), { resourceVersion: undefined })
  return createOrElse(backend, call, fresh, replace)
}

/** Creates what was missing; `otherwise` when somebody else was quicker. */
export async function createOrElse<T>(
  backend: Backend,
  call: Call,
  object: JsonObject,
  otherwise: () => Promise<T>,
): Promise<T | { readonly object: JsonObject; readonly created: true }> {
  mayCreate(backend, call)
  try {
    return { object: await createObject(backend, call, object), created: true }
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'AlreadyExists' && isThere(backend, call)) return otherwise()
    throw error
  }
}

export function isThere(backend: Backend, call: Call): boolean {
  return backend.store.get(storeKey(call)) !== undefined
}

/** Who may change an object may not create it for that. */
function mayCreate({ authorizer }: Backend, { type, user, namespace, name, subresource }: Call): void {
  const { group, version, resource } = type
  const access: AccessRequest = { user, verb: 'create', group, version, resource, subresource, namespace, name }
  const verdict = authorizer.decide(access)
  if (!verdict.allowed) throw forbidden(access, verdict.reason)
}
