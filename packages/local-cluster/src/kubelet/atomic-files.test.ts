import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeAtomically } from './atomic-files.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'volume-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const files = (entries: Readonly<Record<string, string>>) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { content: Buffer.from(text), mode: 0o640 }]))

describe('the files of a volume', () => {
  it('stand behind one link, so that they change all at once', async () => {
    expect(await writeAtomically(directory, files({ a: '1', 'sub/b': '2' }), 'first')).toBe(true)
    expect(await readlink(join(directory, '..data'))).toBe('..first')
    expect(await readlink(join(directory, 'a'))).toBe('..data/a')
    expect(await readFile(join(directory, 'sub/b'), 'utf8')).toBe('2')
    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o640)
  })

  it('are not touched when nothing is new', async () => {
    await writeAtomically(directory, files({ a: '1' }), 'first')
    expect(await writeAtomically(directory, files({ a: '1' }), 'second')).toBe(false)
    expect(await readlink(join(directory, '..data'))).toBe('..first')
  })

  it('leave nothing of what is no longer there', async () => {
    await writeAtomically(directory, files({ a: '1', b: '2' }), 'first')
    await writeAtomically(directory, files({ b: '3' }), 'second')
    expect((await readdir(directory)).sort()).toEqual(['..data', '..second', 'b'])
    expect(await readFile(join(directory, 'b'), 'utf8')).toBe('3')
  })

  it.each(['../x', '/x', 'a/../../x', ''])('never leave the volume: %j', async (path) => {
    await expect(writeAtomically(directory, files({ [path]: '' }), 'first')).rejects.toThrow('must stay inside')
  })
})
