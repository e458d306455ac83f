import { limitError } from '@proa/go-template'

/** About 700,000 values as deep as those of a Pod. A value counts more the deeper it is, since YAML indents it. */
const MAX_WORK = 4_000_000
/** Only data that contains itself is deeper. */
const MAX_DEPTH = 500

/** What one call has done so far. */
export interface Walk {
  work: number
}

/**
 * Counts a value that a function comes to. A template can build a map that holds one map twice, which does so again, and
 * so on: small in memory, and without end for whoever writes it out.
 *
 * @throws TemplateError of phase `limit`
 */
export function step(walk: Walk, depth: number): void {
  walk.work += 1 + depth
  if (walk.work > MAX_WORK) throw limitError('data has too many values to go through')
  if (depth > MAX_DEPTH) throw limitError(`data is nested more than ${MAX_DEPTH} levels deep`)
}
