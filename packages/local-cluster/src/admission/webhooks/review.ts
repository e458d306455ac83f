import { getOwn, isArray, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import type { AdmissionAttributes } from '../types.ts'
import { CallError } from './go-errors.ts'

const GROUP = 'admission.k8s.io'
const VERSIONS = ['v1', 'v1beta1'] as const
export type ReviewVersion = (typeof VERSIONS)[number]

/** The first of the webhook's versions that we can speak. Undefined: none. */
export function reviewVersion(admissionReviewVersions: Json | undefined): ReviewVersion | undefined {
  const wanted = isArray(admissionReviewVersions) ? admissionReviewVersions : []
  for (const one of wanted) if (one === 'v1' || one === 'v1beta1') return one
  return undefined
}

/** The resource in which a webhook wants to see the object; only the version of a resource that exists here. */
export function admissionReview(version: ReviewVersion, uid: string, attributes: AdmissionAttributes): JsonObject {
  const { resource: type, subresource, name, namespace, operation, user, dryRun, options } = attributes
  const kind = { group: type.group, version: type.version, kind: type.kind }
  const resource = { group: type.group, version: type.version, resource: type.resource }
  const extra = Object.entries(user.extra ?? {})
  return {
    kind: 'AdmissionReview',
    apiVersion: `${GROUP}/${version}`,
    request: {
      uid,
      kind,
      resource,
      ...(subresource === '' ? {} : { subResource: subresource }),
      requestKind: kind,
      requestResource: resource,
      ...(subresource === '' ? {} : { requestSubResource: subresource }),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: {
        ...(user.username === '' ? {} : { username: user.username }),
        ...(user.uid === undefined || user.uid === '' ? {} : { uid: user.uid }),
        ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
        ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra.map(([key, values]) => [key, [...values]])) }),
      },
      object: attributes.object ?? null,
      oldObject: attributes.oldObject ?? null,
      dryRun,
      options,
    },
  }
}

/** The verdict of a webhook, checked. */
export interface WebhookVerdictAnswer {
  readonly allowed: boolean
  /** The status object of a refusal, as the webhook gave it. */
  readonly result: JsonObject | undefined
  /** Decoded from base64; `''` for none. */
  readonly patch: string
  readonly patchType: string
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>
}

const INVALID = 'received invalid webhook response: '

/**
 * Checks what came back (apiserver, webhook/request VerifyAdmissionResponse).
 *
 * @throws CallError
 */
export function verifyReview(
  review: JsonObject,
  version: ReviewVersion,
  uid: string,
  mutating: boolean,
): WebhookVerdictAnswer {
  const response = getOwn(review, 'response')
  if (!isObject(response)) throw new CallError(`${INVALID}webhook response was absent`)
  const patch = textAt(response, 'patch') ?? ''
  const patchType = textAt(response, 'patchType')
  if (version === 'v1') {
    const got = textAt(response, 'uid') ?? ''
    if (got !== uid) throw new CallError(`${INVALID}expected response.uid=${quoteGo(uid)}, got ${quoteGo(got)}`)
    verifyKind(review)
    const problem = mutating ? patchProblem(patch, patchType) : unwantedPatch(patch, patchType)
    if (problem !== undefined) throw new CallError(`${INVALID}${problem}`)
  }
  const result = getOwn(response, 'status')
  return {
    allowed: getOwn(response, 'allowed') === true,
    result: isObject(result) ? result : undefined,
    patch: mutating ? Buffer.from(patch, 'base64').toString('utf8') : '',
    // v1beta1 did not check the type, so there it is always the only one that exists.
    patchType: version === 'v1' ? (patchType ?? '') : patch === '' ? '' : 'JSONPatch',
    warnings: textsAt(response, 'warnings'),
    auditAnnotations: pairsAt(response, 'auditAnnotations'),
  }
}

function verifyKind(review: JsonObject): void {
  const apiVersion = textAt(review, 'apiVersion') ?? ''
  const kind = textAt(review, 'kind') ?? ''
  if (apiVersion === `${GROUP}/v1` && kind === 'AdmissionReview') return
  const got = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
  throw new CallError(`${INVALID}expected webhook response of ${GROUP}/v1, Kind=AdmissionReview, got ${got}`)
}

function patchProblem(patch: string, patchType: string | undefined): string | undefined {
  if (patch !== '' && patchType === undefined) return 'webhook returned response.patch but not response.patchType'
  if (patch === '' && patchType !== undefined) return 'webhook returned response.patchType but not response.patch'
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined
}

function unwantedPatch(patch: string, patchType: string | undefined): string | undefined {
  if (patch !== '') return 'validating webhook may not return response.patch'
  return patchType === undefined ? undefined : 'validating webhook may not return response.patchType'
}

function textAt(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

function textsAt(object: JsonObject, key: string): readonly string[] {
  const value = getOwn(object, key)
  return isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

function pairsAt(object: JsonObject, key: string): Readonly<Record<string, string>> {
  const value = getOwn(object, key)
  const pairs = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}
