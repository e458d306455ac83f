import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conformanceFunctions } from '../testing/conformance-functions.ts'
import { goSprintf } from './format/index.ts'
import { compileTemplate, TemplateError, type Value } from './index.ts'

const limits = { steps: 20_000, outputLength: 100_000 }
const options = { seed: 20_240_601, numRuns: 3_000 }

/** Words of the language and things that are no words of it. */
const fragments = [
  ...['{{', '}}', '{{- ', ' -}}', '{{/*', '*/}}', '(', ')', '|', ':=', '=', ',', ' ', '\n', '"', "'", '`', '\\', '%'],
  ...['if', 'else', 'end', 'range', 'with', 'define', 'template', 'block', 'break', 'continue', 'nil', 'true'],
  ...[
    '$',
    '$x',
    '.',
    '.a',
    '.a.b',
    '.__proto__',
    '.constructor',
    '"x"',
    '"%*d"',
    "'c'",
    '1',
    '-1',
    '0x1p4',
    '1e9',
    '1i',
  ],
  ...['index', 'slice', 'len', 'printf', 'print', 'html', 'js', 'eq', 'lt', 'and', 'or', 'not', 'call', 'list', 'same'],
  ...['{{ if .a }}', '{{ range $i, $e := . }}', '{{ else }}', '{{ end }}', '{{ template "t" . }}', '{{ define "t" }}'],
  ...['\ud800', '\udcff', '\u0000', '😀', '\u2028', 'é'],
]

const templateText = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 30 }).map((words) => words.join(' ')),
  fc.array(fc.constantFrom(...fragments), { maxLength: 30 }).map((words) => words.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 8 }).map((words) => `{{ ${words.join(' ')} }}`),
)

const data = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Value>

describe('any text with any data', () => {
  it('renders or throws a TemplateError', () => {
    fc.assert(
      fc.property(templateText, data, fc.constantFrom('default', 'zero', 'error'), (text, value, missingKey) => {
        try {
          const template = compileTemplate('fuzz', text, { functions: conformanceFunctions, missingKey, limits })
          expect(typeof template.execute(value)).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError)
        }
      }),
      options,
    )
  })

  it('gives the same result each time, traced or not', () => {
    fc.assert(
      fc.property(templateText, data, (text, value) => {
        const once = outcome(() => compileTemplate('fuzz', text, { limits }).execute(value))
        const template = outcome(() => compileTemplate('fuzz', text, { limits }).executeTraced(value).text)
        expect(template).toBe(once)
      }),
      { ...options, numRuns: 1_000 },
    )
  })
})

function outcome(render: () => string): string {
  try {
    return render()
  } catch (error) {
    return String(error)
  }
}

describe('text without delimiters', () => {
  it('is its own output, origin by origin', () => {
    const plain = fc.string({ maxLength: 80 }).filter((text) => !text.includes('{{'))
    fc.assert(
      fc.property(plain, (text) => {
        const { text: output, origins } = compileTemplate('plain', text).executeTraced(null)
        expect(output).toBe(text)
        for (const { offset, line } of origins) expect(text.slice(0, offset).split('\n')).toHaveLength(line)
      }),
      options,
    )
  })
})

describe('any format with any operands', () => {
  const verbs = [...'%%%vdsqxXTtcUbeEfFgGop0123+-# .*[]!é']
  it('formats without failing, and reports its mistakes in the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...verbs), { maxLength: 12 }),
        fc.array(data, { maxLength: 3 }),
        (chars, args) => {
          expect(typeof goSprintf(chars.join(''), args)).toBe('string')
        },
      ),
      options,
    )
  })

  it('%v of a number reads back as the number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(goSprintf('%v', [value]))).toBe(value)
        expect(Number(goSprintf('%.17e', [value]))).toBe(value)
      }),
      options,
    )
  })

  it('%q of a text is JSON where JSON has the same escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab "\\\n\t\ré😀<&') }), (text) => {
        expect(JSON.parse(goSprintf('%q', [text]))).toBe(text)
      }),
      options,
    )
  })
})
