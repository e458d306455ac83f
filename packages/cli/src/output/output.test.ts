import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { workspace } from '../../testing/workspace.ts'
import { painter, wantsColour } from './style.ts'
import { tableLines } from './table.ts'
import { visible, visiblePainted } from './visible.ts'
import { writeFiles } from './write-files.ts'

describe('colour', () => {
  it('follows NO_COLOR, FORCE_COLOR and the terminal, in this order', () => {
    const terminal = { write: () => undefined, isTTY: true }
    const pipe = { write: () => undefined }
    expect(wantsColour(terminal, {})).toBe(true)
    expect(wantsColour(pipe, {})).toBe(false)
    expect(wantsColour(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false)
    expect(wantsColour(terminal, { NO_COLOR: '' })).toBe(true)
    expect(wantsColour(pipe, { FORCE_COLOR: '1' })).toBe(true)
    expect(wantsColour(terminal, { FORCE_COLOR: '0' })).toBe(false)
    expect(wantsColour(terminal, { TERM: 'dumb' })).toBe(false)
  })
})

describe('control characters', () => {
  it('are shown, so that a name in a manifest cannot steer the terminal', () => {
    expect(visible('a\x1b[2Jb\x9b\u202e\r\x07')).toBe('a\\x1b[2Jb\\x9b\\u202e\\x0d\\x07')
    expect(visible('zwei\n\tZeilen, 容器')).toBe('zwei\n\tZeilen, 容器')
    const red = painter(true)('red', 'x')
    expect(visiblePainted(`${red}\x1b]0;title\x07`)).toBe(`${red}\\x1b]0;title\\x07`)
  })
})

describe('tableLines', () => {
  it('aligns by what is seen: colour has no width, Han characters have two columns', () => {
    const red = painter(true)('red', 'ab')
    expect(
      tableLines(
        [
          [red, 'x'],
          ['容器', 'y'],
          ['c', ''],
        ],
        2,
      ),
    ).toEqual([`  ${red}    x`, '  容器  y', '  c'])
  })
})

describe('writeFiles', () => {
  it('replaces the file, keeps its mode, follows links and leaves nothing behind', async () => {
    const { folder, read } = workspace({ 'a.yaml': 'old', 'real.yaml': 'old' })
    chmodSync(join(folder, 'a.yaml'), 0o662)
    symlinkSync('real.yaml', join(folder, 'link.yaml'))
    await writeFiles(
      folder,
      new Map([
        ['a.yaml', 'new'],
        ['link.yaml', 'new'],
        ['fresh.yaml', 'new'],
      ]),
    )
    expect([read('a.yaml'), read('real.yaml'), read('fresh.yaml')]).toEqual(['new', 'new', 'new'])
    expect(statSync(join(folder, 'a.yaml')).mode & 0o777).toBe(0o662)
    expect(readdirSync(folder).sort()).toEqual(['a.yaml', 'fresh.yaml', 'link.yaml', 'real.yaml'])
  })

  it('writes none when one cannot be written', async () => {
    const { folder } = workspace({ 'a.yaml': 'old' })
    mkdirSync(join(folder, 'b'))
    const files = new Map([
      ['a.yaml', 'new'],
      ['missing/c.yaml', 'new'],
    ])
    await expect(writeFiles(folder, files)).rejects.toThrow('cannot write: no such file or directory')
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('old')
    expect(readdirSync(folder).sort()).toEqual(['a.yaml', 'b'])
  })
})
