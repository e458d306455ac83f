/** Every answer is made here, so that none is malformed. */
import type { Configuration } from '@proa/injector'
import type { AdmissionRequest, Undecodable } from './decode.ts'
import type { ReviewOutcome, ReviewReason } from './reasons.ts'
import { templateHash } from './template-hash.ts'
import type { Answer } from './types.ts'

/** What goes with an answer: why, and what the user should know. */
export interface Remarks {
  readonly outcome: ReviewOutcome
  readonly reason: ReviewReason
  readonly warnings: readonly string[]
  readonly configuration: Configuration
}

/** `metav1.Status` of a denial. */
export interface Denial {
  readonly message: string
  /** As HTTP status: the API server hands it on to its client. */
  readonly code: 400 | 500
}

export function allowed(request: AdmissionRequest, remarks: Remarks): Answer {
  return review(request, `"allowed":true${extras(remarks)}`)
}

/** @param patch the JSON of the patch */
export function patched(request: AdmissionRequest, patch: string, remarks: Remarks): Answer {
  const encoded = Buffer.from(patch).toString('base64')
  return review(request, `"allowed":true,"patch":"${encoded}","patchType":"JSONPatch"${extras(remarks)}`)
}

export function denied(request: AdmissionRequest, denial: Denial, remarks: Remarks): Answer {
  return review(request, `"allowed":false,"status":${status(denial)}${extras(remarks)}`)
}

/** As Istio answers: 200, refused; without kind and version when those of the request are not known. */
export function undecodable({ version, uid = '', message }: Undecodable): Answer {
  const body = `"allowed":false,"status":${status({ code: 400, message })}`
  const response = `"response":{"uid":${JSON.stringify(uid)},${body}}`
  return json(version === undefined ? `{${response}}` : `{${typeOf(version)},${response}}`)
}

/** An answer that is no review: the API server takes it for a failed call, and the failurePolicy decides. */
export function plain(code: number, message: string): Answer {
  return { status: code, contentType: 'text/plain; charset=utf-8', body: `${message}\n` }
}

function review({ version, uid }: AdmissionRequest, response: string): Answer {
  return json(`{${typeOf(version)},"response":{"uid":${JSON.stringify(uid)},${response}}}`)
}

function typeOf(version: string): string {
  return `"kind":"AdmissionReview","apiVersion":"${version}"`
}

function json(body: string): Answer {
  return { status: 200, contentType: 'application/json', body }
}

function status({ message, code }: Denial): string {
  const reason = code === 400 ? 'BadRequest' : 'InternalError'
  return JSON.stringify({ metadata: {}, status: 'Failure', message, reason, code })
}

function extras({ warnings, ...remarks }: Remarks): string {
  const audit = auditAnnotations(remarks)
  return warnings.length === 0 ? audit : `${audit},"warnings":${JSON.stringify(warnings)}`
}

const knownAnnotations = new WeakMap<Configuration, Map<string, string>>()

/**
 * For the audit log of the API server, which puts the name of the webhook before each key. The few that a configuration has are
 * kept as JSON.
 */
function auditAnnotations({ outcome, reason, configuration }: Omit<Remarks, 'warnings'>): string {
  const known = knownAnnotations.get(configuration) ?? new Map<string, string>()
  knownAnnotations.set(configuration, known)
  const key = `${outcome}/${reason}`
  const found = known.get(key)
  if (found !== undefined) return found
  const made = `,"auditAnnotations":${JSON.stringify({
    outcome,
    reason,
    revision: configuration.revision === '' ? 'default' : configuration.revision,
    'template-hash': templateHash(configuration),
  })}`
  known.set(key, made)
  return made
}
