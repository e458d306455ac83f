import { applyConfiguration, type FieldWriter, type JsonObject, trackUpdate } from '@proa/kube'
import { hasStatus } from '../resources/strategy.ts'
import type { FieldOwnership, Written } from './backend.ts'
import { badRequest } from './errors.ts'
import { ApiError } from './status.ts'

/** Server-side apply with `metadata.managedFields`, for built-in and custom resources. */
export const fieldOwnership: FieldOwnership = {
  track: ({ before, after, ...written }) => trackUpdate({ ...writer(written), before, after }),
  apply({ live, applied, force, ...request }) {
    const result = applyConfiguration({ ...writer(request), live, applied, force })
    if (result.outcome === 'applied') return result.object
    if (result.outcome === 'conflict') {
      const causes = result.causes.map((cause): JsonObject => ({ ...cause }))
      throw new ApiError(409, 'Conflict', result.message, { causes })
    }
    if (result.code === 400) throw badRequest(result.message)
    throw new ApiError(500, '', result.message)
  },
}

function writer({
  type,
  subresource,
  manager,
  time,
}: Pick<Written, 'type' | 'subresource' | 'manager' | 'time'>): FieldWriter {
  const schema = type.custom?.schema
  return {
    manager,
    now: time,
    subresource,
    statusSubresource: hasStatus(type),
    ...(schema === undefined ? {} : { customSchema: schema }),
  }
}
