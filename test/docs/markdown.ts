/** What the tests need to know of a Markdown file: its fenced blocks, its links and the anchors of its headings. */

export interface Block {
  /** `console`, `sh`, `yaml` …; empty when the fence names none. */
  readonly language: string
  readonly lines: readonly string[]
  /** 1-based line of the block's first line. */
  readonly line: number
}

export interface Link {
  readonly target: string
  /** 1-based line. */
  readonly line: number
}

const FENCE = /^```(\w*)\s*$/

export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; lines: string[]; line: number } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line)
    if (fence === null) open?.lines.push(line)
    else if (open === undefined) open = { language: fence[1] ?? '', lines: [], line: index + 2 }
    else {
      blocks.push(open)
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} has no end`)
  return blocks
}

/** The lines without those of fenced blocks, which are examples; the lines keep their numbers. */
export function proseOf(text: string): readonly string[] {
  let inBlock = false
  return text.split('\n').map((line) => {
    if (FENCE.test(line)) {
      inBlock = !inBlock
      return ''
    }
    return inBlock ? '' : line
  })
}

export function linksOf(text: string): readonly Link[] {
  return proseOf(text).flatMap((line, index) =>
    [...line.matchAll(/\]\(([^()\s]+)\)/g)].map((match) => ({ target: match[1] ?? '', line: index + 1 })),
  )
}

/** The anchors that GitHub gives to headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = proseOf(text).flatMap((line) => /^#{1,6}\s+(.*)$/.exec(line)?.[1] ?? [])
  return new Set(headings.map(anchorOf))
}

/** The sections of the second level by their anchors, with what is below them. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^## /m).slice(1)
  return new Map(parts.map((part) => [anchorOf(part.slice(0, part.indexOf('\n'))), part]))
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}
