import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Value } from '../value.ts'
import { deepEqual } from './equality.ts'
import { sprigFunctions } from './index.ts'
import { satisfies } from './semver/check.ts'
import { parseConstraints } from './semver/constraint.ts'
import { compareVersions, formatVersion, parseVersion } from './semver/version.ts'
import { formatDuration, parseDuration } from './time/duration.ts'
import { formatTime } from './time/format-time.ts'
import { parseTime } from './time/parse-time.ts'
import { utc } from './time/zone.ts'

const functions = sprigFunctions()
const call = (name: string, ...args: Value[]): Value => functions[name]?.call(args)

const runs = { seed: 20_240_229, numRuns: 300 }
const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const json: fc.Arbitrary<Value> = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Value)
const map = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), json, {
  noNullPrototype: false,
}) as fc.Arbitrary<Record<string, Value>>

describe('encodings', () => {
  it('decode what they encode', () => {
    fc.assert(
      fc.property(text, (original) => {
        expect(call('b64dec', call('b64enc', original))).toBe(original)
        expect(call('b32dec', call('b32enc', original))).toBe(original)
      }),
      runs,
    )
  })

  it('read the JSON they write', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const encoder of ['toJson', 'toRawJson', 'toPrettyJson']) {
          expect(deepEqual(call('mustFromJson', call(encoder, value)), value)).toBe(true)
        }
      }),
      runs,
    )
  })

  it('write JSON that JavaScript reads alike', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(deepEqual(JSON.parse(String(call('toJson', value))) as Value, value)).toBe(true)
      }),
      runs,
    )
  })

  it('accept exactly the JSON that JavaScript accepts', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"',
      '1',
      '-',
      '.',
      'e',
      '0',
      'true',
      'null',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        expect(accepts(() => call('mustFromJson', parts.join('')))).toBe(accepts(() => JSON.parse(parts.join(''))))
      }),
      { ...runs, numRuns: 2000 },
    )
  })
})

function accepts(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

describe('texts', () => {
  it('join what they split', () => {
    fc.assert(
      fc.property(text, fc.string({ minLength: 1, maxLength: 2 }), (original, separator) => {
        expect(call('join', separator, call('splitList', separator, original))).toBe(original)
      }),
      runs,
    )
  })

  it('are cut at a byte and lose nothing', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 40 }), (original, count) => {
        const bytes = new TextEncoder().encode(original)
        const rest = Math.max(bytes.length - count, 0)
        const start = call('trunc', BigInt(count), original)
        // Where nothing is left, trunc 0 would take all.
        const end = rest === 0 ? '' : call('trunc', BigInt(-rest), original)
        expect(call('join', '', [start ?? '', end ?? ''])).toBe(original)
      }),
      runs,
    )
  })

  it('are snake case and kebab case of the same words', () => {
    fc.assert(
      fc.property(text, (original) => {
        expect(String(call('snakecase', original)).replaceAll('_', '-')).toBe(call('kebabcase', original))
      }),
      runs,
    )
  })

  it('match their own quoted pattern and nothing else', () => {
    fc.assert(
      fc.property(text, text, (original, other) => {
        const pattern = `^${String(call('regexQuoteMeta', original))}$`
        expect(call('regexMatch', pattern, original)).toBe(true)
        expect(call('regexMatch', pattern, other)).toBe(original === other)
      }),
      runs,
    )
  })

  it('are clean paths once cleaned', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/', '.', '..', 'a', 'b')), (parts) => {
        const cleaned = call('clean', parts.join(''))
        expect(call('clean', cleaned)).toBe(cleaned)
      }),
      runs,
    )
  })
})

describe('lists and maps', () => {
  it('are the concatenation of their chunks', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1 }), fc.bigInt({ min: 1n, max: 9n }), (items, size) => {
        const chunks = call('chunk', size, items) as readonly Value[]
        expect(deepEqual(call('concat', ...chunks), items)).toBe(true)
      }),
      runs,
    )
  })

  it('are unique once made so, and keep each value', () => {
    fc.assert(
      fc.property(fc.array(json), (items) => {
        const unique = call('uniq', items) as readonly Value[]
        expect(call('uniq', unique)).toEqual(unique)
        expect(items.every((item) => call('has', item, unique))).toBe(true)
      }),
      runs,
    )
  })

  it('gain all keys that are not nil by a merge, and nothing more by merging again', () => {
    fc.assert(
      fc.property(map, map, fc.constantFrom('merge', 'mergeOverwrite'), (target, source, merge) => {
        const merged = call(merge, structured(target), structured(source)) as Record<string, Value>
        const once = structured(merged)
        for (const key of Object.keys(source)) expect(source[key] === null || Object.hasOwn(merged, key)).toBe(true)
        expect(deepEqual(call(merge, merged, structured(source)), once)).toBe(true)
      }),
      runs,
    )
  })

  it('equal their deep copies, which are other objects', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = call('deepCopy', value)
        expect(deepEqual(copy, value)).toBe(true)
        expect(typeof value === 'object' && value !== null ? copy !== value : copy === value).toBe(true)
      }),
      runs,
    )
  })
})

/** A copy that has `__proto__` keys as own keys. */
function structured<T extends Value>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

const part = fc.integer({ min: 0, max: 3 })
const identifier = fc.constantFrom('alpha', 'beta', '1', '2', '10', 'x-1')
const version = fc
  .tuple(part, part, part, fc.array(identifier, { maxLength: 2 }))
  .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`)
  .map(parseVersion)

describe('versions', () => {
  it('are in a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).not.toBe(1)
      }),
      runs,
    )
  })

  it('satisfy exactly one of <, = and >, if prereleases are asked for', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const other = b.prerelease === '' ? { ...b, prerelease: '0' } : b
        const holds = (sign: string) => satisfies(a, parseConstraints(sign + formatVersion(other)))
        expect(['<', '=', '>'].filter(holds)).toHaveLength(1)
        expect(holds('!=')).toBe(!holds('='))
        expect(holds('>=')).toBe(!holds('<'))
        expect(holds('<=')).toBe(!holds('>'))
      }),
      runs,
    )
  })
})

describe('time', () => {
  it('reads the durations it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (duration) => {
        expect(parseDuration(formatDuration(duration))).toBe(duration)
      }),
      runs,
    )
  })

  it('agrees with JavaScript on the calendar and reads what it formats', () => {
    const layout = '2006-01-02T15:04:05.000Z'
    const years = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(years, (date) => {
        const moment = { nanoseconds: BigInt(date.getTime()) * 1_000_000n, zone: utc }
        expect(formatTime(moment, layout)).toBe(date.toISOString())
        expect(parseTime(layout, date.toISOString(), utc).nanoseconds).toBe(moment.nanoseconds)
      }),
      runs,
    )
  })
})

describe('decimal arithmetic', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })

  it('does not depend on the order of two operands', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(call('addf', a, b)).toBe(call('addf', b, a))
        expect(call('mulf', a, b)).toBe(call('mulf', b, a))
      }),
      runs,
    )
  })
})
