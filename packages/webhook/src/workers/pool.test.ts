import { describe, expect, it, onTestFinished } from 'vitest'
import { examplePod, responseIn, reviewOf } from '../../testing/reviews.ts'
import { ask, askReview, countersOf, runningWebhook } from '../../testing/running.ts'
import { configurationsOf } from '../../testing/sources.ts'
import type { Reviewer } from '../review/reviewer.ts'
import type { Reviewed } from '../review/types.ts'
import { type WorkerPoolOptions, workerPool } from './pool.ts'

const FAULTY = { url: new URL('../../testing/faulty-worker.ts', import.meta.url), execArgv: [] }

function faultyPool(options: Partial<WorkerPoolOptions> = {}) {
  const lost: string[] = []
  const pool = workerPool({
    workers: 1,
    configurations: configurationsOf(),
    onLost: (reason) => lost.push(reason),
    file: FAULTY,
    ...options,
  })
  onTestFinished(() => pool.stop())
  return { pool, lost }
}

function reviewed(pool: Reviewer, body: string): Promise<Reviewed> {
  return new Promise((resolve) => pool.review({ body: Buffer.from(body), path: '/inject' }, resolve))
}

const summary = ({ answer, facts }: Reviewed): string =>
  answer.status === 200 ? answer.body.replace(/^\d+ /, '') : `${answer.status} ${facts.reason}`

describe('worker threads', () => {
  it.each(['exit', 'throw'])('that crash (%s) cost the one request, and others take over', async (how) => {
    const { pool, lost } = faultyPool()
    const all = await Promise.all(['a', how, 'b', 'c'].map((body) => reviewed(pool, body)))
    expect(all.map(summary)).toEqual(['a', '500 WorkerLost', 'b', 'c'])
    expect(lost).toEqual(['crashed'])
    expect(summary(await reviewed(pool, 'd'))).toBe('d')
  })

  it('that hang are stopped, and what waited behind is answered', async () => {
    const { pool, lost } = faultyPool({ patience: 500 })
    await reviewed(pool, 'warm')
    const all = await Promise.all(['hang', 'a', 'b'].map((body) => reviewed(pool, body)))
    expect(all.map(summary)).toEqual(['500 TimedOut', 'a', 'b'])
    expect(lost).toEqual(['hung'])
  })

  it('share the work', async () => {
    const { pool } = faultyPool({ workers: 2 })
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => reviewed(pool, String(i))))
    expect(new Set(all.map(({ answer }) => answer.body.split(' ')[0])).size).toBe(2)
  })

  it('are all replaced when each of them dies again and again', async () => {
    const { pool, lost } = faultyPool({ workers: 2 })
    const bodies = Array.from({ length: 6 }, () => 'exit')
    for (const body of bodies) expect(summary(await reviewed(pool, body))).toBe('500 WorkerLost')
    await expect.poll(async () => summary(await reviewed(pool, 'well'))).toBe('well')
    expect(lost.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a server with worker threads', () => {
  const withImage = (image: string) => ({
    config: {
      text: `policy: enabled\ntemplates:\n  sidecar: |\n    spec:\n      containers:\n      - {name: istio-proxy, image: ${image}}\n`,
      source: 'config',
    },
    values: { text: '{}', source: 'values' },
  })

  it('answers as one without, is proven ready in each of them, and takes changes over', async () => {
    const plain = await runningWebhook({ configurations: configurationsOf(withImage('first')) })
    const webhook = await runningWebhook({ workers: 2, configurations: configurationsOf(withImage('first')) })
    expect((await ask(webhook, { method: 'GET', path: '/readyz' })).status).toBe(200)
    const bodies = [
      JSON.stringify(reviewOf(examplePod())),
      JSON.stringify(reviewOf(examplePod('web', { annotations: { 'sidecar.istio.io/interceptionMode': 'x' } }))),
      JSON.stringify(reviewOf(examplePod(), { operation: 'UPDATE' })),
      '{"a":',
      '',
    ]
    for (const body of bodies) expect((await ask(webhook, { body })).text).toBe((await ask(plain, { body })).text)
    expect(await countersOf(webhook)).toEqual(await countersOf(plain))
    webhook.configurations.change(withImage('second'))
    const { text } = await askReview(webhook, reviewOf(examplePod()))
    expect(Buffer.from(responseIn(text).patch ?? '', 'base64').toString()).toContain('"second"')
    expect((await ask(webhook, { method: 'GET', path: '/readyz' })).status).toBe(200)
  })

  it('asks for the Namespace where the platform needs it', async () => {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', annotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' } },
    }
    const env = { PLATFORM: 'openshift' }
    const given = { configurations: configurationsOf({}, { env }, { shop: namespace }) }
    const plain = await runningWebhook(given)
    const webhook = await runningWebhook({ ...given, workers: 1 })
    const wanted = (await askReview(plain, reviewOf(examplePod()))).text
    expect((await askReview(webhook, reviewOf(examplePod()))).text).toBe(wanted)
    expect(Buffer.from(responseIn(wanted).patch ?? '', 'base64').toString()).toContain('1000629999')
  })
})
