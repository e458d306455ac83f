import { describe, expect, it } from 'vitest'
import { compileTemplate, goFunction, type Limits, TemplateError, type Value } from './index.ts'

const functions = {
  list: goFunction([], (...values: Value[]) => values, { variadic: 'any' }),
  same: goFunction(['any'], (value: Value) => value),
}

/** Runs a template that must pass a limit, and gives the text of the error. */
function limited(text: string, data: Value = {}, limits: Partial<Limits> = {}): string {
  try {
    compileTemplate('inject', text, { functions, limits }).execute(data)
  } catch (error) {
    if (error instanceof TemplateError && error.phase === 'limit') return error.message
    throw error
  }
  throw new Error('no limit was passed')
}

function nested(depth: number, open: string, close: string, inner = '1'): string {
  return open.repeat(depth) + inner + close.repeat(depth)
}

describe('a hostile template fails cleanly', () => {
  it('when it never ends', () => {
    expect(limited('{{ range 9223372036854775807 }}{{ end }}')).toMatch(/more than 5000000 steps$/)
  })

  it('when it writes without end', () => {
    const text = `{{ range 9223372036854775807 }}${'x'.repeat(1000)}{{ end }}`
    expect(limited(text)).toMatch(/output is longer than 16777216 characters$/)
    expect(limited('12345678901', {}, { outputLength: 10 })).toBe(
      'template: inject: output is longer than 10 characters',
    )
  })

  it('when it calls itself', () => {
    expect(limited('{{ define "r" }}{{ template "r" . }}{{ end }}\n{{ template "r" . }}')).toBe(
      'template: inject:1:28: executing "r" at <{{template "r" .}}>: exceeded maximum template depth (1000)',
    )
  })

  it('when it calls itself out of many blocks', () => {
    const call = nested(80, '{{ range 1 }}{{ with 1 }}', '{{ end }}{{ end }}', '{{ template "r" . }}')
    expect(limited(`{{ define "r" }}${call}{{ end }}{{ template "r" . }}`)).toMatch(/maximum template depth/)
  })

  it('when a text doubles again and again', () => {
    expect(limited('{{ $x := "0123456789" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}')).toMatch(
      /steps$|longer than/,
    )
    expect(limited('{{ $x := "<<<<<<<<" }}{{ range 100 }}{{ $x = js $x }}{{ end }}')).toMatch(/steps$|longer than/)
  })

  it('when a list holds itself twice, level upon level', () => {
    expect(limited('{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}')).toMatch(/longer than/)
  })

  it('when it prints what is nested too deeply', () => {
    expect(limited('{{ $x := list }}{{ range 5000 }}{{ $x = list $x }}{{ end }}{{ $x }}')).toMatch(/500 levels deep$/)
  })

  it('when it works through large data in a loop', () => {
    const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, 1]))
    expect(limited('{{ range 100000000 }}{{ if $ }}{{ end }}{{ end }}', data)).toMatch(/steps$/)
    expect(limited('{{ range 100000000 }}{{ $n := len $ }}{{ end }}', data)).toMatch(/steps$/)
  })

  it.each([
    ['if', '{{ if 1 }}', '{{ end }}', '1'],
    ['range', '{{ range 1 }}', '{{ end }}', '1'],
    ['block', '{{ block "b" . }}', '{{ end }}', ''],
    ['open if', '{{ if 1 }}', '', ''],
  ])('when it nests %s without end', (_name, open, close, inner) => {
    expect(limited(nested(100_000, open, close, inner))).toMatch(/nested more than 250 levels deep$/)
  })

  it('when it nests parentheses without end', () => {
    expect(limited(`{{ ${nested(100_000, '(same ', ')')} }}`)).toMatch(/nested more than 250 levels deep$/)
  })

  it('when the limits given to it are beyond what JavaScript can do', () => {
    const limits = { nesting: 1e9, callDepth: 1e9 }
    expect(limited(`{{ ${nested(100_000, '(same ', ')')} }}`, {}, limits)).toMatch(/too deeply nested/)
    expect(limited('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}', {}, limits)).toMatch(
      /too deeply nested/,
    )
  })
})

describe('data that has no end fails cleanly', () => {
  it('when it is printed', () => {
    const cycle: Record<string, Value> = { a: 1 }
    cycle.self = cycle
    expect(limited('{{ . }}', cycle)).toMatch(/500 levels deep$/)
    expect(limited('{{ printf "%#v" . }}', cycle)).toMatch(/500 levels deep$/)
    expect(compileTemplate('inject', '{{ .self.self.a }}').execute(cycle)).toBe('1')
  })
})

describe('what is not hostile stays within the default limits', () => {
  it.each([
    ['a chain of ten thousand else if', `{{ if 0 }}${'{{ else if 0 }}'.repeat(10_000)}{{ else }}ok{{ end }}`],
    ['a pipeline of five thousand stages', `{{ "ok" ${'| same '.repeat(5_000)}}}`],
    ['parentheses two hundred deep', `{{ ${nested(200, '(same ', ')', '"ok"')} }}`],
    ['ten thousand variables', `${'{{ $x := 1 }}'.repeat(10_000)}{{ $y := "ok" }}{{ $y }}`],
    [
      'three hundred calls deep',
      '{{ define "r" }}{{ if . }}{{ template "r" (slice . 1) }}{{ else }}ok{{ end }}{{ end }}{{ template "r" . }}',
    ],
  ])('%s', (_name, text) => {
    expect(compileTemplate('inject', text, { functions }).execute(new Array(150).fill(1))).toBe('ok')
  })
})
