import { applyPatch, type Json, type JsonPatchOperation, parseYaml, YamlError } from '@proa/kube'
import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { editDocument } from './edit-document.ts'
import { isAmbiguous, scalarText } from './write-scalar.ts'

const seed = 20251
const key = fc.constantFrom('a', 'name', 'k-1', 'metadata', 'spec', 'yes', '8080', 'with space', '__proto__', 'x/y~z')
const word = fc.constantFrom('x', 'on', '0777', '1e3', '12:30', '2024-01-01', '~', '', 'a: b', '# c', "it's", 'l1\nl2')
const leaf = fc.oneof(word, fc.integer({ min: -5, max: 99 }), fc.boolean(), fc.constant(null))
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => fromEntries(entries)),
  ),
})).value

function fromEntries(entries: readonly (readonly [string, Json])[]): Json {
  const object = {}
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  return object
}

/** A YAML text for the value in which the layout varies: comments, blank lines, indentation, flow style, quotes. */
function layout(value: Json, choose: () => number, column = 0, flow = false): string {
  if (Array.isArray(value) && value.length > 0 && !flow && choose() % 4 !== 0) {
    return value
      .map((item) => `${comment(choose, column)}${' '.repeat(column)}- ${behindDash(item, choose, column)}`)
      .join('')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    const entries = Object.entries(value)
    if (!flow && choose() % 4 !== 0) {
      return entries
        .map(
          ([name, item]) =>
            `${comment(choose, column)}${' '.repeat(column)}${scalarText(name, false)}:${below(item, choose, column)}`,
        )
        .join('')
    }
    return `{${entries.map(([name, item]) => `${scalarText(name, true)}: ${layout(item, choose, 0, true)}`).join(', ')}}`
  }
  if (Array.isArray(value))
    return `[${value.map((item) => layout(item, choose, 0, true)).join(choose() % 2 === 0 ? ',' : ' , ')}]`
  if (typeof value === 'object') return value === null ? (['null', '~', 'Null'][choose() % 3] ?? 'null') : '{}'
  return scalarText(value, flow, choose() % 3 === 0 ? 'double' : choose() % 3 === 0 ? 'single' : 'plain')
}

function isBlock(text: string): boolean {
  return text.endsWith('\n')
}

function below(item: Json, choose: () => number, column: number): string {
  const step = typeof item === 'object' && Array.isArray(item) ? choose() % 3 : 1 + (choose() % 4)
  const text = layout(item, choose, column + step)
  const end = choose() % 4 === 0 ? ' # tail' : ''
  return isBlock(text) ? `${end}\n${text}` : ` ${text}${end}\n`
}

function behindDash(item: Json, choose: () => number, column: number): string {
  const text = layout(item, choose, column + 2)
  return isBlock(text) && !/^\s*#|^\n/.test(text)
    ? text.slice(column + 2)
    : isBlock(text)
      ? `# item\n${text}`
      : `${text}\n`
}

function comment(choose: () => number, column: number): string {
  const kind = choose() % 6
  return kind === 0 ? `${' '.repeat(column)}# note\n` : kind === 1 ? '\n' : ''
}

/** A patch that fits the value: random operations on random places, each tried on the result of those before. */
function patchFor(value: Json, choose: () => number, values: readonly Json[]): JsonPatchOperation[] {
  const patch: JsonPatchOperation[] = []
  let now = value
  for (const next of values) {
    const operation = operationFor(now, choose, next)
    now = applyPatch(now, [operation])
    patch.push(operation)
  }
  return patch
}

function operationFor(value: Json, choose: () => number, next: Json): JsonPatchOperation {
  const places = containers(value)
  const place = places[choose() % Math.max(1, places.length)]
  if (place === undefined) return { op: 'replace', path: '', value: next }
  const escaped = (step: string) => step.replaceAll('~', '~0').replaceAll('/', '~1')
  const keys = Array.isArray(place.value) ? place.value.map((_, index) => String(index)) : Object.keys(place.value)
  const some = keys[choose() % Math.max(1, keys.length)]
  const kind = choose() % 4
  if (some === undefined || kind === 0) {
    const step = Array.isArray(place.value) ? String(choose() % (keys.length + 1)) : `new-${choose() % 3}`
    return { op: 'add', path: `${place.path}/${escaped(step)}`, value: next }
  }
  if (kind === 1) return { op: 'remove', path: `${place.path}/${escaped(some)}` }
  if (kind === 2 && Array.isArray(place.value)) {
    return { op: 'move', from: `${place.path}/${some}`, path: `${place.path}/${choose() % keys.length}` }
  }
  return { op: 'replace', path: `${place.path}/${escaped(some)}`, value: next }
}

function containers(value: Json, path = ''): { path: string; value: object }[] {
  if (typeof value !== 'object' || value === null) return []
  const steps = Object.entries(value).map(
    ([name, item]) => [name.replaceAll('~', '~0').replaceAll('/', '~1'), item] as const,
  )
  return [{ path, value }, ...steps.flatMap(([step, item]) => containers(item, `${path}/${step}`))]
}

/** A stream of choices from a list of numbers, the same for the same list. */
function chooser(numbers: readonly number[]): () => number {
  let at = 0
  return () => numbers[at++ % numbers.length] ?? 0
}

function valueOrUndefined(text: string): Json | undefined {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}

const choices = fc.array(fc.nat({ max: 1000 }), { minLength: 20, maxLength: 60 })

describe('laws of editing in place', () => {
  it('a text that is edited says what the patched value says, and is edited in place', () => {
    fc.assert(
      fc.property(
        json,
        choices,
        fc.array(json, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (value, numbers, values, crlf) => {
          const choose = chooser(numbers)
          const lines = layout(value, choose)
          const text = (crlf ? lines.replaceAll('\n', '\r\n') : lines) || '{}'
          expect(parseYaml(text)).toEqual(value)
          const patch = patchFor(value, choose, values)
          const edited = editDocument(text, patch)
          expect(edited.value).toEqual(applyPatch(value, patch))
          expect(parseYaml(edited.text)).toEqual(edited.value)
          expect(edited.inPlace, `${text}\n${JSON.stringify(patch)}`).toBe(true)
        },
      ),
      { seed, numRuns: 1500 },
    )
  })

  it('an added key leaves every line as it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, json), { minLength: 1, maxLength: 5 }),
        choices,
        json,
        (entries, numbers, value) => {
          const object = fromEntries(entries)
          const block = layout(object, chooser([1, ...numbers]))
          fc.pre(isBlock(block))
          const { text } = editDocument(block, [{ op: 'add', path: '/added', value }])
          const rest = block.split('\n')
          const lines = text.split('\n')
          const from = lines.findIndex((line, index) => line !== rest[index])
          const extra = lines.length - rest.length
          expect([...lines.slice(0, from), ...lines.slice(from + extra)]).toEqual(rest)
        },
      ),
      { seed, numRuns: 500 },
    )
  })

  it('what is added and removed again leaves no trace', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, json), { minLength: 1, maxLength: 5 }),
        choices,
        json,
        fc.boolean(),
        (entries, numbers, value, finished) => {
          const laidOut = layout(fromEntries(entries), chooser([1, ...numbers]))
          fc.pre(isBlock(laidOut))
          const block = finished ? laidOut : laidOut.trimEnd()
          const added = editDocument(block, [{ op: 'add', path: '/added', value }])
          expect(editDocument(added.text, [{ op: 'remove', path: '/added' }]).text).toBe(block)
        },
      ),
      { seed, numRuns: 500 },
    )
  })

  it('a string comes back as that string from every reader', () => {
    const numeric = fc.stringMatching(/^[-+.0-9a-fA-FxobXeE_:~yYnN]{0,8}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), numeric, word), (text) => {
        fc.pre(text.isWellFormed())
        for (const style of ['plain', 'single', 'double'] as const) {
          const line = `k: ${scalarText(text, false, style)}\nl: [${scalarText(text, true, style)}]\n`
          expect(parseYaml(line), line).toEqual({ k: text, l: [text] })
          expect(load(line, { schema: YAML11_SCHEMA }), line).toEqual({ k: text, l: [text] })
          expect(parse(line, { version: '1.1' }), line).toEqual({ k: text, l: [text] })
          expect(parse(line), line).toEqual({ k: text, l: [text] })
        }
      }),
      { seed, numRuns: 3000 },
    )
  })

  it('any text is edited rightly, or refused with an error of ours', () => {
    const seeds = [
      'a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  d: |+\n    t\n\n  e: >-\n    f\n    g\n',
      '- - 1\n  - ? k\n    : v\n- !!str 5\n- "q\\n" # c\n-\n  # d\n  x: [1, {y: z}, ]\n',
      '{"a": [1, {"b": null}], "c": "d"}',
    ]
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...' \n\t:-#&*?|>\'"[]{},!%@ax')), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(fc.constantFrom(...seeds), damage, choices, json, (start, hits, numbers, value) => {
        const text = hits.reduce((now, [at, cut, put]) => {
          const place = at % (now.length + 1)
          return now.slice(0, place) + put + now.slice(place + cut)
        }, start)
        const before = valueOrUndefined(text)
        fc.pre(before !== undefined)
        const patch = patchFor(before ?? null, chooser(numbers), [value, value])
        const edited = editDocument(text, patch)
        expect(parseYaml(edited.text)).toEqual(applyPatch(before ?? null, patch))
      }),
      { seed, numRuns: 1500 },
    )
  })

  it('names what is ambiguous', () => {
    for (const text of [
      'yes',
      'On',
      'n',
      'NULL',
      '~',
      '',
      '0777',
      '0o17',
      '0x1F',
      '0b11',
      '08',
      '1_000',
      '1e3',
      '.5',
      '-.inf',
      '12:30',
      '2024-01-01',
      '=',
      '<<',
    ]) {
      expect(isAmbiguous(text), text).toBe(true)
    }
    for (const text of ['10m', '1Gi', 'v1', 'a', '1.2.3', '127.0.0.1', '-', 'x:1', 'e', 'n1']) {
      expect(isAmbiguous(text), text).toBe(false)
    }
  })
})
