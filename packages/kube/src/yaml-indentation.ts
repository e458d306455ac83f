import { CHOMPING_MODE, EVENT_ID, type Event, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'

/**
 * Deepest nesting that is accepted, in text and through aliases. Kubernetes
 * allows 10,000; nothing real passes 40, and everything downstream recurses.
 */
export const MAX_DEPTH = 256

/** What js-yaml says of a line inside `{…}`, `[…]` or quotes that stands too far left. Go's parser does not mind. */
const TOO_FAR_LEFT = 'deficient indentation'

/** Moves a line to the right of anything that it could belong to. */
const SHIFT = ' '.repeat(64)

/** Characters that are read in all before the text is given up: each line that is moved costs one more reading. */
const MOST_READ = 50_000_000

/**
 * Reads the events of a YAML text with Go's tolerance for indentation inside flow collections and quoted scalars: Istio's templates
 * close a flow map where its key begins. There indentation carries no meaning, so moving the line changes nothing.
 *
 * @returns the events, and the text that their offsets refer to
 * @throws YAMLException
 */
export function readEventsLikeGo(
  text: string,
  options: { readonly maxDepth: number },
): { readonly events: Event[]; readonly text: string } {
  let current = text
  const shifted = new Map<number, number>()
  for (let read = text.length; ; read += current.length) {
    try {
      return { events: withoutMissingBreak(parseEvents(current, options), current), text: current }
    } catch (error) {
      if (!(error instanceof YAMLException) || error.mark === undefined) throw error
      const { line } = error.mark
      if (error.reason !== TOO_FAR_LEFT || read > MOST_READ) throw inOriginalText(error, shifted.get(line) ?? 0)
      shifted.set(line, (shifted.get(line) ?? 0) + 1)
      current = shiftLine(current, line)
    }
  }
}

/**
 * js-yaml ends a text with a line break of its own. Go does not, and where a block scalar (`|`) is the last thing, the
 * break would be part of its value.
 */
function withoutMissingBreak(events: Event[], text: string): Event[] {
  if (!/\S$/.test(text)) return events
  const index = events.findLastIndex((event) => event.type === EVENT_ID.SCALAR)
  const last = events[index]
  if (last?.type !== EVENT_ID.SCALAR || !BLOCK_STYLES.has(last.style) || last.valueEnd < text.length) return events
  return events.with(index, { ...last, chomping: CHOMPING_MODE.STRIP })
}

const BLOCK_STYLES: ReadonlySet<number> = new Set([SCALAR_STYLE.LITERAL_BLOCK, SCALAR_STYLE.FOLDED_BLOCK])

/** The error with the column that the user's own text has. */
function inOriginalText(error: YAMLException, shifts: number): YAMLException {
  if (error.mark !== undefined) error.mark.column = Math.max(0, error.mark.column - shifts * SHIFT.length)
  return error
}

function shiftLine(text: string, line: number): string {
  let start = 0
  for (let i = 0; i < line; i++) start = text.indexOf('\n', start) + 1
  return text.slice(0, start) + SHIFT + text.slice(start)
}
