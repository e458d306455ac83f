import { getOwn, isObject, type JsonObject } from '@proa/kube'

/** What a Lease (coordination.k8s.io/v1) says of leadership. */
export interface LeaseRecord {
  /** "" when nobody holds it. */
  readonly holder: string
  readonly durationSeconds: number
  readonly acquireTime: string
  readonly renewTime: string
  readonly transitions: number
}

export function readRecord(lease: JsonObject): LeaseRecord {
  const spec = getOwn(lease, 'spec')
  const fields = isObject(spec) ? spec : {}
  return {
    holder: text(getOwn(fields, 'holderIdentity')),
    durationSeconds: number(getOwn(fields, 'leaseDurationSeconds')),
    acquireTime: text(getOwn(fields, 'acquireTime')),
    renewTime: text(getOwn(fields, 'renewTime')),
    transitions: number(getOwn(fields, 'leaseTransitions')),
  }
}

/** The Lease with another record; what others wrote into it stays. */
export function withRecord(lease: JsonObject, record: LeaseRecord): JsonObject {
  const spec = getOwn(lease, 'spec')
  return {
    ...lease,
    spec: {
      ...(isObject(spec) ? spec : {}),
      holderIdentity: record.holder,
      leaseDurationSeconds: record.durationSeconds,
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  }
}

/** Kubernetes' MicroTime. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
