/** How a write changes who owns what. The rules are those of structured-merge-diff's updater. */
import { deepEqual, type Json, type JsonObject } from '../json.ts'
import type { Atom } from './atom.ts'
import { type Comparison, compareObjects } from './compare.ts'
import type { ApplyConflict } from './conflicts.ts'
import {
  difference,
  EMPTY_SET,
  type FieldSet,
  fieldPaths,
  intersection,
  isEmpty,
  recursiveDifference,
  union,
} from './field-set.ts'
import { fieldsOf } from './fields-of.ts'
import { type ManagerEntry, type Managers, managerKey, withEntry } from './managed-fields.ts'
import { mergeValues } from './merge.ts'
import { withNamedFields } from './named-fields.ts'
import { removeFields } from './remove.ts'

/** Who writes, through what. */
export type Writer = Pick<ManagerEntry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>

/** What both operations need to know. */
export interface OwnershipRules {
  readonly atom: Atom
  /** Fields that this endpoint does not write, so that nobody gets to own them through it. */
  readonly reset: FieldSet
}

/** An ordinary write: the writer owns what it changed, and nobody else owns that any more. */
export function updateOwners(
  { atom, reset }: OwnershipRules,
  live: JsonObject,
  next: JsonObject,
  managers: Managers,
  writer: Writer,
): Managers {
  const changes = withoutFields(compareObjects(atom, live, next), reset)
  const others = takeFromOthers(managers, managerKey(writer), changes)
  const before = managers.get(managerKey(writer))
  const owned = before === undefined ? EMPTY_SET : before.fields
  const fields = union(union(difference(owned, changes.removed), changes.modified), changes.added)
  return putOrDrop(others, { ...writer, time: before?.time, fields: recursiveDifference(fields, reset) })
}

function withoutFields(changes: Comparison, reset: FieldSet): Comparison {
  return {
    added: recursiveDifference(changes.added, reset),
    modified: recursiveDifference(changes.modified, reset),
    removed: recursiveDifference(changes.removed, reset),
  }
}

/** The others without what was changed or removed; those who own nothing are gone. */
function takeFromOthers(managers: Managers, writer: string, changes: Comparison): Managers {
  const gone = union(union(changes.modified, changes.added), changes.removed)
  const rest = [...managers].map(([key, entry]): [string, ManagerEntry] =>
    key === writer ? [key, entry] : [key, { ...entry, fields: difference(entry.fields, gone) }],
  )
  return new Map(rest.filter(([, entry]) => !isEmpty(entry.fields)))
}

function putOrDrop(managers: Managers, entry: ManagerEntry): Managers {
  if (!isEmpty(entry.fields)) return withEntry(managers, entry)
  const rest = new Map(managers)
  rest.delete(managerKey(entry))
  return rest
}

export type ApplyOutcome =
  | { readonly ok: true; readonly object: JsonObject; readonly changed: boolean; readonly managers: Managers }
  | { readonly ok: false; readonly conflicts: readonly ApplyConflict[] }

/** An apply: the writer owns what it applied, and what it does not apply any more goes if nobody else owns it. */
export function applyOwners(
  rules: OwnershipRules,
  live: JsonObject,
  applied: JsonObject,
  managers: Managers,
  writer: Writer,
  force: boolean,
): ApplyOutcome {
  const { atom, reset } = rules
  const merged = mergeValues(atom, live, applied) ?? {}
  const key = managerKey(writer)
  const before = managers.get(key)
  const fields = recursiveDifference(fieldsOf(atom, applied), reset)
  const withOwn = withEntry(managers, { ...writer, time: before?.time, fields })
  const object = prune(atom, merged, withOwn, before?.fields ?? EMPTY_SET) as JsonObject
  const changes = withoutFields(compareObjects(atom, live, object), reset)
  const conflicts = conflictsWith(withOwn, key, changes)
  if (!force && conflicts.length > 0) return { ok: false, conflicts }
  const left = takeFromOthers(withOwn, key, changes)
  // The one who applies nothing owns nothing.
  return { ok: true, object, changed: !deepEqual(live, object), managers: left }
}

function conflictsWith(managers: Managers, writer: string, changes: Comparison): ApplyConflict[] {
  const changed = union(changes.modified, changes.added)
  return [...managers].flatMap(([key, owner]) =>
    key === writer ? [] : fieldPaths(intersection(owner.fields, changed)).map((path) => ({ owner, path })),
  )
}

/**
 * Takes out what the writer applied last time and not this time, but for what anybody owns, and for items and
 * fields that hold something that was never the writer's.
 */
function prune(atom: Atom, merged: Json, managers: Managers, last: FieldSet): Json {
  if (isEmpty(last)) return merged
  const named = (set: FieldSet): FieldSet => withNamedFields(atom, set)
  const all = named(fieldsOf(atom, merged))
  const bare = removeFields(atom, merged, named(last))
  const owned = [...managers.values()].reduce((set, entry) => union(set, entry.fields), EMPTY_SET)
  const wanted = union(named(fieldsOf(atom, bare)), named(owned))
  const kept = removeFields(atom, merged, difference(all, wanted))
  const lost = difference(all, named(fieldsOf(atom, kept)))
  return removeFields(atom, merged, intersection(lost, named(last)))
}
