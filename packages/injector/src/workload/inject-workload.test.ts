import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import type { Configuration } from '../config/types.ts'
import { injectWorkload, type WorkloadOptions, type WorkloadResult } from './inject-workload.ts'

const MANUAL: WorkloadOptions = { mode: 'manual' }
const WEBHOOK: WorkloadOptions = { mode: 'webhook', namespace: 'shop' }
const POD = { metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'app', image: 'a' }] } }

/** A template that shows what it was given. */
function configurationOf(minor: number): Configuration {
  const template = `
metadata:
  annotations:
    owner: "{{ .TypeMeta.APIVersion }} {{ .TypeMeta.Kind }} {{ .DeploymentMeta.Namespace }}/{{ .DeploymentMeta.Name }}"
spec:
  containers:
  - name: istio-proxy
    image: proxy`
  const text = JSON.stringify({ policy: 'enabled', templates: { sidecar: template } })
  return loadConfiguration({ config: { source: 'config', text } }, { compat: `1.${minor}` })
}

const CURRENT = configurationOf(31)

function injected(
  object: JsonObject,
  options: WorkloadOptions,
  configuration = CURRENT,
): WorkloadResult & { kind: 'injected' } {
  const result = injectWorkload(object, configuration, options)
  if (result.kind !== 'injected') throw new Error(result.kind, { cause: result })
  return result
}

function deployment(template: JsonObject, metadata: JsonObject = { name: 'cart', namespace: 'shop' }): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, template } }
}

describe('injecting a workload', () => {
  it('changes its Pod template and nothing else; the patch says the same', () => {
    const object = deployment(POD)
    const { object: after, patch, pod, added } = injected(object, MANUAL)
    expect(after).toEqual({ ...object, spec: { replicas: 2, template: pod } })
    expect(patch.every(({ path }) => path.startsWith('/spec/template/'))).toBe(true)
    expect(added).toMatchObject({ containers: ['istio-proxy'], initContainers: [], changedContainers: [] })
    expect(object).toEqual(deployment(POD))
  })

  it.each([
    ['a Deployment', deployment(POD), MANUAL, 'apps/v1 Deployment shop/cart'],
    ['a workload without a namespace', deployment(POD, { name: 'cart' }), WEBHOOK, 'apps/v1 Deployment shop/cart'],
    ['a workload without a namespace, by hand', deployment(POD, { name: 'cart' }), MANUAL, 'apps/v1 Deployment /cart'],
    [
      'a bare Pod',
      { apiVersion: 'v1', kind: 'Pod', ...POD, metadata: { name: 'p', namespace: 'n' } },
      MANUAL,
      'v1 Pod n/p',
    ],
  ])('tells the templates the owner of %s', (_, object, options, owner) => {
    expect(injected(object, options).pod.metadata).toMatchObject({ annotations: { owner } })
  })

  it('keeps a CronJob’s metadata where kube-inject looks for it, and where a controller does', () => {
    const cronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly' },
      spec: { jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: POD.spec } } } },
    }
    const places = (options: WorkloadOptions): string[] =>
      injected(cronJob, options).patch.map(({ path }) => path.replace(/(metadata|spec\/containers).*$/, '$1'))
    expect(new Set(places(MANUAL))).toEqual(
      new Set(['/spec/jobTemplate/metadata', '/spec/jobTemplate/spec/template/spec/containers']),
    )
    expect(new Set(places(WEBHOOK))).toEqual(
      new Set(['/spec/jobTemplate/spec/template/metadata', '/spec/jobTemplate/spec/template/spec/containers']),
    )
  })

  it('finds the Pod in kinds of the user’s own', () => {
    const object = { apiVersion: 'example.com/v1', kind: 'Tenant', metadata: { name: 't' }, spec: { pod: POD } }
    const extraWorkloads = [{ kind: 'Tenant', path: ['spec', 'pod'] }]
    expect(injected(object, { ...MANUAL, extraWorkloads }).object).toMatchObject({
      spec: { pod: { spec: { containers: [{ name: 'app' }, { name: 'istio-proxy' }] } } },
    })
  })
})

describe('what is not injected', () => {
  const refused = { ...POD, metadata: { annotations: { 'sidecar.istio.io/inject': 'false' } } }
  const onHost = { ...POD, spec: { ...POD.spec, hostNetwork: true } }

  it.each([
    ['refuses', refused, 31, '===> Skipping injection because Deployment "shop/cart" has sidecar injection disabled'],
    [
      'is on the host’s network',
      onHost,
      31,
      '===> Skipping injection because Deployment "shop/cart" has host networking enabled',
    ],
    [
      'refuses, in the words of 1.12',
      refused,
      12,
      '===> Skipping injection because "cart" has sidecar injection disabled',
    ],
  ])('is skipped with the words of kube-inject where it %s', (_, template, minor, notice) => {
    expect(injectWorkload(deployment(template), configurationOf(minor), MANUAL)).toMatchObject({
      kind: 'skipped',
      notice,
    })
  })

  it('was skipped by kube-inject until 1.16 where it has a sidecar', () => {
    const once = injected(deployment(POD), MANUAL, configurationOf(16)).object
    expect(injectWorkload(once, configurationOf(16), MANUAL)).toMatchObject({
      kind: 'skipped',
      notice: '===> Skipping injection because "shop/cart" has injected "istio-proxy" sidecar already',
    })
    expect(injectWorkload(once, configurationOf(17), MANUAL).kind).toBe('injected')
  })

  it('has no Pod', () => {
    expect(injectWorkload({ apiVersion: 'v1', kind: 'Service' }, CURRENT, MANUAL)).toEqual({ kind: 'not-a-workload' })
    const empty = { apiVersion: 'apps/v1', kind: 'Deployment', spec: {} }
    expect(injectWorkload(empty, CURRENT, MANUAL)).toMatchObject({
      kind: 'failed',
      error: { code: 'NoPodTemplate', message: 'spec.template is required value' },
    })
  })
})
