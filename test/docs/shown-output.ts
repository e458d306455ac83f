/** A line of its own that stands for any number of lines; within a line, for any part of it. */
const ELISION = '…'

/**
 * Whether the output that a document shows is what the command prints, but for what the document visibly leaves out.
 *
 * @returns undefined, or the first line that is shown and not printed there
 */
export function wrongLine(shown: readonly string[], printed: string): string | undefined {
  const actual = printed.replace(/\n$/, '').split('\n')
  let position = 0
  let anywhere = false
  for (const group of groupsOf(shown)) {
    if (group === ELISION) {
      anywhere = true
      continue
    }
    const last = anywhere ? actual.length - group.length : position
    const starts = Array.from({ length: Math.max(0, last - position + 1) }, (_, index) => position + index)
    const start = starts.find((at) => group.every((line, index) => matches(line, actual[at + index])))
    if (start === undefined) return bestMiss(group, actual.slice(position))
    position = start + group.length
    anywhere = false
  }
  return anywhere || position === actual.length ? undefined : `nothing after line ${position}: ${actual[position]}`
}

function groupsOf(shown: readonly string[]): readonly (readonly string[] | typeof ELISION)[] {
  const groups: (string[] | typeof ELISION)[] = []
  for (const line of shown) {
    const last = groups.at(-1)
    if (line.trim() === ELISION) groups.push(ELISION)
    else if (Array.isArray(last)) last.push(line)
    else groups.push([line])
  }
  return groups
}

function matches(line: string, actual: string | undefined): boolean {
  if (actual === undefined) return false
  return line === actual || (line.includes(ELISION) && patternOf(line).test(actual))
}

/** What is left out may have been wider than the sign for it, so columns need not stand exactly one below the other. */
function patternOf(line: string): RegExp {
  const parts = line
    .split(ELISION)
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(/ {2,}/g, ' +'))
  return new RegExp(`^${parts.join('.*')}$`)
}

/** The first line of the group that is printed nowhere, else the group's first: they are printed, but not together. */
function bestMiss(group: readonly string[], actual: readonly string[]): string {
  return group.find((line) => !actual.some((each) => matches(line, each))) ?? `not in this order: ${group[0] ?? ''}`
}
