import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import type { RefusalReason } from './reasons.ts'

/** The versions of AdmissionReview that are understood; the answer has the version of the request. */
const VERSIONS = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const
export type ReviewVersion = (typeof VERSIONS)[number]

/** The parts of an AdmissionReview that count. */
export interface AdmissionRequest {
  readonly version: ReviewVersion
  readonly uid: string
  readonly operation: string
  readonly namespace: string
  readonly name: string
  readonly subResource: string
  /** Plural, `pods`; "" when it is not said. */
  readonly resource: string
  readonly dryRun: boolean
  readonly object: Json | undefined
}

/** What is wrong with a review. The version and the uid are there when they could be read all the same. */
export interface Undecodable {
  readonly reason: RefusalReason
  readonly message: string
  readonly version?: ReviewVersion
  readonly uid?: string
}

export type Decoded =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly problem: Undecodable }

/** Takes a parsed body for an AdmissionReview. */
export function decodeReview(json: Json): Decoded {
  if (!isObject(json)) return undecodable('the body is JSON, but no object; send an AdmissionReview')
  const { apiVersion, kind } = json
  if (typeof kind !== 'string' || kind === '') {
    return undecodable('the body has no kind; send an AdmissionReview of admission.k8s.io/v1')
  }
  const version = VERSIONS.find((known) => known === apiVersion)
  if (kind !== 'AdmissionReview' || version === undefined) {
    return undecodable(
      `the body is ${shown(apiVersion)} ${shown(kind)}; AdmissionReview of ${VERSIONS.join(' and ')} is understood`,
    )
  }
  const request = getOwn(json, 'request')
  if (request === undefined || request === null) {
    const message = 'the AdmissionReview has no request'
    return { ok: false, problem: { reason: 'NoRequest', message, version } }
  }
  return isObject(request)
    ? decodeRequest(request, version)
    : undecodable('request of the AdmissionReview is no object')
}

const TEXTS = ['uid', 'operation', 'namespace', 'name', 'subResource'] as const

function decodeRequest(request: JsonObject, version: ReviewVersion): Decoded {
  for (const field of TEXTS) {
    const value = request[field]
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return undecodable(`request.${field} of the AdmissionReview is no text`)
    }
  }
  const { resource, dryRun } = request
  const plural = isObject(resource) ? resource.resource : undefined
  return {
    ok: true,
    request: {
      version,
      uid: text(request.uid),
      operation: text(request.operation),
      namespace: text(request.namespace),
      name: text(request.name),
      subResource: text(request.subResource),
      resource: text(plural),
      dryRun: dryRun === true,
      object: request.object,
    },
  }
}

function undecodable(message: string): Decoded {
  return { ok: false, problem: { reason: 'NotAdmissionReview', message } }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Long enough for every kind and version that there is. */
const LONGEST_SHOWN = 80

function shown(value: Json | undefined): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST_SHOWN)) : 'nothing'
}
