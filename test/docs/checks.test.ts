/** The reference pages, the list, the fixtures and the catalogue of the doctor name the same checks. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CHECKS, type Language, REFERENCE_PAGES, renderReferencePage } from '@proa/doctor'
import { describe, expect, it } from 'vitest'
import { workspace } from '../../packages/cli/testing/workspace.ts'
import { ROOT, read } from './cluster-files.ts'

const ids = CHECKS.map(({ id }) => id).toSorted()
const LANGUAGES: readonly Language[] = ['en', 'zh']

describe.each(LANGUAGES)('in %s', (language) => {
  it('the page is what tools/generate-check-pages.ts makes of the catalogue', async () => {
    const file = fileURLToPath(new URL(REFERENCE_PAGES[language], ROOT))
    await expect(renderReferencePage(CHECKS, language)).toMatchFileSnapshot(file)
  })

  it('the page has a section for each check and for nothing else', () => {
    const sections = [...read(REFERENCE_PAGES[language]).matchAll(/^### (INJ\d+)$/gm)].map(([, id]) => id)
    expect(sections.toSorted()).toEqual(ids)
  })

  it('"proa doctor list" names each check, and "proa doctor explain" describes it', async () => {
    const { proa } = workspace()
    const { stdout } = await proa(['doctor', 'list', '-o', 'json', '--lang', language])
    expect(JSON.parse(stdout).map(({ id }: { id: string }) => id)).toEqual(CHECKS.map(({ id }) => id))
    for (const { id, looksAt } of CHECKS) {
      const explained = await proa(['doctor', 'explain', id, '-o', 'json', '--lang', language])
      expect(JSON.parse(explained.stdout)).toMatchObject({ id, looksAt: looksAt[language] })
    }
  })
})

it('each check has a folder of fixtures', () => {
  const folder = new URL('packages/doctor/fixtures/', ROOT)
  const folders = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name.startsWith('INJ'))
  expect(folders.map(({ name }) => name).toSorted()).toEqual(ids)
})
