import { applyPatch, type Json, type JsonObject } from '@proa/kube'
import { createAuthority } from '@proa/pki'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { planCaBundle } from './plan.ts'

const now = new Date('2030-01-01T00:00:00Z')
let [one, two] = ['', '']
beforeAll(async () => {
  const create = async (): Promise<string> =>
    (await createAuthority({ commonName: 'root', validFor: 1e9, now })).certificate
  ;[one, two] = await Promise.all([create(), create()])
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const entry = (name: string, bundle?: string): JsonObject => ({
  name,
  clientConfig: { service: { name: 'proa' }, ...(bundle === undefined ? {} : { caBundle: base64(bundle) }) },
})
const configuration = (webhooks: readonly Json[], labels: JsonObject = { 'istio.io/rev': 'default' }): JsonObject => ({
  metadata: { name: 'injector', resourceVersion: '7', labels },
  webhooks,
})
const INJECTS = 'rev.namespace.sidecar-injector.istio.io'
const plan = (object: JsonObject | undefined, bundle = one, revision = '') => planCaBundle(object, { revision, bundle })

describe('a webhook configuration is left alone', () => {
  it.each([
    ['deleted', undefined],
    ['no-revision', configuration([entry(INJECTS)], {})],
    ['other-revision', configuration([entry(INJECTS)], { 'istio.io/rev': 'canary' })],
    ['no-entries', configuration([entry('validation.istio.io')])],
    ['no-entries', configuration(['odd', { name: 3 }])],
  ])('%s', (reason, object) => {
    expect(plan(object)).toEqual({ action: 'none', reason })
  })

  it('when it trusts the same certificates, whatever the order and the spelling', () => {
    const bundle = `# ours\n${two}\n${one.trimEnd()}`
    expect(plan(configuration([entry(INJECTS, bundle)]), one + two)).toEqual({ action: 'none', reason: 'up-to-date' })
  })
})

describe('a bundle that the API server could not read is never written', () => {
  it.each([
    ['', 'holds no certificate'],
    ['hello', 'holds no certificate'],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'block 1 of the bundle: the block is not a certificate',
    ],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'a block of type "PRIVATE KEY"'],
  ])('%j', (bundle, problem) => {
    const planned = planCaBundle(configuration([entry(INJECTS)]), { revision: '', bundle })
    expect(planned).toMatchObject({ action: 'refuse', problem: expect.stringContaining(problem) })
  })
})

describe('a wrong bundle is written over', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['no PEM', 'hello'],
    ['another root', 'two'],
    ['a root too many', 'both'],
  ])('%s', (_, has) => {
    const bundle = has === 'two' ? two : has === 'both' ? one + two : has
    const object = configuration([entry(INJECTS, bundle), entry('object.sidecar-injector.istio.io', one)])
    const planned = plan(object)
    expect(planned).toEqual({
      action: 'patch',
      entries: [INJECTS],
      operations: [
        { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
        { op: 'test', path: '/webhooks/0/name', value: INJECTS },
        { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64(one) },
      ],
    })
  })

  it('of a tag as well, and of a named revision', () => {
    const labels = { 'istio.io/rev': 'canary', 'istio.io/tag': 'prod' }
    expect(plan(configuration([entry(INJECTS)], labels), one, 'canary')).toMatchObject({ action: 'patch' })
  })

  it('what the patch makes needs no patch, and nothing but bundles of injecting entries has changed', () => {
    const names = fc.constantFrom(
      INJECTS,
      'object.sidecar-injector.istio.io',
      'sidecar-injector.istio.io',
      'other',
      'x.sidecar-injector.istio.io.y',
    )
    const bundles = fc.constantFrom(undefined, '', 'hello', 'one', 'two')
    fc.assert(
      fc.property(fc.array(fc.tuple(names, bundles), { maxLength: 6 }), (list) => {
        const texts: Record<string, string> = { one, two }
        const object = configuration(list.map(([name, bundle]) => entry(name, bundle && (texts[bundle] ?? bundle))))
        const planned = plan(object)
        if (planned.action !== 'patch') return
        const after = applyPatch(object, planned.operations) as JsonObject
        expect(plan(after)).toEqual({ action: 'none', reason: 'up-to-date' })
        const webhooks = (after.webhooks ?? []) as JsonObject[]
        for (const [index, [name]] of list.entries()) {
          if (!planned.entries.includes(name)) expect(webhooks[index]).toEqual((object.webhooks as JsonObject[])[index])
        }
      }),
      { seed: 3, numRuns: 100 },
    )
  })
})
