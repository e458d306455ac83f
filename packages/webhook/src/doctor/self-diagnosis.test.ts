import { type Report, SNAPSHOT_API_VERSION, SNAPSHOT_KIND, type Snapshot } from '@proa/doctor'
import { loadConfiguration } from '@proa/injector'
import { installationManifests } from '@proa/manifests'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../../testing/certificate.ts'
import { ask, runningWebhook } from '../../testing/running.ts'
import { createLogger, createMetrics } from '../index.ts'
import { type OwnFacts, withOwnFacts } from './own-snapshot.ts'
import { startSelfDiagnosis } from './self-diagnosis.ts'

const NOW = new Date()
/** With the name that our Service has. */
const OWN = selfSigned('proa-injector.istio-system.svc')
const FACTS: OwnFacts = {
  namespace: 'istio-system',
  revision: 'default',
  configuration: undefined,
  certificate: OWN,
}

/** The webhook configuration of our own manifests, with a bundle. */
function snapshot(caBundle: string): Snapshot {
  const objects = installationManifests({ revision: 'default', image: 'proa:test' }).flatMap((object) =>
    object.kind === 'MutatingWebhookConfiguration' ? [withBundle(object, caBundle)] : [],
  )
  return {
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: NOW.toISOString(),
    source: { kind: 'cluster', server: 'https://127.0.0.1' },
    objects,
    unread: [],
    probes: [],
    logs: [],
  }
}

type Manifest = ReturnType<typeof installationManifests>[number]

function withBundle(object: Manifest, caBundle: string): Manifest {
  const webhooks = object.webhooks as readonly { readonly clientConfig: object }[]
  const encoded = Buffer.from(caBundle).toString('base64')
  return {
    ...object,
    webhooks: webhooks.map((one) => ({ ...one, clientConfig: { ...one.clientConfig, caBundle: encoded } })),
  } as Manifest
}

const idsOf = ({ findings }: Pick<Report, 'findings'>): readonly string[] => findings.map(({ id }) => id)

async function diagnosisOf(
  take: () => Promise<Snapshot>,
  given: { readonly interval?: number; readonly revision?: string } = {},
) {
  const metrics = createMetrics()
  const logger = await createLogger({ level: 'error', format: 'json', stream: { write: () => {} } })
  const diagnosis = startSelfDiagnosis({
    snapshot: take,
    revision: 'default',
    metrics,
    logger,
    ...given,
  })
  onTestFinished(() => diagnosis.stop())
  return { diagnosis, metrics }
}

describe('what the webhook finds out about itself', () => {
  it('is nothing about its certificate while every caBundle verifies it', async () => {
    const { diagnosis } = await diagnosisOf(async () => withOwnFacts(snapshot(OWN.certificate), FACTS, NOW))
    expect(idsOf(await diagnosis.report()).filter((id) => id.startsWith('INJ20'))).toEqual([])
  })

  it('is a foreign caBundle, compared with the certificate that it serves, and the metric says so', async () => {
    const foreign = selfSigned('somebody.else.svc')
    const { diagnosis, metrics } = await diagnosisOf(async () =>
      withOwnFacts(snapshot(foreign.certificate), FACTS, NOW),
    )
    const report = await diagnosis.report()
    expect(idsOf(report)).toContain('INJ202')
    expect(report.exitCode).toBe(2)
    expect(await metrics.text()).toMatch(/proa_doctor_findings\{check="INJ202",severity="error"\} [1-9]/)
  })

  it('is forgotten by the metric when it is gone', async () => {
    const { metrics } = await diagnosisOf(() => Promise.reject(new Error('not asked')))
    const finding = { id: 'INJ201', severity: 'error' } as unknown as Report['findings'][number]
    metrics.diagnosed({ findings: [finding, finding], notEvaluated: [] })
    expect(await metrics.text()).toContain('proa_doctor_findings{check="INJ201",severity="error"} 2')
    metrics.diagnosed({ findings: [], notEvaluated: [] })
    expect(await metrics.text()).not.toContain('INJ201')
  })

  it('judges the configuration that is in use, wherever its texts come from', () => {
    const sources = { config: { text: 'policy: sometimes\ntemplates: {}\n', source: '/etc/istio/config' } }
    const configuration = {
      generation: 1,
      sources,
      options: { env: {} },
      configuration: loadConfiguration(sources),
    }
    const { objects } = withOwnFacts(snapshot(''), { ...FACTS, configuration }, NOW)
    expect(objects.at(-1)).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
      data: { config: 'policy: sometimes\ntemplates: {}\n' },
    })
  })
})

it('leaves what is about other revisions to the command', async () => {
  const foreign = selfSigned('somebody.else.svc')
  const taken = withOwnFacts(snapshot(foreign.certificate), FACTS, NOW)
  const { diagnosis } = await diagnosisOf(async () => taken, { revision: 'canary' })
  expect(idsOf(await diagnosis.report())).not.toContain('INJ202')
})

it('looks once, however many ask at the same time and shortly after', async () => {
  let looks = 0
  const { diagnosis } = await diagnosisOf(async () => {
    looks += 1
    return snapshot('')
  })
  await Promise.all([diagnosis.report(), diagnosis.report()])
  await diagnosis.report()
  expect(looks).toBe(1)
})

it('looks by itself for the metric', async () => {
  const looked = Promise.withResolvers<void>()
  await diagnosisOf(
    async () => {
      looked.resolve()
      return snapshot('')
    },
    { interval: 1 },
  )
  await looked.promise
})

it('judges the newest text, which a replica that starts now would get, although an older one is in use', async () => {
  const injector = { data: { config: 'policy: sometimes\ntemplates: {sidecar: "spec: {}"}\n', values: '{}' } }
  const unread = [{ apiVersion: 'v1', kind: 'ConfigMap', reason: 'not-given', message: 'not asked for' }] as const
  const taken = { ...snapshot(OWN.certificate), unread }
  const { diagnosis } = await diagnosisOf(async () => withOwnFacts(taken, FACTS, NOW, { injector, mesh: undefined }))
  const { findings } = await diagnosis.report()
  expect(findings.find(({ id }) => id === 'INJ115')?.message.en).toContain('the injector refuses it')
})

describe('/debug/doctor', () => {
  const page = async (path: string, take: () => Promise<Snapshot> = async () => snapshot('')) => {
    const { diagnosis } = await diagnosisOf(take)
    return ask(await runningWebhook({ doctor: diagnosis }), { method: 'GET', path })
  }

  it('is the JSON of proa doctor', async () => {
    const { status, text } = await page('/debug/doctor')
    expect(status).toBe(200)
    const report = JSON.parse(text)
    expect(report.exitCode).toBe(2)
    expect(report.findings.map(({ id }: { id: string }) => id)).toContain('INJ201')
  })

  it('is text in the language that is asked for', async () => {
    const { text } = await page('/debug/doctor?output=text&lang=zh')
    expect(text).toContain('没有 caBundle')
  })

  it('is 503 while the cluster cannot be asked', async () => {
    const { status, text } = await page('/debug/doctor', () => Promise.reject(new Error('connection refused')))
    expect(status).toBe(503)
    expect(text).toContain('connection refused')
  })

  it('is 404 for a webhook that has no cluster', async () => {
    expect((await ask(await runningWebhook(), { method: 'GET', path: '/debug/doctor' })).status).toBe(404)
  })
})
