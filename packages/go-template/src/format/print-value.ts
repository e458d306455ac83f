import { limitError, TemplateError } from '../errors.ts'
import { maxPrintDepth } from '../limits.ts'
import {
  byCodePoint,
  type GoInteger,
  type GoMap,
  type GoStruct,
  goKind,
  isHostObject,
  nilMap,
  type PlainMap,
  sliceTypeOf,
  type Value,
} from '../value.ts'
import { fromBytes } from './bytes.ts'
import { printFloat, printHex, printInteger } from './number-verbs.ts'
import { clearFlags, type Printer, write, writePadded } from './printer.ts'
import { printString, truncate } from './text-verbs.ts'
import { goTypeName } from './type-name.ts'

/** Stands for the addresses that Go would print; they differ from run to run anyway. */
const somePointer = 0xc000000000n

/** Prints one operand of a verb. */
export function printArgument(p: Printer, value: Value, verb: string): void {
  if (value === null || value === undefined) {
    if (verb === 'T' || verb === 'v') writePadded(p, '<nil>')
    else badVerb(p, value, verb)
    return
  }
  if (verb === 'T') writePadded(p, truncate(p, goTypeName(value)))
  else if (verb === 'p') printPointer(p, value, 'p')
  else printNested(p, value, verb, 0)
}

/** Prints a value; depth 0 is an operand itself, deeper are the elements of lists, maps and structs. */
function printNested(p: Printer, value: Value, verb: string, depth: number): void {
  switch (typeof value) {
    case 'string':
      if (!printString(p, value, verb)) badVerb(p, value, verb)
      return
    case 'number':
      if (!printFloat(p, value, verb)) badVerb(p, value, verb)
      return
    case 'bigint':
      if (!printInteger(p, value, true, verb)) badVerb(p, value, verb)
      return
    case 'boolean':
      if (verb === 'v' || verb === 't') writePadded(p, value ? 'true' : 'false')
      else badVerb(p, value, verb)
      return
    case 'undefined':
      write(p, p.sharpV ? 'interface {}(nil)' : '<nil>')
      return
  }
  if (value === null) {
    write(p, p.sharpV ? 'interface {}(nil)' : '<nil>')
    return
  }
  if (depth > maxPrintDepth) throw limitError(`value is nested more than ${maxPrintDepth} levels deep`)
  // A wrapped error is no template value, so `%w` fits none.
  if (verb === 'w' && !p.erroring && !isBytes(value)) {
    badVerb(p, value, verb)
    return
  }
  if (Array.isArray(value)) {
    printList(p, value, verb, depth)
    return
  }
  if (isHostObject(value)) {
    printHost(p, value, verb, depth)
    return
  }
  printMap(p, value as PlainMap, verb, depth)
}

type Host = Extract<Value, { readonly [goKind]: string }>

function printHost(p: Printer, value: Host, verb: string, depth: number): void {
  switch (value[goKind]) {
    case 'integer':
      if (printStringer(p, value, verb)) return
      if (!printInteger(p, value.value, !value.type.startsWith('u'), verb)) badVerb(p, value, verb)
      return
    case 'struct':
      printStruct(p, value, verb, depth)
      return
    case 'map':
      printMap(p, value, verb, depth)
      return
    default:
      printPointer(p, value, verb)
      return
  }
}

function isBytes(value: Value): boolean {
  return Array.isArray(value) && sliceTypeOf(value).element === 'uint8'
}

function printList(p: Printer, list: readonly Value[], verb: string, depth: number): void {
  const { element, isNil } = sliceTypeOf(list)
  if (isBytes(list) && 'sqxX'.includes(verb)) {
    const bytes = list.map((byte) => Number(isHostObject(byte) && byte[goKind] === 'integer' ? byte.value : 0))
    printString(p, fromBytes(bytes), verb)
    return
  }
  // An operand of type []byte shows the short name of its type, but not inside another value.
  const type = depth === 0 && isBytes(list) ? '[]byte' : `[]${element}`
  if (p.sharpV && isNil) {
    write(p, `${type}(nil)`)
    return
  }
  write(p, p.sharpV ? `${type}{` : '[')
  const separator = p.sharpV ? ', ' : ' '
  for (let i = 0; i < list.length; i++) {
    if (i > 0) write(p, separator)
    printNested(p, list[i], verb, depth + 1)
  }
  write(p, p.sharpV ? '}' : ']')
}

function printMap(p: Printer, map: GoMap | PlainMap, verb: string, depth: number): void {
  const typed = isHostObject(map) ? (map as GoMap) : undefined
  if (p.sharpV) write(p, goTypeName(map))
  if (p.sharpV && (typed?.isNil === true || map === nilMap)) {
    write(p, '(nil)')
    return
  }
  write(p, p.sharpV ? '{' : 'map[')
  const keys = typed === undefined ? Object.keys(map).sort(byCodePoint) : typed.keys()
  let first = true
  for (const key of keys) {
    if (!first) write(p, p.sharpV ? ', ' : ' ')
    first = false
    printNested(p, key, verb, depth + 1)
    write(p, ':')
    printNested(p, typed === undefined ? (map as PlainMap)[key] : typed.get(key), verb, depth + 1)
  }
  write(p, p.sharpV ? '}' : ']')
}

function printStruct(p: Printer, struct: GoStruct, verb: string, depth: number): void {
  if (printStringer(p, struct, verb)) return
  if (struct.pointer && depth > 0) {
    printPointer(p, struct, verb)
    return
  }
  if (struct.pointer) write(p, '&')
  if (p.sharpV) write(p, struct.typeName)
  write(p, '{')
  let first = true
  for (const name of struct.fieldNames()) {
    if (!first) write(p, p.sharpV ? ', ' : ' ')
    first = false
    if (p.plusV || p.sharpV) write(p, `${name}:`)
    printNested(p, struct.field(name), verb, depth + 1)
  }
  write(p, '}')
}

/** The String method speaks for its value under the verbs that fit a text. */
function printStringer(p: Printer, struct: GoStruct | GoInteger, verb: string): boolean {
  if (struct.string === undefined || p.erroring || p.sharpV || !'vsxXq'.includes(verb)) return false
  let text: string
  try {
    text = struct.string()
  } catch (error) {
    if (error instanceof TemplateError) throw error
    const flags = { ...p }
    clearFlags(p)
    write(p, `%!${verb}(PANIC=String method: ${error instanceof Error ? error.message : String(error)})`)
    Object.assign(p, { ...flags, out: p.out })
    return true
  }
  printString(p, text, verb)
  return true
}

function printPointer(p: Printer, value: Value, verb: string): void {
  const isNil = isNilReference(value)
  const isPointer =
    Array.isArray(value) || (typeof value === 'object' && value !== null && !(isHostObject(value) && isScalar(value)))
  if (!isPointer) {
    badVerb(p, value, verb)
    return
  }
  const address = isNil ? 0n : somePointer
  if (verb === 'p') printHex(p, address, !p.sharp)
  else if (verb === 'v' && p.sharpV) {
    write(p, `(${goTypeName(value)})(`)
    if (isNil) write(p, 'nil')
    else printHex(p, address, true)
    write(p, ')')
  } else if (verb === 'v') {
    if (isNil) writePadded(p, '<nil>')
    else printHex(p, address, !p.sharp)
  } else if (!'bodxX'.includes(verb) || !printInteger(p, address, false, verb)) badVerb(p, value, verb)
}

function isNilReference(value: Value): boolean {
  if (Array.isArray(value)) return sliceTypeOf(value).isNil
  return isHostObject(value) && (value[goKind] === 'nil-pointer' || (value[goKind] === 'map' && value.isNil))
}

function isScalar(value: Host): boolean {
  return value[goKind] === 'integer' || (value[goKind] === 'struct' && !value.pointer)
}

/** `%!d(string=x)`: the verb does not fit; type and value are shown under the flags of the verb. */
function badVerb(p: Printer, value: Value, verb: string): void {
  const outer = p.erroring
  p.erroring = true
  write(p, `%!${verb}(`)
  if (value === null || value === undefined) write(p, '<nil>')
  else {
    write(p, `${goTypeName(value)}=`)
    printNested(p, value, 'v', 0)
  }
  write(p, ')')
  p.erroring = outer
}
