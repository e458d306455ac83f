import { describe, expect, it } from 'vitest'
import { testContext, workspace } from '../../testing/workspace.ts'
import { describeError } from '../cli-error.ts'
import { inputObjects, objectName } from './objects.ts'
import { readDocuments } from './read-documents.ts'
import { readFiles } from './read-files.ts'

function context(files: Record<string, string | Uint8Array>, stdin = '') {
  return testContext(workspace(files).folder, { stdin }, { stdout: '', stderr: '' })
}

describe('reading manifests', () => {
  it('reads files, directories (sorted, without what is no manifest) and standard input', async () => {
    const files = { 'a.yaml': 'a', 'd/2.yml': '2', 'd/1.json': '1', 'd/x.txt': 'x', 'd/sub.yaml/3.yaml': '3' }
    const read = await readFiles(context(files, 'grüße'), ['d', '-', 'a.yaml'])
    expect(read.map(({ name, text }) => [name, text])).toEqual([
      ['d/1.json', '1'],
      ['d/2.yml', '2'],
      ['stdin', 'grüße'],
      ['a.yaml', 'a'],
    ])
  })

  it('says which file cannot be read and why', async () => {
    await expect(readFiles(context({}), ['x.yaml'])).rejects.toMatchObject({
      message: 'cannot read: no such file or directory',
      place: { file: 'x.yaml' },
    })
    await expect(readFiles(context({ 'd/x.txt': '' }), ['d'])).rejects.toThrow('holds no *.yaml')
    await expect(readFiles(context({ 'a.yaml': '' }), [''])).rejects.toThrow('the name is empty')
    await expect(readFiles(context({ 'x.yaml': new Uint8Array([0xff]) }), ['x.yaml'])).rejects.toThrow('not UTF-8')
  })

  it('opens lists and names objects', () => {
    const text =
      'kind: List\nitems:\n- kind: Pod\n  metadata: {generateName: web-}\n- kind: List\n  items: [{metadata: {name: x}}]\n' +
      '--- # nothing\n# here\n---\nkind: Job\nmetadata: {name: a, namespace: b}\n---\njust text\n'
    const objects = inputObjects([readDocuments({ name: 'f', isFile: true, text })])
    expect(objects.map(({ path, value, document }) => [document.span.line, path, objectName(value)])).toEqual([
      [1, ['items', 0], 'Pod web-…'],
      [1, ['items', 1, 'items', 0], 'an object without a kind x'],
      [10, [], 'Job b/a'],
    ])
  })

  it('points at document and line of what is not YAML', () => {
    const text = 'a: 1\n---\nb:\n  - c\n d: 2\n'
    const error = catchError(() => readDocuments({ name: 'shop.yaml', isFile: true, text }))
    expect(error).toMatch(/^shop\.yaml:5:\d+, document 2: this is not YAML: /)
  })
})

function catchError(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return describeError(error as Parameters<typeof describeError>[0])
  }
  return ''
}
