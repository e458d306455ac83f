import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import type { Check } from '../check.ts'
import type { CheckOutcome, Found, ObjectName } from '../finding.ts'
import type { Snapshot, Unread } from '../snapshot/types.ts'
import { type DiagnoseOptions, diagnose } from './diagnose.ts'

const healthy = loadFixture(HEALTHY)
const text = (en: string) => ({ en, zh: en })
const found = (object: ObjectName, more: Partial<Found> = {}): Found => ({
  outcome: 'found',
  object,
  message: text('found'),
  evidence: [],
  confidence: 'certain',
  ...more,
})

function check(id: Check['id'], outcomes: readonly CheckOutcome[] | Error, more: Partial<Check> = {}): Check {
  return {
    id,
    severity: 'error',
    category: 'decision',
    scope: 'workload',
    needs: ['Pod'],
    title: text(id),
    looksAt: text(''),
    why: text(''),
    remedy: text(''),
    run: () => {
      if (outcomes instanceof Error) throw outcomes
      return outcomes
    },
    ...more,
  }
}

const run = (catalogue: readonly Check[], options: DiagnoseOptions = {}, snapshot: Snapshot = healthy) =>
  diagnose(snapshot, { catalogue, ...options })
const idsOf = (report: ReturnType<typeof diagnose>) => report.findings.map(({ id, object }) => `${id} ${object.name}`)
const unread = (namespace?: string): Unread => ({
  apiVersion: 'v1',
  kind: 'Pod',
  ...(namespace === undefined ? {} : { namespace }),
  reason: 'forbidden',
  message: 'no',
})

const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart' }
const other = { kind: 'Deployment', namespace: 'other', name: 'web' }
const cartTarget = { kind: 'workload', workload: 'Deployment', namespace: 'shop', name: 'cart' } as const

describe('diagnose', () => {
  it('fills in what the check says of itself, and orders by category, severity, id and object', () => {
    const report = run([
      check('INJ300', [found(cart)], { category: 'pod' }),
      check('INJ102', [found(cart)], { severity: 'warn' }),
      check('INJ101', [found(other), found(cart, { severity: 'info' })]),
    ])
    expect(idsOf(report)).toEqual(['INJ101 web', 'INJ102 cart', 'INJ101 cart', 'INJ300 cart'])
    expect(report.findings[0]).toEqual({
      id: 'INJ101',
      severity: 'error',
      category: 'decision',
      object: other,
      message: text('found'),
      evidence: [],
      confidence: 'certain',
      docs: 'docs/checks.md#inj101',
    })
    expect(report).toMatchObject({ exitCode: 2, evaluated: 3, checks: ['INJ300', 'INJ102', 'INJ101'] })
  })

  it('survives a check that throws, and says so', () => {
    const report = run([check('INJ101', new TypeError('x is undefined')), check('INJ102', [found(cart)])])
    expect(idsOf(report)).toEqual(['INJ102 cart'])
    expect(report.notEvaluated[0]?.reason.en).toBe('a fault of proa, please report it: TypeError: x is undefined')
    expect(run([check('INJ101', new Error('x'))]).exitCode).toBe(3)
    expect(() => run([check('INJ101', new TypeError('x is undefined'))], { rethrow: true })).toThrow('x is undefined')
  })

  it('does not run a check whose kinds could not be read at all', () => {
    const blind = { ...healthy, unread: [unread()] }
    const report = run([check('INJ101', new Error('not run'))], { rethrow: true }, blind)
    expect(report).toMatchObject({ exitCode: 3, evaluated: 0, findings: [] })
    expect(report.notEvaluated).toEqual([
      {
        id: 'INJ101',
        reason: { en: 'no permission to read: Pod', zh: '没有读取权限：Pod' },
        missing: [unread()],
      },
    ])
  })

  it('speaks of what was not asked for otherwise in a cluster than among files', () => {
    const reasons = (kind: 'cluster' | 'files') => {
      const source = kind === 'cluster' ? { kind, server: 'x' } : { kind, paths: ['x'] }
      const report = run(
        [check('INJ101', [])],
        {},
        { ...healthy, source, unread: [{ ...unread(), reason: 'not-given' }] },
      )
      return report.notEvaluated.map(({ reason }) => reason.en)
    }
    expect(reasons('files')).toEqual(['not among the given files: Pod'])
    expect(reasons('cluster')).toEqual(['not looked at: Pod'])
  })

  it('takes templates for Pods where files have none, and what is needed to render them', () => {
    const absent = (kind: string, apiVersion = 'v1'): Unread => ({ apiVersion, kind, reason: 'not-given', message: '' })
    const objects = healthy.objects.filter(({ kind }) => kind !== 'Pod')
    const files: Snapshot = { ...healthy, objects, unread: [absent('Pod')] }
    const checks = [
      check('INJ308', [], { templates: 'written' }),
      check('INJ306', [], { templates: 'rendered' }),
      check('INJ321', []),
    ]
    const missed = (snapshot: Snapshot) => run(checks, {}, snapshot).notEvaluated.map(({ id }) => id)
    expect(missed(files)).toEqual(['INJ321'])
    expect(missed({ ...files, unread: [absent('Pod'), absent('ConfigMap')] })).toEqual(['INJ306', 'INJ321'])
    expect(missed({ ...files, objects: [] })).toEqual(['INJ308', 'INJ306', 'INJ321'])
    expect(missed({ ...files, unread: [unread()] })).toEqual(['INJ308', 'INJ306', 'INJ321'])
  })

  it('runs it where some namespaces could be read, and names the others; they do not matter to a target elsewhere', () => {
    const partly = { ...healthy, unread: [unread('a'), unread('b'), unread('c'), unread('d')] }
    const checks = [check('INJ101', [found(cart, { severity: 'warn' })])]
    const report = run(checks, {}, partly)
    expect(report).toMatchObject({ exitCode: 3, evaluated: 0 })
    expect(report.notEvaluated.map(({ reason }) => reason.en)).toEqual(['no permission to read: Pod (a, b, c +1)'])
    expect(idsOf(report)).toEqual(['INJ101 cart'])
    expect(run(checks, { target: cartTarget }, partly)).toMatchObject({ exitCode: 0, notEvaluated: [], evaluated: 1 })
  })

  it('keeps what a check itself could not evaluate', () => {
    const reason = text('the log is not there')
    const report = run([check('INJ101', [{ outcome: 'not-evaluated', object: cart, reason }])])
    expect(report.notEvaluated).toEqual([{ id: 'INJ101', object: cart, reason, missing: [] }])
    expect(report.exitCode).toBe(0)
    expect(run([check('INJ101', [{ outcome: 'not-evaluated', reason }])], { checks: ['INJ101'] }).exitCode).toBe(3)
  })

  it('runs only the checks that are named', () => {
    const checks = [check('INJ101', [found(cart)]), check('INJ102', [found(cart, { routine: true })])]
    expect(idsOf(run(checks))).toEqual(['INJ101 cart'])
    expect(run(checks, { checks: ['INJ102'] })).toMatchObject({ checks: ['INJ102'], findings: [{ id: 'INJ102' }] })
  })

  it('gives the real catalogue on a healthy cluster nothing to report', () => {
    expect(diagnose(healthy, { rethrow: true })).toMatchObject({ findings: [], exitCode: 0 })
  })
})

describe('a target', () => {
  const pod = { kind: 'Pod', namespace: 'shop', name: 'cart-5f6d-x1' }
  const shared = { category: 'reachability', scope: 'revision' } as const
  const service = { kind: 'Service', namespace: 'istio-system', name: 'istiod' }
  const catalogue = [
    check('INJ101', [found(cart), found(other), found(pod)]),
    check('INJ102', [found(cart, { routine: true }), found(other, { routine: true })]),
    check('INJ103', [found({ kind: 'Namespace', name: 'shop' }), found({ kind: 'Namespace', name: 'other' })], {
      scope: 'namespace',
    }),
    check('INJ151', [found(service, { revision: 'default' }), found(service, { revision: 'canary' })], shared),
    check('INJ152', [found(service), found({ ...service, name: 'x' }, { severity: 'warn' })], shared),
    check('INJ201', [found(service)], { category: 'certificates' }),
    check('INJ330', [found({ kind: 'ResourceQuota', namespace: 'shop', name: 'q' })], { scope: 'namespace' }),
    check('INJ302', [found({ kind: 'Node', name: 'far' })], { scope: 'node' }),
  ]

  it('that is a workload keeps what is about it, its Pods, its namespace, and the control plane that injects it', () => {
    const kept = ['INJ101 cart', 'INJ101 cart-5f6d-x1', 'INJ102 cart', 'INJ103 shop', 'INJ330 q']
    const report = run(catalogue, { target: cartTarget })
    expect(idsOf(report)).toEqual([...kept, 'INJ151 istiod', 'INJ152 istiod'])
    expect(report.trace?.object).toMatchObject(cart)
    const byPod = { ...cartTarget, workload: 'Pod', name: 'cart-5f6d-x1' }
    expect(idsOf(run(catalogue, { target: byPod }))).toEqual(idsOf(report))
  })

  it('that is a workload is also told how things stand with its namespace', () => {
    const stands = ['shop', 'other'].map((name) => found({ kind: 'Namespace', name }, { routine: true }))
    expect(idsOf(run([check('INJ103', stands)], { target: cartTarget }))).toEqual(['INJ103 shop'])
    expect(idsOf(run([check('INJ103', stands)]))).toEqual([])
  })

  it('that nobody injects is not bothered with what injected Pods of its namespace miss', () => {
    const objects = healthy.objects.filter(({ kind }) => kind !== 'MutatingWebhookConfiguration' && kind !== 'Pod')
    const checks = [check('INJ209', [found({ kind: 'Namespace', name: 'shop' }, { revision: 'default' })])]
    expect(idsOf(run(checks, { target: cartTarget }))).toEqual(['INJ209 shop'])
    expect(idsOf(run(checks, { target: cartTarget }, { ...healthy, objects }))).toEqual([])
  })

  it('that is a namespace keeps all that is in it', () => {
    const report = run(catalogue, { target: { kind: 'namespace', name: 'shop' } })
    const kept = ['INJ101 cart', 'INJ101 cart-5f6d-x1', 'INJ103 shop', 'INJ330 q', 'INJ151 istiod', 'INJ152 istiod']
    expect(idsOf(report)).toEqual(kept)
    expect(report.namespaces?.map(({ name }) => name)).toEqual(['shop'])
  })

  it('that is the webhooks or the certificates chooses checks', () => {
    expect(run(catalogue, { target: { kind: 'webhooks' } }).checks).toEqual(['INJ151', 'INJ152'])
    expect(run(catalogue, { target: { kind: 'certs' } }).checks).toEqual(['INJ201'])
  })

  it('that does not exist is told, with what may have been meant', () => {
    const at = (workload: string, namespace: string, name: string) =>
      run(catalogue, { target: { kind: 'workload', workload, namespace, name } })
    expect(at('Deployment', 'shop', 'crat')).toMatchObject({
      exitCode: 3,
      findings: [],
      absent: { reason: { en: 'there is no Deployment shop/crat' }, similar: [cart] },
    })
    expect(at('StatefulSet', 'shop', 'cart').absent?.similar).toMatchObject([cart])
    expect(at('Deployment', 'default', 'cart').absent?.similar).toMatchObject([cart])
    const namespace = run(catalogue, { target: { kind: 'namespace', name: 'shoop' } })
    expect(namespace.absent?.similar).toEqual([{ kind: 'Namespace', name: 'shop' }])
    const blind = { ...healthy, unread: [unread()] }
    const target = { ...cartTarget, workload: 'Pod', name: 'crat' }
    expect(run(catalogue, { target }, blind).absent?.reason.en).toBe('Pod shop/crat could not be read (forbidden)')
  })
})
