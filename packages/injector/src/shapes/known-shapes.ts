import type { Configuration } from '../config/types.ts'
import { type Memory, memoryOf } from '../remember.ts'
import type { Rendered } from '../render/render.ts'
import type { InjectionRequest } from '../request.ts'
import type { InjectionWarning } from '../warnings.ts'
import { freshWords } from './fresh-words.ts'
import { fillPattern, MARK, markedRequest, OPAQUE_MARK, type Pattern, patternOf } from './pattern.ts'
import { wordsStayValues } from './rendered-words.ts'
import { type Shape, shapeOf } from './shape.ts'
import { type WatchedConfiguration, watchTemplates } from './watched-templates.ts'

/** What an injection is asked for when a shape is learned: all that is kept of it. */
export interface ShapedResult {
  /** The patch as JSON. */
  readonly patchText: string
  /** The warnings about the templates. */
  readonly templateWarnings: readonly InjectionWarning[]
}

/** Injects a request, by a configuration that need not be the one that the shapes belong to. */
export type Inject = (
  request: InjectionRequest,
  configuration: Configuration,
) => ShapedResult & { readonly rendered: readonly Rendered[] }

interface LearnedShape {
  readonly patch: Pattern
  readonly templateWarnings: readonly InjectionWarning[]
  /** So many results are still made in the ordinary way and compared. */
  unproven: number
}

/** Learned shapes, `seen` once, or found to be none: their names are looked at. */
type Knowledge = LearnedShape | 'seen' | 'none'

/** Enough for the workloads of a large cluster. */
const REMEMBERED_SHAPES = 1024
/** The shape of a usual Pod has some 2000. */
const REMEMBERED_CHARACTERS = 4_000_000
/** A shape is compared with the ordinary result so many times before it is relied on. */
const PROOFS = 2

/** What is known of the shapes of requests under one configuration. */
export interface KnownShapes {
  /**
   * The result of a request, where its shape is known; else `full` makes it, and the shape is learned by the way.
   *
   * @param text the request as JSON
   */
  inject<Full extends ShapedResult>(text: string, request: InjectionRequest, full: () => Full): Full | ShapedResult
}

/**
 * Injects by shape: the second Pod that differs from one before only in names gets the same patch with its own names. That is
 * sound where nothing in the injection looks at those names, which is found out, not assumed: the shape is injected once
 * with marks for the names and with templates that tell which function was given one; only functions that hand texts on
 * may be. The names may not stand in the configuration, so that nothing there can equal one, and they are scalars in
 * any YAML. The first results of each shape are compared with the ordinary ones besides.
 */
export function knownShapes(configuration: Configuration, inject: Inject): KnownShapes {
  const known: Memory<Knowledge> = memoryOf(REMEMBERED_SHAPES, REMEMBERED_CHARACTERS)
  let isFresh: ((word: string) => boolean) | undefined
  let watched: WatchedConfiguration | undefined
  const learn = (shape: Shape): Knowledge => {
    if (isFresh?.(MARK) !== true || shape.key.includes(MARK)) return 'none'
    watched ??= watchTemplates(configuration)
    return learnShape(shape, watched, inject, isFresh)
  }
  return {
    inject(text, request, full) {
      isFresh ??= freshWords(configuration)
      const shape = shapeOf(text, request, isFresh)
      if (shape === undefined) return full()
      const knowledge = known.get(shape.key)
      if (knowledge === undefined) known.set(shape.key, 'seen')
      if (knowledge === undefined || knowledge === 'none') return full()
      if (knowledge === 'seen') {
        known.set(shape.key, learn(shape))
        return proven(shape, known, full())
      }
      if (knowledge.unproven > 0) return proven(shape, known, full())
      return {
        patchText: fillPattern(knowledge.patch, shape.words),
        templateWarnings: knowledge.templateWarnings,
      }
    },
  }
}

/** Compares what the shape says with what came out. */
function proven<Full extends ShapedResult>(shape: Shape, known: Memory<Knowledge>, result: Full): Full {
  const knowledge = known.get(shape.key)
  if (typeof knowledge !== 'object') return result
  if (fillPattern(knowledge.patch, shape.words) === result.patchText) knowledge.unproven -= 1
  else known.set(shape.key, 'none')
  return result
}

function learnShape(
  shape: Shape,
  watched: WatchedConfiguration,
  inject: Inject,
  isFresh: (word: string) => boolean,
): Knowledge {
  const request = requestOf(markedRequest(shape))
  let result: ReturnType<Inject> | undefined
  // A word stands neither in the configuration nor in the rest of the request, so it never equals what does.
  const knows = (text: string): boolean => !isFresh(text) || shape.key.includes(JSON.stringify(text))
  const looks = watched.looksAtWords(knows, () => {
    try {
      result = inject(request, watched.configuration)
    } catch {
      // A failure may name what it met, so it is never a pattern.
    }
  })
  if (result === undefined || looks || JSON.stringify(result.templateWarnings).includes(MARK)) return 'none'
  if (OPAQUE_MARK.test(result.patchText) || !wordsStayValues(result.rendered, knows)) return 'none'
  const patch = patternOf(result.patchText)
  return { patch, templateWarnings: result.templateWarnings, unproven: PROOFS }
}

/** The order in which {@link requestText} writes them. */
export function requestText({ pod, mode, namespace, path, owner, namespaceObject }: InjectionRequest): string {
  return JSON.stringify([pod, mode, namespace, path, owner, namespaceObject])
}

function requestOf(text: string): InjectionRequest {
  const [pod, mode, namespace, path, owner, namespaceObject] = JSON.parse(text) as (
    | InjectionRequest[keyof InjectionRequest]
    | null
  )[]
  const given = { namespace, path, owner, namespaceObject }
  const present = Object.entries(given).filter(([, value]) => value !== null)
  return { pod, mode, ...Object.fromEntries(present) } as InjectionRequest
}
