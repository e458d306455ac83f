import { describe, expect, it } from 'vitest'
import { createContainerLog } from './container-log.ts'

describe('the log of a container', () => {
  it('keeps the newest part, within a bound', () => {
    const log = createContainerLog(() => 0)
    const line = 'x'.repeat(1000)
    for (let index = 0; index < 5000; index += 1) log.write(`${index} ${line}`)
    const lines = log.lines()
    expect(lines.at(-1)?.text).toBe(`4999 ${line}`)
    expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(1024 * 1024)
    expect(lines.length).toBeGreaterThan(500)
  })

  it('tells followers of each line, and of the end', () => {
    const log = createContainerLog(() => 5)
    const seen: unknown[] = []
    log.write('before')
    const stop = log.follow(
      (line) => seen.push(line),
      () => seen.push('end'),
    )
    log.write('after')
    log.end()
    stop()
    log.follow(
      () => {},
      () => seen.push('ended already'),
    )
    expect(seen).toEqual([{ time: 5, text: 'after' }, 'end', 'ended already'])
  })
})
