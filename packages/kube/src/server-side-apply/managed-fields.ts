/** `metadata.managedFields`: reading and writing. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../json.ts'
import { decodeFieldSet, encodeFieldSet, type FieldSet } from './field-set.ts'
import { compareText } from './path-element.ts'

/** One entry: what one manager owns through one kind of operation. */
export interface ManagerEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339; undefined when it is not known. */
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Entries by {@link managerKey}. */
export type Managers = ReadonlyMap<string, ManagerEntry>

/** Who an entry belongs to. Appliers are the same over all versions, updaters are not. */
export function managerKey(entry: Pick<ManagerEntry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const { manager, operation, apiVersion, subresource } = entry
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource])
}

export function withEntry(managers: Managers, entry: ManagerEntry): Managers {
  return new Map(managers).set(managerKey(entry), entry)
}

/** The entries of an object. `undefined` when one of them is not valid. */
export function decodeManagers(managedFields: Json | undefined): Managers | undefined {
  if (managedFields === undefined || managedFields === null) return new Map()
  if (!isArray(managedFields)) return undefined
  const managers = new Map<string, ManagerEntry>()
  for (const item of managedFields) {
    const entry = isObject(item) ? decodeEntry(item) : undefined
    if (entry === undefined) return undefined
    managers.set(managerKey(entry), entry)
  }
  return managers
}

function decodeEntry(item: JsonObject): ManagerEntry | undefined {
  const text = (name: string): string => {
    const value = getOwn(item, name)
    return typeof value === 'string' ? value : ''
  }
  const operation = text('operation')
  const fields = decodeFieldSet(getOwn(item, 'fieldsV1') ?? {})
  if (operation !== 'Apply' && operation !== 'Update') return undefined
  if (text('apiVersion') === '' || text('fieldsType') !== 'FieldsV1' || fields === undefined) return undefined
  return {
    manager: text('manager'),
    operation,
    apiVersion: text('apiVersion'),
    subresource: text('subresource'),
    time: text('time') === '' ? undefined : text('time'),
    fields,
  }
}

/** As it is stored, in the API server's order; `undefined` for no entries (the field is left out then). */
export function encodeManagers(managers: Managers): JsonObject[] | undefined {
  if (managers.size === 0) return undefined
  return [...managers.values()].sort(compareEntries).map((entry) => ({
    ...(entry.manager === '' ? {} : { manager: entry.manager }),
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === undefined ? {} : { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFieldSet(entry.fields),
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  }))
}

function compareEntries(a: ManagerEntry, b: ManagerEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    seconds(a.time) - seconds(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

/** Since 1970; 0 without a time. */
export function seconds(time: string | undefined): number {
  const milliseconds = time === undefined ? 0 : Date.parse(time)
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000)
}

/** Asks for the entries to be dropped: an empty list, or a list with one empty entry. */
export function isReset(managedFields: Json | undefined): boolean {
  if (!isArray(managedFields)) return false
  const [first] = managedFields
  return (
    managedFields.length === 0 || (managedFields.length === 1 && isObject(first) && Object.keys(first).length === 0)
  )
}
