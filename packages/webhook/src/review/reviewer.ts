import type { ConfigurationSource } from '../contracts.ts'
import { refused } from './precheck.ts'
import { review } from './review.ts'
import type { Reviewed, ReviewRequest } from './types.ts'

/** Takes the answer. `generation` is that of the configuration it was made with; 0 when there was none. */
export type TakeReviewed = (reviewed: Reviewed, generation: number) => void

/** Answers reviews: in this thread, or in others. */
export interface Reviewer {
  /** How many threads there are to be tried before all of it is known to work. */
  readonly lanes: number
  /** Calls `take` exactly once. @param lane which thread; by default one that has the least to do */
  review(request: ReviewRequest, take: TakeReviewed, lane?: number): void
  stop(): Promise<void>
}

/** Answers in this thread. */
export function localReviewer(configurations: ConfigurationSource): Reviewer {
  const namespaceObject = (name: string) => configurations.namespaceObject(name)
  return {
    lanes: 1,
    review(request, take) {
      const { current } = configurations
      if (current === undefined) return take(noConfiguration(), 0)
      take(reviewSafely(request, { configuration: current.configuration, namespaceObject }), current.generation)
    },
    stop: async () => {},
  }
}

/** A fault of the program is the answer to one request, not the end of all. */
function reviewSafely(...[request, context]: Parameters<typeof review>): Reviewed {
  try {
    return review(request, context)
  } catch (error) {
    return internalError(error)
  }
}

export function internalError(error: unknown): Reviewed {
  return refused('InternalError', `the injector failed: ${error instanceof Error ? error.message : 'unknown'}`, 500)
}

export function noConfiguration(): Reviewed {
  return refused('NoConfiguration', 'the injector has no configuration yet; see /readyz', 503)
}
