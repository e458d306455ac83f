import { describe, expect, it } from 'vitest'
import { editYaml } from '../../testing/edit-yaml.ts'

/** Trims the indentation of the test file. */
function yaml(text: string): string {
  const lines = text.replace(/^\n/, '').split('\n')
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(indent)).join('\n')
}

const deployment = yaml(`
  # Our shop.
  apiVersion: apps/v1
  kind: Deployment   # the usual
  metadata:
    name: 'shop'

  spec:
    template:
      metadata:
        labels:
          app: shop   # selected by the Service
        # nobody knows why
        annotations:
          a: "1"
      spec:
        containers:
          # the application itself
          - name: shop
            image: shop:1
            args: [--port, "80"]

          - name: helper
            env: []
            # last words
  ---
  untouched:   {here:    too}
`)

const template = '/spec/template'

describe('adding to block collections', () => {
  it('appends a key below the last one, before the comments that follow', () => {
    const edited = editYaml(deployment, 0, [{ op: 'add', path: `${template}/metadata/labels/x`, value: 'yes' }])
    expect(edited).toBe(
      deployment.replace('the Service\n', 'the Service\n        x: "yes"\n').replace('          x:', '        x:'),
    )
  })

  it('writes lists in the way the map already writes them', () => {
    const edited = editYaml(deployment, 0, [
      { op: 'add', path: `${template}/spec/volumes`, value: [{ name: 'v', emptyDir: {} }] },
    ])
    expect(edited).toBe(
      deployment.replace('env: []\n', 'env: []\n      volumes:\n        - name: v\n          emptyDir: {}\n'),
    )
  })

  it('puts a list item at the front above the comment of the first one', () => {
    const edited = editYaml(deployment, 0, [{ op: 'add', path: `${template}/spec/containers/0`, value: { name: 'p' } }])
    expect(edited).toBe(deployment.replace('containers:\n', 'containers:\n        - name: p\n'))
  })

  it('puts a list item between two, and at the end', () => {
    const edited = editYaml(deployment, 0, [
      { op: 'add', path: `${template}/spec/containers/1`, value: { name: 'p' } },
      { op: 'add', path: `${template}/spec/containers/-`, value: { name: 'q', args: ['a'] } },
    ])
    expect(edited).toBe(
      deployment
        .replace('"80"]\n', '"80"]\n        - name: p\n')
        .replace('env: []\n', 'env: []\n        - name: q\n          args:\n            - a\n'),
    )
  })

  it('turns an empty flow list into a block list', () => {
    const edited = editYaml(deployment, 0, [
      { op: 'add', path: `${template}/spec/containers/1/env/-`, value: { name: 'A', value: '1' } },
    ])
    expect(edited).toBe(deployment.replace('env: []\n', 'env:\n            - name: A\n              value: "1"\n'))
  })

  it('puts missing metadata where everybody looks for it', () => {
    const edited = editYaml('kind: Pod\nspec:\n  a: b\n', 0, [{ op: 'add', path: '/metadata', value: { name: 'x' } }])
    expect(edited).toBe('kind: Pod\nmetadata:\n  name: x\nspec:\n  a: b\n')
  })

  it('grows a short flow list in its own line', () => {
    const edited = editYaml(deployment, 0, [{ op: 'add', path: `${template}/spec/containers/0/args/2`, value: '1e3' }])
    expect(edited).toBe(deployment.replace('"80"]', '"80", "1e3"]'))
  })

  it('writes multi-line text as a literal block', () => {
    const edited = editYaml('a: 1\n', 0, [{ op: 'add', path: '/b', value: 'one\ntwo\n' }])
    expect(edited).toBe('a: 1\nb: |\n  one\n  two\n')
  })
})

describe('replacing and removing', () => {
  it('keeps quotes and trailing comments of a replaced scalar', () => {
    const edited = editYaml("a: 'x'   # why\nb: y # c\n", 0, [
      { op: 'replace', path: '/a', value: "it's" },
      { op: 'replace', path: '/b', value: 12 },
    ])
    expect(edited).toBe("a: 'it''s'   # why\nb: 12 # c\n")
  })

  it('replaces block scalars, also one that keeps its blank lines', () => {
    const text = 'a: |+\n  t\n\nb: >-\n  f\n  g\n'
    const edited = editYaml(text, 0, [
      { op: 'replace', path: '/a', value: 'x' },
      { op: 'replace', path: '/b', value: 'one\ntwo' },
    ])
    expect(edited).toBe('a: x\nb: |-\n  one\n  two\n')
  })

  it('turns a scalar into a map and back', () => {
    const map = editYaml('a: x # c\nb: 1\n', 0, [{ op: 'replace', path: '/a', value: { k: ['v'] } }])
    expect(map).toBe('a: # c\n  k:\n  - v\nb: 1\n')
    expect(editYaml(map, 0, [{ op: 'replace', path: '/a', value: 'x' }])).toBe('a: x\nb: 1\n')
  })

  it('removes an item with its lines and leaves an empty list behind', () => {
    const text = 'a:\n  - 1\n  - 2 # two\n# end\n'
    expect(editYaml(text, 0, [{ op: 'remove', path: '/a/1' }])).toBe('a:\n  - 1\n# end\n')
    expect(
      editYaml(text, 0, [
        { op: 'remove', path: '/a/1' },
        { op: 'remove', path: '/a/0' },
      ]),
    ).toBe('a: []\n# end\n')
  })

  it('moves the second key up when the first one behind a dash goes', () => {
    const text = '- a: 1\n  b: 2\n- c: 3\n'
    expect(editYaml(text, 0, [{ op: 'remove', path: '/0/a' }])).toBe('- b: 2\n- c: 3\n')
    expect(editYaml(text, 0, [{ op: 'remove', path: '/1/c' }])).toBe('- a: 1\n  b: 2\n- {}\n')
  })

  it('keeps everything of a list that is replaced by nearly the same list', () => {
    const text = 'list:\n  # one\n  - name: a\n    v: 1\n  # two\n  - name: b # second\n    v: 2\n'
    const edited = editYaml(text, 0, [
      { op: 'replace', path: '/list', value: [{ name: 'c' }, { name: 'a', v: 1 }, { name: 'b', v: 3 }] },
    ])
    expect(edited).toBe(text.replace('list:\n', 'list:\n  - name: c\n').replace('v: 2', 'v: 3'))
  })

  it('moves an item with the comments inside it', () => {
    const text = 'l:\n- name: a # first\n  # deep\n  k: |\n    x\n- name: b\n'
    expect(editYaml(text, 0, [{ op: 'move', from: '/l/0', path: '/l/1' }])).toBe(
      'l:\n- name: b\n- name: a # first\n  # deep\n  k: |\n    x\n',
    )
  })
})

describe('flow style and JSON', () => {
  it('adds to, changes and removes from a flow map', () => {
    const text = 'm: { a: 1, b: [x], c: y }  # flow\n'
    const edited = editYaml(text, 0, [
      { op: 'add', path: '/m/d', value: 'a,b' },
      { op: 'remove', path: '/m/a' },
      { op: 'replace', path: '/m/b/0', value: true },
    ])
    expect(edited).toBe('m: { b: [true], c: y, d: "a,b" }  # flow\n')
  })

  it('breaks a flow list that would become a very long line', () => {
    const text = 'containers: [{name: a, image: b}] # all\nx: 1\n'
    const value = { name: 'proxy', args: ['--a-long-argument', '--another-long-argument'], image: 'registry/proxy:1' }
    expect(editYaml(text, 0, [{ op: 'add', path: '/containers/-', value }])).toBe(
      yaml(`
        containers: # all
        - {name: a, image: b}
        - name: proxy
          args:
          - --a-long-argument
          - --another-long-argument
          image: registry/proxy:1
        x: 1
      `),
    )
  })

  it('keeps JSON as JSON, with its indentation', () => {
    const text = '{\n\t"kind": "Pod",\n\t"spec": {\n\t\t"containers": []\n\t}\n}\n'
    const edited = editYaml(text, 0, [
      { op: 'add', path: '/spec/containers/-', value: { name: 'a' } },
      { op: 'add', path: '/spec/x', value: [1] },
    ])
    expect(edited).toBe(
      '{\n\t"kind": "Pod",\n\t"spec": {\n\t\t"containers": [\n\t\t\t{\n\t\t\t\t"name": "a"\n\t\t\t}\n\t\t],\n' +
        '\t\t"x": [\n\t\t\t1\n\t\t]\n\t}\n}\n',
    )
    expect(editYaml('{"a":{"b":1},"l":[]}', 0, [{ op: 'add', path: '/l/-', value: { c: 2 } }])).toBe(
      '{"a":{"b":1},"l":[{"c":2}]}',
    )
  })
})

describe('anchors, merges, equal keys', () => {
  it('writes an alias out at the edited place only', () => {
    const text = 'a: &x\n  k: v # c\nb: *x\nc: *x\n'
    expect(editYaml(text, 0, [{ op: 'add', path: '/b/m', value: 1 }])).toBe(
      'a: &x\n  k: v # c\nb:\n  k: v\n  m: 1\nc: *x\n',
    )
  })

  it('keeps the other uses of an anchor whose value is edited', () => {
    const text = 'a: &x\n  k: v # c\nb: *x\n'
    expect(editYaml(text, 0, [{ op: 'add', path: '/a/m', value: 1 }])).toBe('a: &x\n  k: v # c\n  m: 1\nb:\n  k: v\n')
  })

  it('overrides a merged key and writes the merge out when one of its keys goes', () => {
    const text = 'base: &b {k: 1, l: 2}\nm:\n  <<: *b\n  own: 3\n'
    expect(editYaml(text, 0, [{ op: 'replace', path: '/m/k', value: 9 }])).toBe(`${text}  k: 9\n`)
    expect(editYaml(text, 0, [{ op: 'remove', path: '/m/k' }])).toBe('base: &b {k: 1, l: 2}\nm:\n  own: 3\n  l: 2\n')
  })

  it('edits the last of equal keys, which is the one that counts', () => {
    const text = 'a: 1\na: 2\n'
    expect(editYaml(text, 0, [{ op: 'replace', path: '/a', value: 3 }])).toBe('a: 1\na: 3\n')
    expect(editYaml(`${text}b: 1\n`, 0, [{ op: 'remove', path: '/a' }])).toBe('b: 1\n')
  })
})

describe('what surrounds the documents', () => {
  it('keeps byte order mark, directives, markers and Windows line ends', () => {
    const text = '\ufeff%YAML 1.1\r\n---\r\n# c\r\na: 1\r\n...\r\n--- {b: 2}\r\n---\r\nc:\r\n  - d\r\n'
    const added = editYaml(text, 2, [{ op: 'add', path: '/c/1', value: { e: 'f\ng' } }])
    expect(added).toBe(`${text}  - e: |-\r\n      f\r\n      g\r\n`)
    expect(editYaml(text, 1, [{ op: 'add', path: '/b2', value: 3 }])).toBe(text.replace('{b: 2}', '{b: 2, b2: 3}'))
  })

  it('works without a line break at the end', () => {
    expect(editYaml('a:\n- b', 0, [{ op: 'add', path: '/a/1', value: 'c' }])).toBe('a:\n- b\n- c')
    expect(editYaml('a: 1\nb: 2', 0, [{ op: 'remove', path: '/b' }])).toBe('a: 1')
    const both = [
      { op: 'remove', path: '/a/1' },
      { op: 'remove', path: '/b' },
    ] as const
    expect(editYaml('a:\n- 1\n- 2\nb: 3', 0, both)).toBe('a:\n- 1')
  })

  it('refuses a document that is not there and a patch that does not fit', () => {
    expect(() => editYaml('a: 1\n', 1, [])).toThrow('there is no document 1')
    expect(() => editYaml('a: 1\n', 0, [{ op: 'remove', path: '/b' }])).toThrow(
      'operation 0 (remove /b): "b" does not exist',
    )
    expect(() => editYaml('a: 1\n', 0, [{ op: 'test', path: '/a', value: 2 }])).toThrow('the value is a different one')
  })
})

describe('what moves takes its comments along', () => {
  const text = yaml(`
    a:
      # about x
      - name: x # x itself
        # about k
        k: v # k itself
        m: # m itself
          z: 1
      - name: y
    b: []
  `)

  it('inside a list', () => {
    expect(editYaml(text, 0, [{ op: 'move', from: '/a/0', path: '/a/1' }])).toBe(
      yaml(`
        a:
          - name: y
          # about x
          - name: x # x itself
            # about k
            k: v # k itself
            m: # m itself
              z: 1
        b: []
      `),
    )
  })

  it('to another list, changed, although the patch only says "remove" and "add"', () => {
    const edited = editYaml(text, 0, [
      { op: 'remove', path: '/a/0' },
      { op: 'add', path: '/b/0', value: { name: 'x', k: 'w', m: { z: 1 }, o: 2 } },
    ])
    expect(edited).toBe(
      yaml(`
        a:
          - name: y
        b:
          # about x
          - name: x # x itself
            # about k
            k: w # k itself
            m: # m itself
              z: 1
            o: 2
      `),
    )
  })
})
