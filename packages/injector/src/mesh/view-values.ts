import {
  type GoFunction,
  type GoInteger,
  type GoNilPointer,
  type GoStruct,
  goFunction,
  goInteger,
  goKind,
  goSprint,
  type Value,
} from '@proa/go-template'
import type { Json, JsonObject } from '@proa/kube'
import type { EnumDescriptor } from './descriptor.ts'
import { durationNanoseconds, goDurationText, SECOND } from './duration.ts'
import { writeJson } from './write.ts'

/** The Go values that stand for enums and for protobuf's well-known types in templates. */

/** An int32 that prints as the name of its value. */
export function enumView(descriptor: EnumDescriptor, value: Json | undefined): GoInteger {
  const number = typeof value === 'number' ? value : (descriptor.numbers.get(String(value ?? '')) ?? 0)
  const text = descriptor.names.get(number) ?? String(number)
  return {
    ...goInteger('int32', number),
    typeName: descriptor.goType,
    string: () => text,
    method: methods({ String: () => text, Number: () => goInteger('int32', number) }),
  }
}

/** `wrapperspb.BoolValue` and its like. */
export function wrapperView(name: string, value: Value, isZero: boolean): GoStruct {
  const text = (): string =>
    isZero ? '' : `value:${typeof value === 'string' ? JSON.stringify(value) : goSprint([value])}`
  return {
    ...struct(wrapperType(name), ['Value'], () => value, text),
    method: methods({ GetValue: () => value, String: text }),
    json: () => value,
  }
}

export function nilWrapper(name: string, zero: Value): GoNilPointer {
  return nilPointer(wrapperType(name), { GetValue: () => zero, String: () => '<nil>' })
}

function wrapperType(name: string): string {
  return `wrapperspb.${name.slice(name.lastIndexOf('.') + 1)}`
}

/** A `durationpb.Duration`. */
export function durationView(canonical: string): GoStruct {
  const total = durationNanoseconds(canonical)
  const seconds = goInteger('int64', total / SECOND)
  const nanos = goInteger('int32', total % SECOND)
  const text = (): string =>
    [seconds.value === 0n ? '' : `seconds:${seconds.value}`, nanos.value === 0n ? '' : `nanos:${nanos.value}`]
      .filter((part) => part !== '')
      .join(' ')
  const view: GoStruct = {
    ...struct('durationpb.Duration', ['Seconds', 'Nanos'], (name) => (name === 'Seconds' ? seconds : nanos), text),
    method: methods({
      GetSeconds: () => seconds,
      GetNanos: () => nanos,
      AsDuration: () => timeDuration(total),
      IsValid: () => true,
      String: text,
    }),
    json: () => canonical,
  }
  durations.set(view, total)
  return view
}

const durations = new WeakMap<object, bigint>()

export const nilDuration: GoNilPointer = nilPointer('durationpb.Duration', {
  GetSeconds: () => goInteger('int64', 0),
  GetNanos: () => goInteger('int32', 0),
  AsDuration: () => timeDuration(0n),
  IsValid: () => false,
  String: () => '<nil>',
})

/** Istio's template function `formatDuration`: Go's text of a message's duration, `0s` for none. */
export function formatDuration(value: Value): string {
  const nanoseconds = typeof value === 'object' && value !== null ? durations.get(value) : undefined
  return goDurationText(nanoseconds ?? 0n)
}

/** Go's `time.Duration`. */
function timeDuration(nanoseconds: bigint): GoInteger {
  const text = goDurationText(nanoseconds)
  const float = (unit: bigint) => () => Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)
  return {
    ...goInteger('int64', nanoseconds),
    typeName: 'time.Duration',
    string: () => text,
    method: methods({
      String: () => text,
      Hours: float(3600n * SECOND),
      Minutes: float(60n * SECOND),
      Seconds: float(SECOND),
      Milliseconds: () => goInteger('int64', nanoseconds / 1_000_000n),
      Microseconds: () => goInteger('int64', nanoseconds / 1_000n),
      Nanoseconds: () => goInteger('int64', nanoseconds),
    }),
  }
}

/** A `structpb.Struct`; templates reach its content through AsMap. */
export function structView(content: JsonObject | undefined): GoStruct | GoNilPointer {
  if (content === undefined) return nilPointer('structpb.Struct', { AsMap: () => ({}), String: () => '<nil>' })
  const text = (): string => writeJson(content)
  return {
    ...struct('structpb.Struct', [], () => undefined, text),
    method: methods({ AsMap: () => content as Value, String: text }),
    json: () => content as Value,
  }
}

function struct(
  typeName: string,
  names: readonly string[],
  field: (name: string) => Value,
  string: () => string,
): GoStruct {
  return {
    [goKind]: 'struct',
    typeName,
    pointer: true,
    fieldNames: () => names,
    hasField: (name) => names.includes(name),
    field,
    string,
  }
}

function nilPointer(typeName: string, table: Readonly<Record<string, () => Value>>): GoNilPointer {
  return { [goKind]: 'nil-pointer', typeName, method: methods(table) }
}

function methods(table: Readonly<Record<string, () => Value>>): (name: string) => GoFunction | undefined {
  return (name) => {
    const call = Object.hasOwn(table, name) ? table[name] : undefined
    return call === undefined ? undefined : goFunction([], call)
  }
}
