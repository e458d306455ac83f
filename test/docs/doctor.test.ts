/** What docs/doctor.md says of checks and permissions is what the program has, in both languages. */
import { CHECKS } from '@proa/doctor'
import { getOwn, isObject, parseYamlDocuments } from '@proa/kube'
import { rulesJson } from '@proa/snapshot'
import { describe, expect, it } from 'vitest'
import { read } from './cluster-files.ts'
import { blocksOf, proseOf } from './markdown.ts'

const PAGES = ['docs/doctor.md', 'docs/doctor.zh-CN.md']

describe.each(PAGES)('%s', (page) => {
  const text = read(page)

  it('gives the permissions that a snapshot needs, and no more', () => {
    const yaml = blocksOf(text).flatMap(({ language, lines }) =>
      language === 'yaml' && lines.some((line) => line.startsWith('kind: ClusterRole')) ? [lines.join('\n')] : [],
    )
    const roles = yaml.flatMap((block) => parseYamlDocuments(block)).map(({ value }) => value)
    const found = roles.filter(isObject).map(({ kind, metadata, rules }) => ({
      kind,
      name: isObject(metadata) ? getOwn(metadata, 'name') : undefined,
      rules,
    }))
    expect(found).toEqual([
      { kind: 'ClusterRole', name: 'proa-doctor', rules: rulesJson('objects') },
      { kind: 'Role', name: 'proa-doctor', rules: rulesJson('controlPlane', 'logs', 'portForward') },
      { kind: 'ClusterRole', name: 'proa-doctor-pods', rules: rulesJson('logs', 'podCreation') },
    ])
  })

  it('names only checks that there are', () => {
    const known = new Set<string>(CHECKS.map(({ id }) => id))
    const named =
      proseOf(text)
        .join('\n')
        .match(/INJ\d+/g) ?? []
    expect(named.filter((id) => !known.has(id))).toEqual([])
  })
})

it('the pages of both languages lead from the same questions to the same checks', () => {
  const rows = (page: string) =>
    proseOf(read(page))
      .filter((line) => line.startsWith('|') && line.includes('INJ'))
      .map((line) => line.match(/INJ\d+/g))
  expect(rows('docs/doctor.zh-CN.md')).toEqual(rows('docs/doctor.md'))
})
