import { describe, expect, it } from 'vitest'
import { compileTemplate, type FunctionMap, goFunction, type PlainMap, TemplateError, type Value } from './index.ts'

function render(text: string, data: Value = {}, functions: FunctionMap = {}): string {
  return compileTemplate('inject', text, { functions }).execute(data)
}

function failure(action: () => unknown): TemplateError {
  try {
    action()
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('did not fail')
}

describe('compileTemplate', () => {
  it('renders a text many times from one compilation', () => {
    const template = compileTemplate(
      'greeting',
      '{{ range $i, $name := .names }}{{ if $i }}, {{ end }}{{ $name }}{{ end }}',
    )
    expect(template.execute({ names: ['ann', 'bob'] })).toBe('ann, bob')
    expect(template.execute({ names: [] })).toBe('')
  })

  it('names the templates it defines and executes each of them', () => {
    const template = compileTemplate('main', '{{ define "a" }}A{{ . }}{{ end }}{{ block "b" . }}B{{ end }}')
    expect([...template.definedNames].sort()).toEqual(['a', 'b', 'main'])
    expect(template.executeNamed('a', 1n)).toBe('A1')
    expect(failure(() => template.executeNamed('c', null)).message).toBe(
      'template: no template "c" associated with template "main"',
    )
  })

  it('says whether equal data give equal output', () => {
    const functions = {
      now: goFunction([], () => 'now', { pure: false }),
      twice: goFunction(['string'], (text: string) => text + text),
    }
    expect(compileTemplate('t', '{{ twice "a" }}', { functions }).pure).toBe(true)
    expect(compileTemplate('t', '{{ define "x" }}{{ now }}{{ end }}', { functions }).pure).toBe(false)
  })

  it('reports parse errors with their line', () => {
    const error = failure(() => compileTemplate('inject', 'a\nb\n{{ x }}'))
    expect(error).toMatchObject({ phase: 'parse', templateName: 'inject', line: 3, column: undefined })
    expect(error.message).toBe('template: inject:3: function "x" not defined')
  })

  it('reports execution errors with template, line, byte column and expression', () => {
    const error = failure(() =>
      render('{{ define "part" }}\n é{{ .a.b | len }}{{ end }}{{ template "part" . }}', { a: null }),
    )
    expect(error).toMatchObject({ phase: 'exec', templateName: 'part', line: 2, column: 8, expression: '.a.b' })
    expect(error.message).toBe(
      'template: inject:2:8: executing "part" at <.a.b>: nil pointer evaluating interface {}.b',
    )
  })

  it('keeps what a function threw as the cause', () => {
    const problem = new Error('no such thing')
    const functions = {
      find: goFunction([], () => {
        throw problem
      }),
    }
    const error = failure(() => render('{{ find }}', {}, functions))
    expect(error.cause).toBe(problem)
    expect(error.message).toBe('template: inject:1:3: executing "inject" at <find>: error calling find: no such thing')
  })

  it('turns any failure of the data itself into a TemplateError', () => {
    const trap: PlainMap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new TypeError('trapped')
      },
    })
    expect(failure(() => render('{{ .x }}', trap)).message).toContain('<.x>: trapped')
  })
})

describe('executeTraced', () => {
  it('tells which line of which template wrote each part of the output', () => {
    const text = 'a:\n  b: {{ .v }}\n{{ template "t" . }}{{ define "t" -}}\nc: 1\nd: {{ .v }}\n{{ end }}e: 2\n'
    const { text: output, origins } = compileTemplate('inject', text).executeTraced({ v: 'x\ny' })
    expect(output).toBe('a:\n  b: x\ny\nc: 1\nd: x\ny\ne: 2\n')
    const parts = origins.map(({ offset, line, template }, i) => {
      const part = output.slice(offset, origins[i + 1]?.offset)
      return `${template}:${line} ${JSON.stringify(part)}`
    })
    expect(parts).toEqual([
      'inject:1 "a:\\n"',
      'inject:2 "  b: x\\ny\\n"',
      't:4 "c: 1\\n"',
      't:5 "d: x\\ny\\n"',
      'inject:6 "e: 2\\n"',
    ])
  })

  it('writes the same text as execute', () => {
    const template = compileTemplate('inject', '{{ range . }}{{ . }}\n{{ end }}')
    expect(template.executeTraced([1, 'a', null]).text).toBe(template.execute([1, 'a', null]))
  })
})

describe('nothing of JavaScript is reachable', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'prototype', 'call']

  it.each(names)('%s is a key that maps, lists, texts and functions lack', (name) => {
    expect(render(`{{ .${name} }}`, {})).toBe('<no value>')
    expect(render(`{{ index . ${JSON.stringify(name)} }}`, {})).toBe('<no value>')
    for (const data of [['a'], 'text', 1n, 1.5, true] as Value[]) {
      expect(failure(() => render(`{{ .${name} }}`, data)).message).toMatch(/can't evaluate field/)
    }
  })

  it.each(names)('%s is an ordinary key of data that has it', (name) => {
    const data = JSON.parse(`{${JSON.stringify(name)}: "own"}`)
    expect(render(`{{ .${name} }}{{ range $k, $v := . }} {{ $k }}={{ $v }}{{ end }}`, data)).toBe(`own ${name}=own`)
  })

  it('functions are looked up among the own properties of the function map', () => {
    for (const name of names.filter((each) => each !== 'call')) {
      expect(failure(() => render(`{{ ${name} }}`)).message).toBe(`template: inject:1: function "${name}" not defined`)
    }
  })

  it('templates named like properties of objects are not defined', () => {
    expect(failure(() => render('{{ template "constructor" }}')).message).toMatch('template "constructor" not defined')
  })
})
