/**
 * Server-side apply: which manager owns which field of an object, as the API server keeps it in
 * `metadata.managedFields`.
 */
import { deepEqual, getOwn, isArray, isObject, type Json, type JsonObject } from '../json.ts'
import { builtInAtom } from './built-in-atoms.ts'
import { type ConflictCause, conflictCauses, conflictMessage } from './conflicts.ts'
import { customResourceAtom } from './custom-atoms.ts'
import {
  contains,
  difference,
  EMPTY_SET,
  encodeFieldSet,
  type FieldSet,
  fieldSetOf,
  isEmpty,
  union,
} from './field-set.ts'
import { asHeld, emptyObject } from './go-zero.ts'
import { fieldsLastApplied, KUBECTL, withLastApplied } from './last-applied.ts'
import { limitUpdaters } from './limit-updaters.ts'
import { decodeManagers, encodeManagers, isReset, type Managers, managerKey, withEntry } from './managed-fields.ts'
import { type ApplyOutcome, applyOwners, type OwnershipRules, updateOwners, type Writer } from './ownership.ts'
import { printProblems, problemsOf } from './validate.ts'

/** What is common to all writes. The kind is that of the object. */
export interface FieldWriter {
  /** `--field-manager`, or what the client calls itself; empty: `unknown`. */
  readonly manager: string
  /** RFC 3339, for the entry of the manager. */
  readonly now: string
  /** `''` or nothing for the object itself. */
  readonly subresource?: string
  /** `openAPIV3Schema` of a custom resource. Not needed for built-in kinds. */
  readonly customSchema?: JsonObject
  /** Whether the kind has a status subresource; then the other endpoint does not write it. Default: yes. */
  readonly statusSubresource?: boolean
}

export interface ApplyInput extends FieldWriter {
  /** `undefined`: there is no such object yet. */
  readonly live: JsonObject | undefined
  readonly applied: JsonObject
  /** Take fields away from other managers instead of refusing. */
  readonly force?: boolean
}

export type ApplyResult =
  /**
   * `object` is what is to be stored, with its managedFields. `changed` is false when there is nothing to do.
   * Defaults, and what the endpoint must not change (status, generation …), are the caller's.
   */
  | { readonly outcome: 'applied'; readonly object: JsonObject; readonly changed: boolean }
  /** HTTP 409, `Conflict`. */
  | { readonly outcome: 'conflict'; readonly message: string; readonly causes: readonly ConflictCause[] }
  /** HTTP 400 (`BadRequest`) or 500 (the API server gives no reason with it). */
  | { readonly outcome: 'invalid'; readonly code: 400 | 500; readonly message: string }

export interface UpdateInput extends FieldWriter {
  /** `undefined`: the object is created. */
  readonly before: JsonObject | undefined
  /** What will be stored; its managedFields are those of the request. */
  readonly after: JsonObject
}

const BEFORE_FIRST_APPLY = 'before-first-apply'

/** Fields that nobody owns: they are the object's name, or the API server's. */
const NEVER_OWNED = fieldSetOf(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['metadata', name]),
)

/** Applies a configuration (`PATCH` with `application/apply-patch+yaml`). */
export function applyConfiguration(input: ApplyInput): ApplyResult {
  const { applied, manager, now, force = false, subresource = '' } = input
  const { apiVersion, kind } = typeOf(applied)
  if (metadataOf(applied) !== undefined && Object.hasOwn(metadataOf(applied) ?? {}, 'managedFields')) {
    return { outcome: 'invalid', code: 400, message: 'metadata.managedFields must be nil' }
  }
  const rules = rulesFor(input, applied)
  const problems = problemsOf(rules.atom, applied)
  if (problems.length > 0) {
    return {
      outcome: 'invalid',
      code: 500,
      message: `failed to create typed patch object (${describe(applied)}): ${printProblems(problems)}`,
    }
  }
  const stored = input.live ?? { apiVersion, kind, metadata: {} }
  const managers = decodeManagers(managedFieldsOf(stored))
  if (managers === undefined) {
    return { outcome: 'invalid', code: 500, message: 'failed to decode managed fields' }
  }
  const writer: Writer = { manager: manager === '' ? 'unknown' : manager, operation: 'Apply', apiVersion, subresource }
  const live = withManagedFields(asHeld({ ...stored, apiVersion, kind }, apiVersion, kind), undefined)
  // What is only being created has nobody before.
  const known = managers.size === 0 && input.live !== undefined ? firstOwner(rules, live, writer, now) : managers
  const outcome = applyAsKubectl(rules, live, applied, known, writer, force)
  if (!outcome.ok) {
    return {
      outcome: 'conflict',
      message: conflictMessage(outcome.conflicts),
      causes: conflictCauses(outcome.conflicts),
    }
  }
  const stripped = stripOwner(outcome.managers, writer)
  const entry = stripped.get(managerKey(writer))
  const timed = outcome.changed && entry !== undefined ? withEntry(stripped, { ...entry, time: now }) : stripped
  const held = asHeld(outcome.object, apiVersion, kind)
  const next = manager === KUBECTL ? withLastApplied(held, applied) : held
  // A new time alone is not worth a write.
  const changed = input.live === undefined || !deepEqual(live, next) || !sameOwners(managers, timed)
  return { outcome: 'applied', object: withManagedFields(next, changed ? timed : managers), changed }
}

/** For kubectl, what it applied itself without the server is no conflict. */
function applyAsKubectl(
  ...[rules, live, applied, managers, writer, force]: Parameters<typeof applyOwners>
): ApplyOutcome {
  const outcome = applyOwners(rules, live, applied, managers, writer, force)
  if (outcome.ok || writer.manager !== KUBECTL) return outcome
  const own = fieldsLastApplied(rules.atom, live)
  const conflicts = outcome.conflicts.filter(({ path }) => !contains(own, path))
  return conflicts.length > 0 ? { ok: false, conflicts } : applyOwners(rules, live, applied, managers, writer, true)
}

/**
 * The managedFields after a create, an update or a patch; nothing when nobody is tracked. The object is
 * `after` with these instead of its own.
 */
export function updateManagedFields(input: UpdateInput): JsonObject[] | undefined {
  const { before, after, manager, now, subresource = '' } = input
  const { apiVersion, kind } = typeOf(after)
  const managers = trackedManagers(before, after, subresource !== '')
  // An object whose owners were dropped stays without, until somebody applies to it.
  if (managers.size === 0 && before !== undefined) return undefined
  const held = (object: JsonObject): JsonObject =>
    withManagedFields(asHeld({ ...object, apiVersion, kind }, apiVersion, kind), undefined)
  const live = before === undefined ? emptyObject(apiVersion, kind) : held(before)
  const writer: Writer = { manager: manager === '' ? 'unknown' : manager, operation: 'Update', apiVersion, subresource }
  return encodeManagers(limitUpdaters(addChanges(rulesFor(input, after), live, held(after), managers, writer, now)))
}

/** An object as {@link updateManagedFields} leaves it. */
export function trackUpdate(input: UpdateInput): JsonObject {
  const managedFields = updateManagedFields(input)
  const { managedFields: _dropped, ...metadata } = metadataOf(input.after) ?? {}
  return { ...input.after, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } }
}

/** A request may set the entries, or drop them with an empty list; a subresource may not. */
function trackedManagers(before: JsonObject | undefined, after: JsonObject, isSubresource: boolean): Managers {
  const stored = decodeManagers(managedFieldsOf(before ?? {})) ?? new Map()
  if (isSubresource) return stored
  const wanted = managedFieldsOf(after)
  // Of a custom resource an empty list is the same as none: it is lost before anybody asks.
  const isCustom = builtInAtom(typeOf(after).apiVersion, typeOf(after).kind) === undefined
  if (isReset(wanted) && !(isCustom && isArray(wanted) && wanted.length === 0)) return new Map()
  const managers = decodeManagers(wanted)
  return managers === undefined || managers.size === 0 ? stored : managers
}

/** What is there before anybody applied belongs to a manager of that name. */
function firstOwner(
  rules: OwnershipRules,
  live: JsonObject,
  { apiVersion, subresource }: Writer,
  now: string,
): Managers {
  const writer: Writer = { manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion, subresource }
  return addChanges(rules, emptyObject(apiVersion, typeOf(live).kind), live, new Map(), writer, now)
}

/** The writer owns the changes in addition to what it had; its time is that of its last change. */
function addChanges(
  rules: OwnershipRules,
  before: JsonObject,
  after: JsonObject,
  managers: Managers,
  writer: Writer,
  now: string,
): Managers {
  // As somebody else, so that a manager who writes what it owns already is seen as one who changes it.
  const self: Writer = { ...writer, manager: '\u0000current' }
  const changed = new Map(stripOwner(updateOwners(rules, before, after, managers, self), self))
  const entry = changed.get(managerKey(self))
  if (entry === undefined) return changed
  changed.delete(managerKey(self))
  const own = changed.get(managerKey(writer))
  const fields = own === undefined ? entry.fields : union(entry.fields, own.fields)
  return withEntry(changed, { ...writer, fields, time: now })
}

function stripOwner(managers: Managers, writer: Writer): Managers {
  const key = managerKey(writer)
  const entry = managers.get(key)
  if (entry === undefined) return managers
  const fields = difference(entry.fields, NEVER_OWNED)
  const result = new Map(managers)
  if (isEmpty(fields)) result.delete(key)
  else result.set(key, { ...entry, fields })
  return result
}

function rulesFor(
  { subresource = '', customSchema, statusSubresource = true }: FieldWriter,
  object: JsonObject,
): OwnershipRules {
  const { apiVersion, kind } = typeOf(object)
  const builtIn = builtInAtom(apiVersion, kind)
  const atom = builtIn ?? customResourceAtom(customSchema)
  return { atom, reset: resetFields(kind, builtIn === undefined, subresource, statusSubresource) }
}

/** Metadata that the status endpoint of some kinds leaves alone, beside the spec. */
const STATUS_RESETS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['labels'],
  Pod: ['deletionTimestamp', 'ownerReferences'],
}

function resetFields(kind: string, isCustom: boolean, subresource: string, statusSubresource: boolean): FieldSet {
  if (subresource === 'status') {
    if (isCustom) return fieldSetOf(['spec'], ['metadata'])
    const resets = Object.hasOwn(STATUS_RESETS, kind) ? (STATUS_RESETS[kind] ?? []) : []
    return fieldSetOf(['spec'], ...resets.map((name) => ['metadata', name]))
  }
  return subresource === '' && statusSubresource ? fieldSetOf(['status']) : EMPTY_SET
}

function typeOf(object: JsonObject): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: String(getOwn(object, 'apiVersion') ?? ''), kind: String(getOwn(object, 'kind') ?? '') }
}

function metadataOf(object: JsonObject): JsonObject | undefined {
  const metadata = getOwn(object, 'metadata')
  return isObject(metadata) ? metadata : undefined
}

function managedFieldsOf(object: JsonObject): Json | undefined {
  return getOwn(metadataOf(object) ?? {}, 'managedFields')
}

function withManagedFields(object: JsonObject, managers: Managers | undefined): JsonObject {
  const { managedFields: _dropped, ...metadata } = metadataOf(object) ?? {}
  const encoded = managers === undefined ? undefined : encodeManagers(managers)
  return { ...object, metadata: encoded === undefined ? metadata : { ...metadata, managedFields: encoded } }
}

function sameOwners(a: Managers, b: Managers): boolean {
  const timeless = (managers: Managers): Json =>
    Object.fromEntries([...managers].map(([key, entry]) => [key, encodeFieldSet(entry.fields)]))
  return deepEqual(timeless(a), timeless(b))
}

/** `default/web; apps/v1, Kind=Deployment` */
function describe(object: JsonObject): string {
  const metadata = metadataOf(object) ?? {}
  const { apiVersion, kind } = typeOf(object)
  const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  return `${getOwn(metadata, 'namespace') ?? ''}/${getOwn(metadata, 'name') ?? ''}; ${groupVersion}, Kind=${kind}`
}
