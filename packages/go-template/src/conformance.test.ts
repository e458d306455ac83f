import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { conformanceFunctions } from '../testing/conformance-functions.ts'
import { decodeValue } from '../testing/conformance-values.ts'
import { toBytes } from './format/index.ts'
import { compileTemplate, type FunctionMap, TemplateError } from './index.ts'

interface Case {
  readonly template: string
  readonly data?: never
  readonly options?: {
    readonly name?: string
    readonly missingKey?: 'default' | 'invalid' | 'zero' | 'error'
    readonly delimiters?: readonly [string, string]
    readonly alias?: Readonly<Record<string, string>>
  }
  /** What Go's text/template printed, or its error, or the bytes of an output that is not UTF-8. */
  readonly want?: string
  readonly error?: string
  readonly hex?: string
}

function readCases(file: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(`../testdata/${file}`, import.meta.url), 'utf8'))
}

function render(test: Case): Pick<Case, 'want' | 'error' | 'hex'> {
  const { name = 'inject', alias = {}, ...options } = test.options ?? {}
  const aliases = Object.entries(alias).map(([from, to]) => [from, conformanceFunctions[to]])
  const functions = { ...conformanceFunctions, ...Object.fromEntries(aliases) } as FunctionMap
  try {
    const template = compileTemplate(name, test.template, { functions, ...options })
    const text = template.execute(test.data === undefined ? undefined : decodeValue(test.data, functions))
    if (text.isWellFormed()) return { want: text }
    return { hex: Array.from(toBytes(text), (byte) => byte.toString(16).padStart(2, '0')).join('') }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { error: error.message }
  }
}

// Regenerate with real Go: cd testdata/gen && go run . ../language.json ../formats.json ../errors.json
describe.each(['language.json', 'errors.json', 'formats.json'])('as Go does, case by case of %s', (file) => {
  it.each(readCases(file).map((test, i) => [i + 2, test.template, test] as const))(
    'line %i: %s',
    (_line, _text, test) => {
      const { want, error, hex } = test
      expect(render(test)).toEqual(want !== undefined ? { want } : error !== undefined ? { error } : { hex })
    },
  )
})
