import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import { bundleFingerprints, checkServingPair, PkiError, parseBundle } from '@proa/pki'
import {
  type AuthorityState,
  bundleOf,
  type RetiredRoot,
  type SigningRoot,
  type TrustedRoot,
} from './rotation-state.ts'

/** The keys of the Secret. The first three are those of a `kubernetes.io/tls` Secret, so it can be mounted as one. */
export const SECRET_KEYS = {
  certificate: 'tls.crt',
  privateKey: 'tls.key',
  /** All roots to trust. */
  bundle: 'ca.crt',
  /** Key of the root that signs. */
  issuingKey: 'ca.key',
  /** Key of the root that is published and does not sign yet. */
  nextKey: 'next-ca.key',
  /** Which root is which, and the times. Holds no secret. */
  record: 'rotation.json',
} as const

/** On the Secret: `root` or `leaf` asks for a rotation. The leader takes it away when it has begun. */
export const ROTATE_ANNOTATION = 'proa.dev/rotate'

export type ReadSecret =
  | { readonly outcome: 'good'; readonly state: AuthorityState; readonly requested: 'root' | 'leaf' | undefined }
  /** There is no Secret, or one without data, as the manifests bring it. */
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'corrupt'; readonly problem: string; readonly salvaged: readonly TrustedRoot[] }

/** Reads the Secret, and believes nothing that does not fit together. */
export function readSecret(secret: JsonObject | undefined): ReadSecret {
  const data = secret === undefined ? undefined : getOwn(secret, 'data')
  if (secret === undefined || !isObject(data) || !Object.values(SECRET_KEYS).some((key) => Object.hasOwn(data, key))) {
    return { outcome: 'missing' }
  }
  const text = textsOf(data)
  try {
    const state = readState(text)
    checkState(state, text(SECRET_KEYS.bundle))
    return { outcome: 'good', state, requested: requestedRotation(secret) }
  } catch (error) {
    if (!(error instanceof PkiError) && !(error instanceof CorruptError)) throw error
    return { outcome: 'corrupt', problem: error.message, salvaged: readableRoots(text(SECRET_KEYS.bundle)) }
  }
}

class CorruptError extends Error {
  override readonly name = 'CorruptError'
}

type Texts = (key: string) => string

function textsOf(data: JsonObject): Texts {
  return (key) => {
    const value = getOwn(data, key)
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
  }
}

/** Authorities of a bundle; what cannot be read is left out. */
export function readableRoots(bundle: string): readonly TrustedRoot[] {
  return parseBundle(bundle)
    .certificates.filter(({ facts }) => facts.isCA)
    .map(({ pem, facts }) => ({ id: facts.fingerprint, certificate: pem, notAfter: facts.notAfter.getTime() }))
}

function readState(text: Texts): AuthorityState {
  const record = readRecord(text(SECRET_KEYS.record))
  const roots = new Map(readableRoots(text(SECRET_KEYS.bundle)).map((root) => [root.id, root]))
  const root = (id: string): TrustedRoot => {
    const found = roots.get(id)
    if (found === undefined) throw new CorruptError(`${SECRET_KEYS.bundle} lacks the root ${id.slice(0, 16)}…`)
    return found
  }
  const leafText = text(SECRET_KEYS.certificate)
  const leafFacts = checkedLeaf(
    leafText,
    text(SECRET_KEYS.privateKey),
    root(record.issuing).certificate,
    record.issuedAt,
  )
  return {
    generation: record.generation,
    issuing: { ...root(record.issuing), privateKey: text(SECRET_KEYS.issuingKey) },
    leaf: {
      root: record.issuing,
      certificate: leafText,
      privateKey: text(SECRET_KEYS.privateKey),
      issuedAt: record.issuedAt,
      notAfter: leafFacts.notAfter.getTime(),
      dnsNames: leafFacts.dnsNames,
    },
    leavesEnd: Math.max(record.leavesEnd, leafFacts.notAfter.getTime()),
    next: record.next === undefined ? undefined : { ...root(record.next), privateKey: text(SECRET_KEYS.nextKey) },
    retired: record.retired.map(({ id, until }): RetiredRoot => ({ ...root(id), until })),
    settled: record.settled,
  }
}

/** At the time of its issue: an old certificate is old, not corrupt. */
function checkedLeaf(certificate: string, privateKey: string, bundle: string, issuedAt: number) {
  return checkServingPair({ certificate, privateKey, bundle }, [], new Date(issuedAt))
}

function checkState(state: AuthorityState, bundle: string): void {
  const expected = bundleFingerprints(bundleOf(state))
  const unknown = bundleFingerprints(bundle).filter((id) => !expected.includes(id))
  if (unknown.length > 0) throw new CorruptError(`${SECRET_KEYS.bundle} holds a root that is not ours: ${unknown[0]}`)
  checkKey(state.issuing, SECRET_KEYS.issuingKey)
  if (state.next !== undefined) checkKey(state.next, SECRET_KEYS.nextKey)
}

function checkKey({ certificate, privateKey, notAfter }: SigningRoot, key: string): void {
  try {
    // The moment before its end lies within the life of every certificate.
    checkServingPair({ certificate, privateKey }, [], new Date(notAfter - 1))
  } catch (error) {
    throw new CorruptError(`${key}: ${error instanceof Error ? error.message : ''}`)
  }
}

interface StoredRecord {
  readonly generation: number
  readonly issuing: string
  readonly issuedAt: number
  readonly leavesEnd: number
  readonly next: string | undefined
  readonly retired: readonly { readonly id: string; readonly until: number }[]
  readonly settled: boolean
}

function readRecord(text: string): StoredRecord {
  const record = parseJson(text)
  const retired = getOwn(record, 'retired')
  const next = getOwn(record, 'next')
  return {
    generation: numberOf(record, 'generation'),
    issuing: stringOf(record, 'issuing'),
    issuedAt: timeOf(record, 'issuedAt'),
    leavesEnd: timeOf(record, 'leavesEnd'),
    next: next === undefined ? undefined : stringOf(record, 'next'),
    retired: (Array.isArray(retired) ? (retired as Json[]) : []).filter(isObject).map((one) => ({
      id: stringOf(one, 'root'),
      until: timeOf(one, 'until'),
    })),
    settled: getOwn(record, 'settled') !== false,
  }
}

function parseJson(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw new CorruptError(`${SECRET_KEYS.record} is not a JSON object`)
}

function stringOf(record: JsonObject, key: string): string {
  const value = getOwn(record, key)
  if (typeof value !== 'string') throw new CorruptError(`${SECRET_KEYS.record}: ${key} is not a text`)
  return value
}

function numberOf(record: JsonObject, key: string): number {
  const value = getOwn(record, key)
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new CorruptError(`${SECRET_KEYS.record}: ${key} is not a whole number`)
  }
  return value
}

function timeOf(record: JsonObject, key: string): number {
  const time = Date.parse(stringOf(record, key))
  if (Number.isNaN(time)) throw new CorruptError(`${SECRET_KEYS.record}: ${key} is not a time`)
  return time
}

function requestedRotation(secret: JsonObject): 'root' | 'leaf' | undefined {
  const metadata = getOwn(secret, 'metadata')
  const annotations = isObject(metadata) ? getOwn(metadata, 'annotations') : undefined
  const value = isObject(annotations) ? getOwn(annotations, ROTATE_ANNOTATION) : undefined
  return value === 'root' || value === 'leaf' ? value : undefined
}

/** The `data` of the Secret for a state. */
export function secretData(state: AuthorityState): JsonObject {
  const record = {
    generation: state.generation,
    issuing: state.issuing.id,
    issuedAt: iso(state.leaf.issuedAt),
    leavesEnd: iso(state.leavesEnd),
    ...(state.next === undefined ? {} : { next: state.next.id }),
    retired: state.retired.map(({ id, until }) => ({ root: id, until: iso(until) })),
    settled: state.settled,
  }
  return {
    [SECRET_KEYS.certificate]: base64(state.leaf.certificate),
    [SECRET_KEYS.privateKey]: base64(state.leaf.privateKey),
    [SECRET_KEYS.bundle]: base64(bundleOf(state)),
    [SECRET_KEYS.issuingKey]: base64(state.issuing.privateKey),
    ...(state.next === undefined ? {} : { [SECRET_KEYS.nextKey]: base64(state.next.privateKey) }),
    [SECRET_KEYS.record]: base64(`${JSON.stringify(record, null, 2)}\n`),
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
