import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bundleFingerprints,
  certificateFacts,
  createAuthority,
  dropExpired,
  joinBundles,
  parseBundle,
  sameBundle,
} from './index.ts'

const DAY = 86_400_000
const now = new Date('2030-01-01T00:00:00Z')
let roots: string[] = []

beforeAll(async () => {
  const create = (validFor: number) => createAuthority({ commonName: 'root', validFor, now })
  roots = (await Promise.all([create(DAY), create(2 * DAY), create(3 * DAY)])).map(({ certificate }) => certificate)
})

const [first, second] = [() => roots[0] ?? '', () => roots[1] ?? '']

describe('a bundle is read as far as it can be read', () => {
  it('with comments, Windows line ends and no line end at the end', () => {
    const text = `# ours\r\n${first().replaceAll('\n', '\r\n')}subject=x\n${second().trimEnd()}`
    const { certificates, problems } = parseBundle(text)
    expect(problems).toEqual([])
    expect(certificates.map(({ pem }) => pem)).toEqual([first(), second()])
  })

  it('and says which block is wrong', () => {
    const broken = first().replace('\nMII', '\n%%%')
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
    const { certificates, problems } = parseBundle(`${broken}${second()}${key}${first().slice(0, 200)}`)
    expect(certificates.map(({ pem }) => pem)).toEqual([second()])
    expect(problems.map(({ block }) => block)).toEqual([1, 3, 4])
    expect(problems.map(({ problem }) => problem).join()).not.toContain('c2VjcmV0')
  })

  it('a block that is cut off does not swallow the next', () => {
    const { certificates, problems } = parseBundle(`${first().slice(0, 200)}\n${second()}`)
    expect(certificates.map(({ pem }) => pem)).toEqual([second()])
    expect(problems).toMatchObject([{ block: 1 }])
  })

  it('nothing is an empty bundle; no text at all makes it throw', () => {
    expect(parseBundle('')).toEqual({ certificates: [], problems: [] })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('-----BEGIN CERTIFICATE-----', '-----END X-----', '\n'))),
        (parts) => {
          parseBundle(parts.join(''))
        },
      ),
      { seed: 7, numRuns: 300 },
    )
  })
})

describe('joining', () => {
  it('keeps the order and the first of equal ones', () => {
    expect(joinBundles(second(), `${first()}${second()}`)).toBe(second() + first())
    expect(bundleFingerprints(joinBundles(first(), second()))).toEqual(
      [first(), second()].map((one) => certificateFacts(one).fingerprint),
    )
  })

  it('is idempotent and associative, whatever is joined', () => {
    const texts = fc
      .array(fc.nat(2), { maxLength: 5 })
      .map((indexes) => indexes.map((index) => roots[index] ?? '').join(''))
    fc.assert(
      fc.property(texts, texts, texts, (a, b, c) => {
        expect(joinBundles(joinBundles(a, b), c)).toBe(joinBundles(a, joinBundles(b, c)))
        expect(joinBundles(a, a)).toBe(joinBundles(a))
        expect(sameBundle(joinBundles(a, b), joinBundles(b, a))).toBe(true)
      }),
      { seed: 7, numRuns: 50 },
    )
  })
})

describe('expired certificates', () => {
  it('are dropped, the others stay as they are', () => {
    const all = roots.join('')
    expect(dropExpired(all, now)).toBe(all)
    expect(dropExpired(all, new Date(now.getTime() + 1.5 * DAY))).toBe(roots.slice(1).join(''))
    expect(dropExpired(all, new Date(now.getTime() + 4 * DAY))).toBe('')
  })
})

describe('comparing', () => {
  it('goes by the certificates, not by the text', () => {
    expect(sameBundle(first() + second(), `# x\n${second()}\n\n${first()}`)).toBe(true)
    expect(sameBundle(first(), second())).toBe(false)
    expect(sameBundle(first(), `${first()}-----BEGIN CERTIFICATE-----\n`)).toBe(false)
  })
})
