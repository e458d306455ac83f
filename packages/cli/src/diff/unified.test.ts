import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { painter } from '../output/style.ts'
import { unifiedDiff } from './unified.ts'

const plain = painter(false)

/** Applies a unified diff by the book: every context and removed line must be there. */
function patched(before: string, diff: string): string {
  const lines = before === '' ? [] : before.split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  const rows = diff.split('\n').slice(2, -1)
  rows.forEach((row, index) => {
    const header = /^@@ -(\d+)(?:,(\d+))? /.exec(row)
    const bare = rows[index + 1]?.startsWith('\\') === true
    const text = row.slice(1) + (bare ? '' : '\n')
    if (header !== null) {
      const start = header[2] === '0' ? Number(header[1]) : Number(header[1]) - 1
      while (at < start) result.push(lines[at++] ?? '')
    } else if (row.startsWith('+')) result.push(text)
    else if (!row.startsWith('\\')) {
      expect(lines[at]).toBe(text)
      if (row.startsWith(' ')) result.push(text)
      at += 1
    }
  })
  return result.join('') + lines.slice(at).join('')
}

describe('unifiedDiff', () => {
  it('shows changes with three lines around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    expect(unifiedDiff(before, before.replace('e\n', 'e\nnew\n').replace('h\n', 'H'), 'x.yaml', plain)).toBe(
      '--- a/x.yaml\n+++ b/x.yaml\n@@ -3,6 +3,7 @@\n c\n d\n e\n+new\n f\n g\n-h\n+H\n\\ No newline at end of file\n',
    )
  })

  it('is empty for equal texts and works from and to nothing', () => {
    expect(unifiedDiff('a\n', 'a\n', 'x', plain)).toBe('')
    expect(unifiedDiff('', 'a\n', 'x', plain)).toContain('@@ -0,0 +1 @@\n+a\n')
    expect(unifiedDiff('a\n', '', 'x', plain)).toContain('@@ -1 +0,0 @@\n-a\n')
  })

  it('paints added and removed lines', () => {
    expect(unifiedDiff('a\n', 'b\n', 'x', painter(true))).toContain('\u001b[31m-a\u001b[39m\n\u001b[32m+b\u001b[39m')
  })

  it('turns the old text into the new one', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), { maxLength: 30 })
      .map((lines) => lines.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff(before, after, 'x', plain))).toBe(after)
      }),
      { seed: 4, numRuns: 2000 },
    )
  })

  it('finds a shortest script: only what differs is shown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 40 }),
        fc.nat(),
        fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }),
        (lines, at, added) => {
          const before = lines.map((line) => `${line}\n`)
          const after = before.toSpliced(at % (lines.length + 1), 0, ...added.map((line) => `${line}\n`))
          const rows = unifiedDiff(before.join(''), after.join(''), 'x', plain).split('\n').slice(2)
          expect(rows.filter((row) => row.startsWith('-'))).toEqual([])
          expect(rows.filter((row) => row.startsWith('+'))).toHaveLength(added.length)
        },
      ),
      { seed: 5, numRuns: 500 },
    )
  })

  it('stays bounded for two large texts that share nothing', () => {
    const before = Array.from({ length: 20_000 }, (_, line) => `old ${line}\n`).join('')
    const after = Array.from({ length: 20_000 }, (_, line) => `new ${line}\n`).join('')
    expect(patched(before, unifiedDiff(before, after, 'x', plain))).toBe(after)
  })
})
