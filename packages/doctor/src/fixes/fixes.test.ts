import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { findSubject, type Subject, subjects } from '../subjects/subjects.ts'
import { labelTemplate } from './edit-template.ts'
import { resourceOf, shellWord } from './kubectl.ts'
import { labelNamespace } from './label-namespace.ts'
import { restartFix } from './restart.ts'

const healthy = loadFixture(HEALTHY)
const clusterWith = (...objects: readonly JsonObject[]) => clusterOf({ ...healthy, objects })
const cluster = clusterOf(healthy)
const cart = findSubject(cluster, 'Deployment', 'shop', 'cart') as Subject
const only = (...objects: readonly JsonObject[]) => {
  const made = clusterWith(...objects)
  return [made, subjects(made)[0] as Subject] as const
}

it('quotes what a shell would take apart', () => {
  expect(shellWord('a.b/c=d-')).toBe('a.b/c=d-')
  expect(shellWord(`{"a":"it's"}`)).toBe(`'{"a":"it'\\''s"}'`)
  expect(shellWord('')).toBe("''")
})

it('names kinds so that kubectl finds the right one', () => {
  expect(resourceOf({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' })).toBe('deployment')
  expect(resourceOf({ apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'a' })).toBe(
    'service.serving.knative.dev',
  )
})

describe('restart', () => {
  it('of a Deployment writes what kubectl rollout restart writes', () => {
    const { commands, changes } = restartFix(cluster, cart)
    expect(commands).toEqual(['kubectl -n shop rollout restart deployment/cart'])
    expect(changes).toMatchObject([
      {
        kind: 'patch',
        object: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
        patch: {
          type: 'strategic',
          body: {
            spec: {
              template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-20T12:00:00Z' } } },
            },
          },
        },
      },
    ])
  })

  it('deletes Pods only where somebody makes them anew', () => {
    const pod = (ownerReferences: JsonObject[]): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'shop', ownerReferences },
    })
    const kafka = { apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet', name: 'k', controller: true }
    expect(restartFix(...only(pod([kafka]))).commands).toEqual(['kubectl -n shop delete pod a'])
    expect(restartFix(...only(pod([])))).toMatchObject({ commands: [], changes: [] })
    expect(
      restartFix(...only(pod([{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', controller: true }]))),
    ).toMatchObject({ commands: [], changes: [] })
  })
})

it('labels a namespace, and takes a label away', () => {
  const { commands, changes } = labelNamespace('shop', { 'istio-injection': null, 'istio.io/rev': 'canary' })
  expect(commands).toEqual(['kubectl label namespace shop istio-injection- istio.io/rev=canary --overwrite'])
  expect(changes).toMatchObject([
    { patch: { type: 'merge', body: { metadata: { labels: { 'istio-injection': null, 'istio.io/rev': 'canary' } } } } },
  ])
})

it('labels the Pods that a workload makes, wherever its kind keeps them', () => {
  const template = { metadata: {}, spec: { containers: [] } }
  const spec = { jobTemplate: { spec: { template } } }
  const [, cron] = only({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c', namespace: 'x' }, spec })
  expect(labelTemplate(cron, { a: 'b' }).commands).toEqual([
    `kubectl -n x patch cronjob c --type=merge -p '{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"a":"b"}}}}}}}'`,
  ])
})
