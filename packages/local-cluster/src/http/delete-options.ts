import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { badRequest, invalid } from '../api/errors.ts'
import type { DeleteOptions } from '../api/types.ts'
import { dryRunOf } from './query.ts'

const OPTIONS = { group: 'meta.k8s.io', kind: 'DeleteOptions' }
const POLICIES: ReadonlySet<string> = new Set(['Orphan', 'Background', 'Foreground'])

export interface DeleteRequest {
  readonly options: DeleteOptions
  readonly dryRun: boolean
}

/** Options of a deletion: from the body where there is one, else from the query. */
export function deleteOptions(body: Json | undefined, query: URLSearchParams): DeleteRequest {
  const given = isObject(body) ? body : fromQuery(query)
  const dryRun = isArray(given.dryRun) ? given.dryRun.map(String) : []
  return { options: read(given), dryRun: dryRunOf(OPTIONS, dryRun) }
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && !/^-?\d+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  }
  const policy = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  return {
    dryRun: query.getAll('dryRun'),
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: orphan === 'true' }),
  }
}

function read(given: JsonObject): DeleteOptions {
  const { gracePeriodSeconds, preconditions } = given
  const policy = policyOf(given)
  const uid = isObject(preconditions) ? preconditions.uid : undefined
  const version = isObject(preconditions) ? preconditions.resourceVersion : undefined
  return {
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(isObject(preconditions)
      ? {
          preconditions: {
            ...(typeof uid === 'string' ? { uid } : {}),
            ...(typeof version === 'string' ? { resourceVersion: version } : {}),
          },
        }
      : {}),
  }
}

function policyOf({ propagationPolicy, orphanDependents }: JsonObject): DeleteOptions['propagationPolicy'] {
  if (typeof orphanDependents === 'boolean') {
    if (typeof propagationPolicy === 'string') {
      const message = `Invalid value: ${JSON.stringify(propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set`
      throw invalid(OPTIONS, '', [{ field: 'propagationPolicy', reason: 'FieldValueInvalid', message }])
    }
    return orphanDependents ? 'Orphan' : 'Background'
  }
  if (propagationPolicy === undefined || propagationPolicy === null) return undefined
  if (typeof propagationPolicy === 'string' && POLICIES.has(propagationPolicy)) return propagationPolicy as 'Orphan'
  const message = `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Foreground", "Background", "Orphan", "nil"`
  throw invalid(OPTIONS, '', [{ field: 'propagationPolicy', reason: 'FieldValueNotSupported', message }])
}
