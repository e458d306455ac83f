import { type GoStruct, goKind, type Value } from '@proa/go-template'

/** The value as a struct, or a pointer to one; undefined for anything else. */
export function asStruct(value: Value): GoStruct | undefined {
  return typeof value === 'object' && value !== null && goKind in value && value[goKind] === 'struct'
    ? value
    : undefined
}
