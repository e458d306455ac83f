/**
 * The doctor in a real browser, under a policy that forbids eval: every fixture of every check gives the same report there as
 * here. Needs Debian's chromium (or another, named in CHROMIUM); without it the test is skipped.
 */
import { existsSync } from 'node:fs'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHECKS, diagnose, parseSnapshot, renderReportJson } from '../../packages/doctor/src/index.ts'
import { fixturesOf, HEALTHY, loadFixture } from '../../packages/doctor/testing/fixture.ts'
import type { Json } from '../../packages/kube/src/index.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const present = existsSync(CHROMIUM)

interface Doctor {
  readonly diagnose: typeof diagnose
  readonly parseSnapshot: typeof parseSnapshot
  readonly renderReportJson: typeof renderReportJson
}

/** The same work on both sides. */
function work(doctor: Doctor, snapshot: Json): string {
  return doctor.renderReportJson(doctor.diagnose(doctor.parseSnapshot(snapshot)), 'zh')
}

const files: readonly (readonly [string, string])[] = [
  ['a healthy cluster', HEALTHY],
  ...CHECKS.flatMap(({ id }) => fixturesOf(id).map(({ title, file }) => [`${id} ${title}`, file] as const)),
]
const snapshots = files.map(([title, file]): [string, Json] => [title, JSON.parse(JSON.stringify(loadFixture(file)))])

describe.skipIf(!present)(
  `the doctor in a browser${present ? '' : ` (skipped: there is no ${CHROMIUM}; install chromium)`}`,
  () => {
    let browser: Awaited<ReturnType<typeof chromium.launch>>
    let there: (snapshot: Json) => Promise<string>

    beforeAll(async () => {
      const built = await build({
        stdin: {
          contents: "export * from '@proa/doctor'",
          resolveDir: new URL('../../packages/cli', import.meta.url).pathname,
        },
        bundle: true,
        write: false,
        format: 'iife',
        globalName: 'proa',
        platform: 'browser',
        conditions: ['proa:source'],
      })
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      })
      const page = await browser.newPage()
      await page.setContent('<meta http-equiv="Content-Security-Policy" content="script-src \'unsafe-inline\'">')
      await page.addScriptTag({ content: built.outputFiles[0]?.text ?? '' })
      await page.addScriptTag({ content: `var work = ${work.toString()}` })
      there = (snapshot) =>
        page.evaluate(
          (value) => (globalThis as unknown as Page).work((globalThis as unknown as Page).proa, value),
          snapshot as never,
        )
    }, 60_000)
    afterAll(() => browser?.close())

    it.each(snapshots)('says of %s what it says here', async (_, snapshot) => {
      expect(await there(snapshot)).toBe(work({ diagnose, parseSnapshot, renderReportJson }, snapshot))
    })
  },
)

interface Page {
  readonly proa: Doctor
  readonly work: typeof work
}
