/**
 * The values a template works on, and how JavaScript spells them.
 *
 * | Go                          | here                                                        |
 * |-----------------------------|-------------------------------------------------------------|
 * | `nil`                       | `null`                                                      |
 * | no value (reflect's zero)   | `undefined`: what a missing map key yields (`<no value>`)   |
 * | `bool`, `string`            | `boolean`, `string`                                         |
 * | `float64`                   | `number` (every number that came from YAML or JSON)         |
 * | `int`                       | `bigint` (what template literals, `len` and indexes are)    |
 * | `int64`, `uint8`, …         | {@link GoInteger}                                           |
 * | `[]any`, any slice          | array                                                       |
 * | `map[string]any`            | plain object: its own enumerable keys and nothing else      |
 * | struct, pointer to struct   | {@link GoStruct}                                            |
 * | `map[string]string`, …      | {@link GoMap}                                               |
 * | a nil pointer of a type     | {@link GoNilPointer}: its methods may still be called       |
 *
 * Nothing of JavaScript's own is reachable: `constructor`, `__proto__`, `length`
 * are ordinary keys that a map has or has not.
 */
export type Value =
  | undefined
  | null
  | boolean
  | string
  | number
  | bigint
  | GoInteger
  | readonly Value[]
  | GoStruct
  | GoMap
  | GoNilPointer
  | GoFunction
  | PlainMap

/** `map[string]any`. Only own enumerable properties count. */
export interface PlainMap {
  readonly [key: string]: Value
}

/** Marks the host objects below, so that no data from YAML or JSON can pass for one. */
export const goKind: unique symbol = Symbol('proa.go-kind')

/** An integer of a Go type other than `int`. */
export interface GoInteger {
  readonly [goKind]: 'integer'
  readonly type: 'int8' | 'int16' | 'int32' | 'int64' | 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64'
  readonly value: bigint
  /** Of a named type, such as an enum or `time.Duration`; `%T` prints it instead of `type`. */
  readonly typeName?: string
  /** The exported method of that name, bound to this value. */
  method?(name: string): GoFunction | undefined
  /** `String()` of a `fmt.Stringer`; `%v` and `%s` print it. */
  string?(): string
}

/** A struct, or (when `pointer`) a non-nil pointer to one. */
export interface GoStruct {
  readonly [goKind]: 'struct'
  /** The Go type without `*`, as error texts and `%T` print it: `v1.PodSpec`. */
  readonly typeName: string
  readonly pointer: boolean
  /** Exported field names in declaration order (`%v` prints them so). */
  fieldNames(): readonly string[]
  /** The field's value; call only with a name for which {@link hasField} is true. */
  field(name: string): Value
  hasField(name: string): boolean
  /** The exported method of that name, bound to this value. */
  method?(name: string): GoFunction | undefined
  /** `String()` of a `fmt.Stringer`; `%v` and `%s` print it. */
  string?(): string
  /** What `encoding/json` writes where tags or `MarshalJSON` decide it; without this, the fields under their own names. */
  json?(): Value
}

/** A map whose element type is not `any`: what a missing key yields under `index` differs. */
export interface GoMap {
  readonly [goKind]: 'map'
  /** `map[string]string` */
  readonly typeName: string
  /** The element type's zero value, `""` for `map[string]string`. */
  readonly zero: Value
  /** True for a nil map: empty, false, `toJson` prints `null`. */
  readonly isNil: boolean
  readonly size: number
  has(key: string): boolean
  get(key: string): Value
  /** Keys in sorted order. */
  keys(): readonly string[]
}

/** A nil pointer that remembers its type, so that nil-safe getters work and fields fail as in Go. */
export interface GoNilPointer {
  readonly [goKind]: 'nil-pointer'
  /** The type pointed to, without `*`. */
  readonly typeName: string
  /** Whether the struct it could point to has the field; without this, it is taken to have them all. */
  hasField?(name: string): boolean
  method?(name: string): GoFunction | undefined
}

/**
 * What a function's parameter accepts; the template engine checks it as Go's reflection would.
 * A name with a dot is a {@link GoStruct} type, `*` in front for a pointer to it: `time.Time`, `*semver.Version`.
 */
export type ParameterType =
  | 'any'
  | 'string'
  | 'int'
  | 'int64'
  | 'float64'
  | 'bool'
  | 'list'
  | 'map'
  | 'stringMap'
  | `${string}.${string}`

/**
 * A function or method. Arguments arrive checked against `parameters`;
 * throwing an `Error` is Go's `return nil, err` (the text becomes part of the execution error).
 */
export interface GoFunction {
  readonly [goKind]: 'function'
  readonly parameters: readonly ParameterType[]
  /** The type of each further argument of a variadic function. */
  readonly variadic?: ParameterType
  /** False for a function whose result does not depend on its arguments alone (time, randomness, environment). */
  readonly pure: boolean
  call(args: readonly Value[]): Value
}

/** Functions by the name templates call them with. */
export type FunctionMap = Readonly<Record<string, GoFunction>>

/** Declares a function for a {@link FunctionMap}. */
export function goFunction(
  parameters: readonly ParameterType[],
  call: (...args: never[]) => Value,
  options: { variadic?: ParameterType; pure?: boolean } = {},
): GoFunction {
  const invoke = call as (...args: Value[]) => Value
  return {
    [goKind]: 'function',
    parameters,
    ...(options.variadic === undefined ? {} : { variadic: options.variadic }),
    pure: options.pure ?? true,
    call: (args) => invoke(...args),
  }
}

/** An integer of another type than `int`, which is a bigint. The value is not checked against the type. */
export function goInteger(type: GoInteger['type'], value: bigint | number): GoInteger {
  return { [goKind]: 'integer', type, value: BigInt(value) }
}

type HostObject = GoInteger | GoStruct | GoMap | GoNilPointer | GoFunction

/** Whether a value is a Go value that JavaScript has no type for: see {@link goKind}. */
export function isHostObject(value: Value): value is HostObject {
  return typeof value === 'object' && value !== null && goKind in value
}

/** A `map[string]any`: an object that is neither a list nor a host object. */
export function isPlainMap(value: Value): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(goKind in value)
}

/**
 * The nil `map[string]any`, which Go makes of `nil` and of no value where a map is asked for. It prints and reads as an
 * empty map, but nothing can be set in it and `toJson` writes `null`.
 */
export const nilMap: PlainMap = Object.freeze({})

/** What Go knows of a slice beyond its elements. */
export interface SliceType {
  /** The element type as `%T` prints it: `interface {}`, `string`, `int`, `[]interface {}`. */
  readonly element: string
  /** A nil slice prints as an empty one, but `toJson` writes `null` and `deepEqual` tells them apart. */
  readonly isNil: boolean
}

const anySlice: SliceType = { element: 'interface {}', isNil: false }
// Beside the arrays, not in them: data stays plain, and a frozen list can be typed too.
const sliceTypes = new WeakMap<readonly Value[], SliceType>()

/** A slice whose type is not `[]any`, or (null) the nil slice of that element type. Takes the array over. */
export function goSlice(element: string, items: readonly Value[] | null): readonly Value[] {
  const list = items ?? []
  sliceTypes.set(list, { element, isNil: items === null })
  return list
}

/** The type of any list; one that was not made by {@link goSlice} is a `[]interface {}`. */
export function sliceTypeOf(list: readonly Value[]): SliceType {
  return sliceTypes.get(list) ?? anySlice
}

/** `map[string]string` over an object's own keys; null or undefined is the nil map. */
export function stringMap(entries: Readonly<Record<string, string>> | null | undefined): GoMap {
  const source = entries ?? {}
  let sorted: readonly string[] | undefined
  return {
    [goKind]: 'map',
    typeName: 'map[string]string',
    zero: '',
    isNil: entries === null || entries === undefined,
    get size() {
      return this.keys().length
    },
    has: (key) => Object.hasOwn(source, key),
    get: (key) => (Object.hasOwn(source, key) ? source[key] : undefined),
    keys: () => {
      sorted ??= Object.keys(source).sort(byCodePoint)
      return sorted
    },
  }
}

/** Go sorts strings by bytes; for valid Unicode that is the order of code points. */
export function byCodePoint(a: string, b: string): number {
  // UTF-16 order differs from code point order only when a surrogate meets U+E000–U+FFFF.
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) {
      const xs = x >= 0xd800 && x <= 0xdfff
      const ys = y >= 0xd800 && y <= 0xdfff
      if (xs !== ys) return xs ? 1 : -1
      return x - y
    }
  }
  return a.length - b.length
}
