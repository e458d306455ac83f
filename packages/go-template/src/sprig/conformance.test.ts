import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileTemplate, TemplateError, type Value } from '../index.ts'
import { sprigFunctions } from './index.ts'

/** Written by testdata/gen-sprig with Go's text/template and Masterminds/sprig v3. */
interface Fixture {
  readonly data: Value
  readonly env: Readonly<Record<string, string>>
  readonly families: readonly { readonly name: string; readonly cases: readonly Case[] }[]
}

interface Case {
  readonly template: string
  readonly output?: string
  readonly error?: string
}

const text = readFileSync(new URL('../../testdata/sprig.json', import.meta.url), 'utf8')
const fixture = JSON.parse(text) as Fixture
let counter = 0
const functions = sprigFunctions({
  env: (name) => fixture.env[name],
  now: () => new Date(1_500_000_000_000),
  // Any bytes will do: the cases only look at what does not depend on them.
  random: (size) => Uint8Array.from({ length: size }, () => (counter = (counter * 5 + 113) % 251)),
})

/** Output or error text, in the shape of the fixture. Data is read afresh because some functions change it. */
function render(template: string): Case {
  try {
    const { data } = JSON.parse(text) as Fixture
    // Go's JSON shows bytes that are not UTF-8 as U+FFFD.
    return { template, output: compileTemplate('t', template, { functions }).execute(data).toWellFormed() }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { template, error: error.message.toWellFormed() }
  }
}

describe('sprig gives what Go gives', () => {
  for (const { name, cases } of fixture.families) {
    it(`${name}: ${cases.length} templates`, () => {
      const different = cases.map((expected) => ({ expected, actual: render(expected.template) }))
      expect(different.filter(({ expected, actual }) => !same(expected, actual))).toEqual([])
    })
  }
})

function same(expected: Case, actual: Case): boolean {
  return expected.output === actual.output && expected.error === actual.error
}
