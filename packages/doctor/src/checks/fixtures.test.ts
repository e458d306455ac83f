import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { outcomeText } from '../../testing/finding-text.ts'
import { FIXTURES, fixturesOf, HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { CHECKS } from './catalogue.ts'

describe('a healthy cluster', () => {
  const cluster = clusterOf(loadFixture(HEALTHY))
  it.each(CHECKS.map((check) => [check.id, check] as const))('gives %s nothing to act on', (_, check) => {
    const found = check.run(cluster).filter((one) => one.outcome === 'not-evaluated' || one.routine !== true)
    expect(found.map(outcomeText)).toEqual([])
  })
})

// Every file fires*.yaml makes its check fire, and the report beside it is what it says; quiet*.yaml does not.
describe.each(CHECKS.map((check) => [check.id, check] as const))('%s', (id, check) => {
  const fixtures = fixturesOf(id)

  it('has a fixture in which it fires and one in which it does not', () => {
    expect(fixtures.some(({ title }) => title === 'fires' || title.startsWith('fires-'))).toBe(true)
    expect(fixtures.some(({ title }) => title === 'quiet' || title.startsWith('quiet-'))).toBe(true)
    expect(fixtures.filter(({ title }) => !/^(fires|quiet|unknown)(-|$)/.test(title))).toEqual([])
  })

  it.each(fixtures.filter(({ title }) => title.startsWith('fires')))('fires: $title', async ({ title, file }) => {
    const outcomes = check.run(clusterOf(loadFixture(file)))
    expect(outcomes.some(({ outcome }) => outcome === 'found')).toBe(true)
    await expect(outcomes.map(outcomeText).join('\n')).toMatchFileSnapshot(join(FIXTURES, id, `${title}.txt`))
  })

  it.each(fixtures.filter(({ title }) => title.startsWith('quiet')))('is quiet: $title', ({ file }) => {
    const outcomes = check.run(clusterOf(loadFixture(file)))
    const found = outcomes.filter((one) => one.outcome === 'found' && one.routine !== true)
    expect(found.map(outcomeText)).toEqual([])
  })

  const unknown = fixtures.filter(({ title }) => title.startsWith('unknown'))
  if (unknown.length > 0) {
    it.each(unknown)('says that it cannot tell: $title', ({ file }) => {
      const outcomes = check.run(clusterOf(loadFixture(file)))
      expect(outcomes.map(({ outcome }) => outcome)).toContain('not-evaluated')
    })
  }
})

it('has no folder of fixtures without a check', () => {
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => /^INJ/.test(entry.name))
  expect(folders.map(({ name }) => name).toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted())
})
