import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileTemplate, TemplateError, type Value } from '../index.ts'
import { notOffered, type SprigEnvironment, sprigFunctions } from './index.ts'

const fixture = JSON.parse(readFileSync(new URL('../../testdata/sprig.json', import.meta.url), 'utf8')) as {
  readonly functions: readonly string[]
}

const clock = (): Date => new Date('2024-02-29T23:30:00.123Z')
const zeros = (size: number): Uint8Array => new Uint8Array(size)

function render(text: string, environment: SprigEnvironment = {}, data: Value = {}): string {
  return compileTemplate('t', text, { functions: sprigFunctions(environment) }).execute(data)
}

describe('which functions there are', () => {
  const everything = sprigFunctions({ env: () => '', now: clock, random: zeros })

  it('offers all of sprig but keys, passwords, ciphers and the network', () => {
    expect([...Object.keys(everything), ...notOffered].sort()).toEqual(fixture.functions)
  })

  it('has nothing that needs a clock, chance or the environment unless a source is given', () => {
    const missing = Object.keys(everything).filter((name) => !Object.hasOwn(sprigFunctions(), name))
    expect(missing.filter((name) => /^(rand|shuffle|uuid)/.test(name))).toEqual(
      Object.keys(sprigFunctions({ random: zeros })).filter((name) => missing.includes(name)),
    )
    expect(Object.keys(sprigFunctions({ env: () => '' })).filter((name) => missing.includes(name))).toEqual([
      'env',
      'expandenv',
    ])
    expect(() => render('{{ now }}')).toThrow('template: t:1: function "now" not defined')
  })

  it('declares impure what may differ between two calls', () => {
    for (const name of ['now', 'date', 'dateInZone', 'htmlDate', 'ago', 'env', 'expandenv', 'uuidv4', 'randInt']) {
      expect(everything[name]?.pure, name).toBe(false)
    }
    expect(Object.values(sprigFunctions()).every((fn) => fn.pure)).toBe(true)
  })
})

describe('with a clock', () => {
  it('shows local time in the zone of the environment', () => {
    expect(render('{{ now | date "2006-01-02 15:04 -0700" }}', { now: clock })).toBe('2024-02-29 23:30 +0000')
    expect(render('{{ now | date "2006-01-02 15:04 -0700" }}', { now: clock, timeZone: 'Asia/Tokyo' })).toBe(
      '2024-03-01 08:30 +0900',
    )
    expect(render('{{ htmlDate now }} {{ htmlDateInZone now "America/New_York" }}', { now: clock })).toBe(
      '2024-02-29 2024-02-29',
    )
  })

  it('takes whatever is no time for now', () => {
    expect(render('{{ date "15:04" "yesterday" }}', { now: clock })).toBe('23:30')
  })

  it('counts back and forth from now', () => {
    expect(render('{{ ago (dateModify "-90m" now) }}', { now: clock })).toBe('1h30m0s')
    expect(render('{{ durationRound (dateModify "-49h" now) }}', { now: clock })).toBe('2d')
    expect(render('{{ now }}', { now: clock })).toBe('2024-02-29 23:30:00.123 +0000 UTC')
  })

  it('reads local times with the offset of that day', () => {
    const text = '{{ toDate "2006-01-02 15:04" "2024-07-01 12:00" | unixEpoch }}'
    expect(render(text, { now: clock, timeZone: 'America/New_York' })).toBe(String(Date.UTC(2024, 6, 1, 16) / 1000))
  })

  it('writes offsets where the engine knows no abbreviation', () => {
    expect(render('{{ date "MST" 0 }}', { now: clock, timeZone: 'Asia/Kolkata' })).toBe('+0530')
  })
})

describe('with random bytes', () => {
  it('uses nothing but them', () => {
    expect(render('{{ uuidv4 }}', { random: zeros })).toBe('00000000-0000-4000-8000-000000000000')
    expect(render('{{ randNumeric 4 }} {{ randBytes 3 }} {{ randInt 5 9 }}', { random: zeros })).toBe('0000 AAAA 5')
  })
})

describe('limits', () => {
  const refused = (text: string): unknown => {
    try {
      return render(text)
    } catch (error) {
      return error instanceof TemplateError ? error.phase : error
    }
  }

  it.each([
    '{{ repeat 1000000000 "ab" }}',
    '{{ indent 1000000000 "ab" }}',
    '{{ until 1000000000 }}',
    '{{ seq 0 1000000000 }}',
    '{{ $s := repeat 100000 "a" }}{{ replace "a" $s $s }}',
    '{{ $s := repeat 100000 "a" }}{{ regexReplaceAll "a" $s $s }}',
    '{{ $s := repeat 100000 "a" }}{{ wrapWith 1 $s $s }}',
    '{{ $l := list 1 }}{{ range until 30 }}{{ $l = concat $l $l }}{{ end }}',
    '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ deepCopy $l }}',
    '{{ $d := dict }}{{ $_ := set $d "me" $d }}{{ deepCopy $d }}',
    '{{ $d := dict }}{{ $_ := set $d "me" $d }}{{ $e := dict }}{{ $_ := set $e "me" $e }}{{ merge $d $e }}',
  ])('refuses %s', (text) => {
    expect(refused(text)).toBe('limit')
  })

  it('does not backtrack', () => {
    expect(render('{{ regexMatch "(a*)*(a*)*(a*)*b" (repeat 100000 "a") }}')).toBe('false')
    expect(render('{{ semverCompare (printf "1%s" (repeat 20000 " ,1")) "1" }}')).toBe('true')
  })

  it('gives up on cyclic JSON as Go does', () => {
    expect(render('{{ $d := dict }}{{ $_ := set $d "me" $d }}{{ toJson $d | quote }}')).toBe('""')
    expect(() => render('{{ $d := dict }}{{ $_ := set $d "me" $d }}{{ mustToJson $d }}')).toThrow(
      'json: unsupported value: encountered a cycle via map[string]interface {}',
    )
  })
})

describe('maps', () => {
  it('treats __proto__ as a key like any other', () => {
    const data = JSON.parse('{"m":{"__proto__":{"polluted":"yes"}}}') as Value
    expect(render('{{ $d := dict }}{{ $_ := mergeOverwrite $d .m }}{{ toJson $d }}', {}, data)).toBe(
      '{"__proto__":{"polluted":"yes"}}',
    )
    expect(render('{{ $_ := set .m "__proto__" 1 }}{{ toJson (deepCopy .m) }}{{ keys .m }}', {}, data)).toBe(
      '{"__proto__":1}[__proto__]',
    )
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(render('{{ get .m "constructor" }}{{ hasKey .m "toString" }}{{ dig "valueOf" 5 .m }}', {}, data)).toBe(
      'false5',
    )
  })

  it('says so when a map may not be changed', () => {
    expect(() => render('{{ set .m "a" 1 }}', {}, { m: Object.freeze({}) })).toThrow(
      'error calling set: cannot set "a": this map is read-only',
    )
    expect(() => render('{{ unset .m "a" }}', {}, { m: Object.freeze({ a: 1 }) })).toThrow(
      'error calling unset: cannot unset "a": this map is read-only',
    )
  })
})
