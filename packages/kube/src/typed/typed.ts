import type { Json, JsonPath } from '../json.ts'
import { Mismatch } from './mismatch.ts'
import { type ReadMode, structReader } from './readers.ts'

/** How {@link readTyped} reads. */
export interface ReadTypedOptions {
  /** Where the value stands in its document; starts the `path` of an error. Default: `[]`. */
  readonly path?: JsonPath
  /** What happens to fields that Kubernetes does not know. Default: `drop`, as Go does. `keep` puts them last. */
  readonly unknown?: 'drop' | 'keep'
  /**
   * Zeros that Go prints although nobody wrote them: `resources: {}`,
   * `status: {}`, `containers: null`, `divisor: "0"`. Default: false, left out.
   * Maps are then in Go's order, too: sorted by key.
   *
   * Scalars that Go never leaves out (`name: ""`, `containerPort: 0`) are there
   * either way: as merge keys they have a meaning.
   */
  readonly goZeros?: boolean
}

/**
 * What Go prints after reading the value into the typed object and writing it
 * again: fields in Go's order, unknown ones dropped, quantities canonical,
 * optional zeros gone, null the same as missing. Field names are matched with
 * their case, as the API server does. What the reading does not change is
 * shared with the value.
 *
 * @param struct Go's name of the type: `v1.Pod`, `v1.Container`, …
 * @throws TypedError with Go's message and the path of the value
 */
export function readTyped(struct: string, value: Json, options: ReadTypedOptions = {}): Json {
  const { goZeros = false } = options
  const mode: ReadMode = {
    zeros: goZeros ? 'go' : 'none',
    keepUnknown: options.unknown === 'keep',
  }
  try {
    return structReader(struct, mode)(value ?? {})
  } catch (error) {
    throw error instanceof Mismatch ? error.toTypedError(options.path ?? []) : error
  }
}
