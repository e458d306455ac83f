/**
 * The texts of Go's run-time panics. Many sprig functions panic instead of returning an error; text/template turns
 * both into the same execution error, so throwing an `Error` with the panic's text is exact.
 */

/** `reflect.TypeOf(nil).Kind()`, which the list functions do to a nil argument. */
export function nilDereference(): Error {
  return new Error('runtime error: invalid memory address or nil pointer dereference')
}

/** `x.(T)` on a value of another type. */
export function badAssertion(got: string, wanted: string): Error {
  return new Error(`interface conversion: interface {} is ${got}, not ${wanted}`)
}

export function divideByZero(): Error {
  return new Error('runtime error: integer divide by zero')
}

/** Checks `s[start:end]` on a string of `length` bytes as Go does, `end` left out meaning `s[start:]`. */
export function checkBounds(start: number, end: number | undefined, length: number): void {
  if (end !== undefined && end < 0) throw new Error(`runtime error: slice bounds out of range [:${end}]`)
  if (end !== undefined && end > length) {
    throw new Error(`runtime error: slice bounds out of range [:${end}] with length ${length}`)
  }
  if (start < 0) throw new Error(`runtime error: slice bounds out of range [${start}:]`)
  if (start > (end ?? length)) throw new Error(`runtime error: slice bounds out of range [${start}:${end ?? length}]`)
}
