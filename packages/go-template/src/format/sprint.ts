import { goKind, type Value } from '../value.ts'
import { joinBytes } from './bytes.ts'
import { formatFloat } from './float.ts'
import { printArgument } from './print-value.ts'
import { newPrinter, write } from './printer.ts'

/** What `%v` prints, with nil and no value both `<nil>`. */
function plainText(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return formatFloat(value, 'g', -1)
  const p = newPrinter()
  printArgument(p, value, 'v')
  return joinBytes(p.out)
}

/** `fmt.Sprint`: operands as `%v`, with a space between two that are both no strings. */
export function goSprint(args: readonly Value[]): string {
  if (args.length === 1) return plainText(args[0])
  const p = newPrinter()
  let previousIsString = false
  args.forEach((value, i) => {
    const isString = typeof value === 'string'
    if (i > 0 && !isString && !previousIsString) write(p, ' ')
    write(p, plainText(value))
    previousIsString = isString
  })
  return joinBytes(p.out)
}

/** `fmt.Sprintln`: operands as `%v`, always a space between them, and a line feed. */
export function goSprintln(args: readonly Value[]): string {
  const p = newPrinter()
  args.forEach((value, i) => {
    if (i > 0) write(p, ' ')
    write(p, plainText(value))
  })
  write(p, '\n')
  return joinBytes(p.out)
}

/**
 * What an action `{{ value }}` prints: no value and nil are `<no value>`, a pointer to a struct prints as the struct.
 */
export function formatValue(value: Value): string {
  if (value === undefined || value === null) return '<no value>'
  return plainText(pointedTo(value))
}

/** Printing looks through a pointer, unless it has a String method of its own. */
export function pointedTo(value: Value): Value {
  if (typeof value !== 'object' || value === null || !(goKind in value)) return value
  if (value[goKind] !== 'struct' || !value.pointer || value.string !== undefined) return value
  const target = value
  return {
    [goKind]: 'struct',
    typeName: target.typeName,
    pointer: false,
    fieldNames: () => target.fieldNames(),
    field: (name) => target.field(name),
    hasField: (name) => target.hasField(name),
  }
}
