/**
 * The engine in a real browser: decided, injected, explained and undone there as here. Needs Debian's chromium (or another, named
 * in CHROMIUM); without it the test is skipped.
 */
import { existsSync } from 'node:fs'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  explainWorkload,
  injectWorkload,
  loadConfiguration,
  uninjectWorkload,
} from '../../packages/injector/src/index.ts'
import type { JsonObject } from '../../packages/kube/src/index.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const present = existsSync(CHROMIUM)

const deployment: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    template: {
      metadata: { labels: { app: 'cart' }, annotations: { 'sidecar.istio.io/proxyCPU': '250m' } },
      spec: {
        containers: [
          {
            name: 'cart',
            image: 'cart:1',
            livenessProbe: { httpGet: { path: '/', port: 8080 } },
            madeUp: { field: true },
          },
        ],
      },
    },
  },
}

/** The same work on both sides. */
function work(engine: Engine, object: JsonObject) {
  const configuration = engine.loadConfiguration()
  const injected = engine.injectWorkload(object, configuration, { mode: 'webhook' })
  if (injected.kind !== 'injected') return { kind: injected.kind }
  const explained = engine.explainWorkload(object, configuration)
  return {
    object: injected.object,
    patch: injected.patch,
    reason: explained.kind === 'explained' ? explained.explanation.reason : explained.kind,
    undone: engine.uninjectWorkload(injected.object),
  }
}

interface Engine {
  readonly loadConfiguration: typeof loadConfiguration
  readonly injectWorkload: typeof injectWorkload
  readonly explainWorkload: typeof explainWorkload
  readonly uninjectWorkload: typeof uninjectWorkload
}

describe.skipIf(!present)(
  `in a browser${present ? '' : ` (skipped: there is no ${CHROMIUM}; install chromium)`}`,
  () => {
    let browser: Awaited<ReturnType<typeof chromium.launch>>
    let bundle: string

    beforeAll(async () => {
      const built = await build({
        stdin: { contents: "export * from '@proa/injector'", resolveDir: new URL('../..', import.meta.url).pathname },
        bundle: true,
        write: false,
        format: 'iife',
        globalName: 'proa',
        platform: 'browser',
        conditions: ['proa:source'],
      })
      bundle = built.outputFiles[0]?.text ?? ''
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      })
    })

    afterAll(() => browser.close())

    it('injects, explains and undoes exactly as in Node', async () => {
      const page = await browser.newPage()
      await page.addScriptTag({ content: bundle })
      const script = `(${work.toString()})(proa, ${JSON.stringify(deployment)})`
      const there = await page.evaluate(script)
      const here = work({ loadConfiguration, injectWorkload, explainWorkload, uninjectWorkload }, deployment)
      expect(there).toEqual(JSON.parse(JSON.stringify(here)))
      expect(here.undone).toMatchObject({ kind: 'restored', object: deployment })
    })

    it('needs neither eval nor Function: a page that forbids them runs it', async () => {
      const page = await browser.newPage()
      const policy = "script-src 'nonce-proa'"
      await page.setContent(
        `<meta http-equiv="Content-Security-Policy" content="${policy}"><script nonce="proa">${bundle.replaceAll('</script', '<\\/script')}
      ;document.title = proa.injectWorkload(${JSON.stringify(deployment)}, proa.loadConfiguration(), { mode: 'manual' }).kind</script>`,
      )
      expect(await page.title()).toBe('injected')
    })
  },
)
