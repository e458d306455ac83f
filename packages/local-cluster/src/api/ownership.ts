import {
  applyConfiguration,
  deepEqual,
  type FieldWriter,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  quoteGo,
  trackUpdate,
} from '@proa/kube'
import { hasStatus } from '../resources/strategy.ts'
import type { Call, FieldOwnership, Written } from './backend.ts'
import { badRequest } from './errors.ts'
import { metadataOf, withMetadata } from './metadata.ts'
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

/** The object, with the owners from before admission when a webhook made entries of them that cannot be read. */
export function withSoundOwners(call: Call, mutated: JsonObject, before: JsonObject): JsonObject {
  const problems = entriesOf(mutated).flatMap(entryProblems)
  if (problems.length === 0) return mutated
  const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
  call.warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${list}`,
  )
  return withMetadata(mutated, { managedFields: getOwn(metadataOf(before), 'managedFields') })
}

function entriesOf(object: JsonObject): readonly JsonObject[] {
  const entries = getOwn(metadataOf(object), 'managedFields')
  return isArray(entries) ? entries.filter(isObject) : []
}

function entryProblems({ operation, fieldsType }: JsonObject): readonly string[] {
  const problem = (field: string, value: Json | undefined, must: string): string =>
    `metadata.managedFields.${field}: Invalid value: ${quoteGo(typeof value === 'string' ? value : '')}: must be ${must}`
  return [
    ...(operation === 'Apply' || operation === 'Update'
      ? []
      : [problem('operation', operation, '`Apply` or `Update`')]),
    ...(fieldsType === undefined || fieldsType === '' || fieldsType === 'FieldsV1'
      ? []
      : [problem('fieldsType', fieldsType, '`FieldsV1`')]),
  ]
}

/** Whether a write changes nothing but when somebody last wrote what is there already: that is no change. */
export function sameButForTimes(next: JsonObject, current: JsonObject): boolean {
  return deepEqual(next, current) || deepEqual(withoutTimes(next), withoutTimes(current))
}

function withoutTimes(object: JsonObject): JsonObject {
  return withMetadata(object, { managedFields: entriesOf(object).map(({ time: _time, ...entry }) => entry) })
}
