import { formatPath, type Json, type JsonPath } from '../json.ts'

/** A JSON value that does not fit Kubernetes' type; the message is what Go reports. */
export class TypedError extends Error {
  override readonly name = 'TypedError'
  /** Where the value stands: `spec.containers[0].env[1].value`. */
  readonly path: string

  constructor(message: string, path: JsonPath) {
    super(message)
    this.path = formatPath(path)
  }
}

/**
 * A misfit on its way up: thrown where it is found, and every struct, list and
 * map that it passes adds its own step. So no path is built while all is well.
 */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
  readonly steps: (string | number)[] = []
  readonly #goSteps: string[] = []
  #struct = ''
  readonly #text: string
  readonly #goType: string | undefined

  /** With a Go type the text is `json: cannot unmarshal <text> into …`, else it is the whole message. */
  constructor(text: string, goType?: string) {
    super(text)
    this.#text = text
    this.#goType = goType
  }

  /** A struct adds the field's name, as Go's path spells it (`VolumeSource.emptyDir`). */
  addField(struct: string, json: string, goStep: string): void {
    this.steps.unshift(json)
    this.#goSteps.unshift(goStep)
    if (this.#struct === '') this.#struct = struct
  }

  /** Go's path has no indexes and no map keys. */
  addStep(step: string | number): void {
    this.steps.unshift(step)
  }

  toTypedError(base: JsonPath): TypedError {
    const path = [...base, ...this.steps]
    if (this.#goType === undefined) return new TypedError(this.#text, path)
    const place =
      this.#struct === '' ? 'value' : `struct field ${this.#struct.replace(/^v1\./, '')}.${this.#goSteps.join('.')}`
    return new TypedError(`json: cannot unmarshal ${this.#text} into Go ${place} of type ${this.#goType}`, path)
  }
}

/** What Go calls a JSON value in its messages. */
export function jsonKind(value: Json): string {
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'boolean' ? 'bool' : type
}
