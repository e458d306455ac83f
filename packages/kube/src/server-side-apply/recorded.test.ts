import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isArray, isObject, type Json, type JsonObject } from '../json.ts'
import { applyPatch } from '../json-patch/apply.ts'
import type { JsonPatchOperation } from '../json-patch/operation.ts'
import { applyConfiguration, updateManagedFields } from './server-side-apply.ts'

/**
 * What a real API server (1.36) did, recorded by tools/record-server-side-apply.ts. The writes of each sequence
 * follow each other; every step starts from what the server had, so one difference stays one difference.
 */
interface Step {
  readonly operation: 'apply' | 'write'
  readonly manager: string
  readonly force?: boolean
  readonly subresource?: string
  readonly applied?: JsonObject
  readonly wanted?: Json
  readonly error?: { readonly message: string; readonly code: number; readonly causes: readonly JsonObject[] | null }
  readonly patch?: readonly JsonPatchOperation[]
  readonly managed?: readonly (number | JsonObject)[]
}

interface Recorded {
  readonly schemas: Readonly<Record<string, JsonObject>>
  readonly sequences: readonly { readonly apiVersion: string; readonly kind: string; readonly steps: readonly Step[] }[]
}

const recorded = JSON.parse(readFileSync(new URL('./testdata/recorded.json', import.meta.url), 'utf8')) as Recorded

function metadataOf(object: JsonObject): JsonObject {
  return isObject(object.metadata) ? object.metadata : {}
}

function entriesOf(object: JsonObject): readonly Json[] {
  const { managedFields } = metadataOf(object)
  return isArray(managedFields) ? managedFields : []
}

function withEntries(object: JsonObject, managedFields: Json): JsonObject {
  return { ...object, metadata: { ...metadataOf(object), managedFields } }
}

function objectAfter({ patch, managed = [] }: Step, before: JsonObject | undefined): JsonObject | undefined {
  if (patch === undefined) return undefined
  const { managedFields: _dropped, ...metadata } = metadataOf(before ?? {})
  const after = applyPatch(before === undefined ? {} : { ...before, metadata }, patch)
  const old = entriesOf(before ?? {})
  const entries = managed.map((entry) => (typeof entry === 'number' ? (old[entry] ?? null) : entry))
  if (!isObject(after)) throw new Error('the recorded object is none')
  return entries.length === 0 ? after : withEntries(after, entries)
}

/** The time of the write: that of an entry that was not there with this time before. */
function timeOf(before: JsonObject | undefined, after: JsonObject): string {
  const times = (object: JsonObject): string[] =>
    entriesOf(object).map((entry) => (isObject(entry) ? String(entry.time ?? '') : ''))
  const old = new Set(before === undefined ? [] : times(before))
  const now = times(after).sort()
  return now.findLast((time) => !old.has(time)) ?? now.at(-1) ?? ''
}

describe.each(recorded.sequences.map((sequence, index) => ({ ...sequence, index })))(
  'sequence $index of $kind',
  ({ steps, kind }) => {
    const shared = {
      customSchema: recorded.schemas[kind] ?? {},
      statusSubresource: kind !== 'Typed' && kind !== 'ConfigMap' && kind !== 'MutatingWebhookConfiguration',
    }
    let before: JsonObject | undefined
    for (const [at, step] of steps.entries()) {
      const start = before
      const after = objectAfter(step, start)
      before = after ?? before
      const by = {
        ...shared,
        manager: step.manager,
        subresource: step.subresource ?? '',
        now: after === undefined ? '' : timeOf(start, after),
      }
      it(`step ${at}: ${step.operation} by ${step.manager}${step.subresource === undefined ? '' : ` to ${step.subresource}`}`, () => {
        if (step.operation === 'apply') {
          const result = applyConfiguration({
            ...by,
            live: start,
            applied: step.applied ?? {},
            force: step.force ?? false,
          })
          if (step.error !== undefined) {
            expect(result).toMatchObject({ message: step.error.message })
            if (result.outcome === 'conflict') expect(sorted(result.causes)).toEqual(sorted(step.error.causes ?? []))
          } else {
            if (result.outcome !== 'applied' || after === undefined) throw new Error(JSON.stringify(result))
            expect(entriesOf(result.object)).toEqual(entriesOf(after))
            expect(unexplained(result.object, after, step.applied)).toEqual([])
          }
        } else if (after !== undefined) {
          const made = start === undefined ? beforeAdmission(after) : after
          const written = 'wanted' in step ? withEntries(made, step.wanted ?? null) : made
          expect(updateManagedFields({ ...by, before: start, after: written }) ?? []).toEqual(entriesOf(after))
        }
      })
    }
  },
)

/** A create is tracked before admission and the registry add these; so nobody owns them. */
const ADMITTED =
  'clusterIP clusterIPs ipFamilies ipFamilyPolicy preemptionPolicy priority serviceAccount serviceAccountName tolerations'

function beforeAdmission(object: JsonObject): JsonObject {
  if (!isObject(object.spec) || (object.kind !== 'Service' && object.kind !== 'Pod')) return object
  const spec = Object.entries(object.spec).filter(([key]) => !ADMITTED.split(' ').includes(key))
  return { ...object, spec: Object.fromEntries(spec) }
}

/** What the server adds to an applied object on its way to the store. */
const DEFAULTS = new Set(
  (
    'uid creationTimestamp resourceVersion generation namespace status protocol terminationMessagePath terminationMessagePolicy ' +
    'imagePullPolicy resources restartPolicy terminationGracePeriodSeconds dnsPolicy securityContext schedulerName strategy ' +
    'revisionHistoryLimit progressDeadlineSeconds replicas apiVersion defaultMode type clusterIP clusterIPs ipFamilies ' +
    'ipFamilyPolicy internalTrafficPolicy sessionAffinity sessionAffinityConfig targetPort matchPolicy objectSelector namespaceSelector failurePolicy ' +
    'reinvocationPolicy timeoutSeconds rules scope suspend concurrencyPolicy successfulJobsHistoryLimit failedJobsHistoryLimit ' +
    'rollingUpdate maxSurge maxUnavailable periodSeconds successThreshold failureThreshold scheme port path template ' +
    'volumes volumeMounts metadata podIP lastProbeTime lastTransitionTime lastUpdateTime serviceAccount serviceAccountName preemptionPolicy priority enableServiceLinks tolerations qosClass'
  ).split(' '),
)

/** Where ours and theirs differ, but for defaults that they added. */
function unexplained(ours: Json | undefined, theirs: Json | undefined, applied: Json | undefined, path = ''): string[] {
  if (path === '.metadata.managedFields' || path === '.metadata.generation' || path === '.metadata.resourceVersion')
    return []
  // Kept in step with podIP.
  if (path === '.status.podIPs') return []
  if (path === '.status' && !isObject(applied)) return []
  if (isObject(ours) && isObject(theirs)) {
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => {
      const below = `${path}.${key}`
      if (!Object.hasOwn(ours, key)) return DEFAULTS.has(key) ? [] : [`${below} missing`]
      return unexplained(ours[key], theirs[key], isObject(applied) ? applied[key] : undefined, below)
    })
  }
  if (isArray(ours) && isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item, index) => unexplained(item, theirs[index], undefined, `${path}[${index}]`))
  }
  // Nothing, and what is left when all of it was removed, are the same once they were stored.
  const isNothing = (value: Json | undefined): boolean =>
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  if (isNothing(ours) && isNothing(theirs)) return []
  return ours === theirs ? [] : [`${path}: ${JSON.stringify(ours)} not ${JSON.stringify(theirs)}`]
}

/** The server goes over its managers in no order. */
function sorted(causes: readonly unknown[]): string[] {
  return causes.map((cause) => JSON.stringify(cause)).sort()
}
