import { formatPath, type Json, type JsonPath } from '@proa/kube'

/**
 * A mesh configuration, values tree or annotation that cannot be read or is not valid.
 * `message` is the text Istio gives, which never says where; `path` adds the place.
 */
export class MeshConfigError extends Error {
  /** From the document's root: `defaultConfig.concurrency`; empty for the root itself. */
  readonly path: string

  constructor(message: string, path: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'MeshConfigError'
    this.path = path
  }
}

/** The error of reading the value at that path. */
export function readError(message: string, path: JsonPath): MeshConfigError {
  return new MeshConfigError(message, formatPath(path))
}

/** The same error with another text in front, as Go's `fmt.Errorf("…: %v", err)` makes it. */
export function withPrefix(prefix: string, error: MeshConfigError): MeshConfigError {
  return new MeshConfigError(`${prefix}${error.message}`, error.path, error)
}

/** The error of `encoding/json` for a value that does not fit the Go type. */
export function cannotUnmarshal(value: Json, goType: string, path: JsonPath): MeshConfigError {
  return readError(`json: cannot unmarshal ${goJsonKind(value)} into Go value of type ${goType}`, path)
}

/** What `encoding/json` calls a value's kind in its errors. */
function goJsonKind(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}
