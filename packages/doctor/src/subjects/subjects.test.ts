import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { findSubject, livePods, subjectOfPod, subjects } from './subjects.ts'

const healthy = loadFixture(HEALTHY)
const withObjects = (...objects: readonly JsonObject[]) => clusterOf({ ...healthy, objects })

const pod = (name: string, more: JsonObject = {}, labels: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels, ...more },
  spec: { containers: [{ name: 'app' }] },
})
const ownedBy = (kind: string, name: string, apiVersion = 'apps/v1'): JsonObject => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${kind}-${name}`, controller: true }],
})
const titles = (...objects: readonly JsonObject[]): readonly string[] =>
  subjects(withObjects(...objects)).map(({ object, pods }) => `${object.kind}/${object.name} ${pods.length}`)

describe('subjects', () => {
  it('takes the Pods of a Deployment, through its ReplicaSets, for one', () => {
    const cluster = clusterOf(healthy)
    const cart = findSubject(cluster, 'Deployment', 'shop', 'cart')
    expect(cart?.pods.map((one) => (one.metadata as JsonObject).name)).toEqual(['cart-5f6d-x1'])
    expect(cart?.templatePath).toEqual(['spec', 'template'])
    expect(cart?.template).toMatchObject({ metadata: { labels: { app: 'cart' } } })
    expect(cart?.between).toHaveLength(1)
    expect(findSubject(cluster, 'ReplicaSet', 'shop', 'cart-5f6d')).toBe(cart)
    expect(findSubject(cluster, 'Pod', 'shop', 'cart-5f6d-x1')).toBe(cart)
    expect(cart?.pods.map((one) => subjectOfPod(cluster, one))).toEqual([cart])
  })

  it('knows workloads that have no Pods: their Pods may be what cannot be created', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'shop' } }
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [] } }
    expect(titles({ ...deployment, spec: { template } })).toEqual(['Deployment/a 0'])
  })

  it('finds the workload of a ReplicaSet that has not got a Pod', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'shop' } }
    const template = { spec: { containers: [] } }
    const set = { name: 'a-77', namespace: 'shop', ...ownedBy('Deployment', 'a') }
    const cluster = withObjects(
      { ...owner, spec: { template } },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: set, spec: { template } },
    )
    expect(findSubject(cluster, 'ReplicaSet', 'shop', 'a-77')?.object.kind).toBe('Deployment')
    expect(findSubject(cluster, 'ReplicaSet', 'shop', 'b-77')).toBeUndefined()
  })

  it('derives the workload from names and labels where only Pods were given', () => {
    expect(titles(pod('a-77-x', ownedBy('ReplicaSet', 'a-77'), { 'pod-template-hash': '77' }))).toEqual([
      'Deployment/a 1',
    ])
    expect(titles(pod('r-88-x', ownedBy('ReplicaSet', 'r-88'), { 'rollouts-pod-template-hash': '88' }))).toEqual([
      'Rollout/r 1',
    ])
    expect(titles(pod('n-28000001-x', ownedBy('Job', 'n-28000001', 'batch/v1')))).toEqual(['CronJob/n 1'])
    expect(titles(pod('j-x', ownedBy('Job', 'j', 'batch/v1')))).toEqual(['Job/j 1'])
    expect(titles(pod('d-1-x', ownedBy('ReplicationController', 'd-1', 'v1'), { deploymentconfig: 'd' }))).toEqual([
      'DeploymentConfig/d 1',
    ])
  })

  it('names the controller of a kind that nobody knows, and takes the Pod for its template', () => {
    const found = subjects(withObjects(pod('w-1', ownedBy('Workflow', 'w', 'argoproj.io/v1alpha1'))))
    expect(found.map(({ object, owner, templatePath }) => [object.kind, owner, templatePath])).toEqual([
      ['Workflow', undefined, []],
    ])
  })

  it('leaves a lone Pod and a mirror Pod to themselves', () => {
    expect(titles(pod('lone'), pod('etcd-node-1', ownedBy('Node', 'node-1', 'v1')))).toEqual([
      'Pod/etcd-node-1 1',
      'Pod/lone 1',
    ])
  })

  it('lists the newest Pod first, and tells live ones from finished ones', () => {
    const at = (name: string, creationTimestamp: string): JsonObject =>
      pod(name, { ...ownedBy('Job', 'j', 'batch/v1'), creationTimestamp })
    const done = { ...at('j-1', '2026-01-01T00:00:00Z'), status: { phase: 'Succeeded' } }
    const [job] = subjects(withObjects(done, at('j-2', '2026-01-02T00:00:00Z')))
    expect(job?.pods.map((one) => (one.metadata as JsonObject).name)).toEqual(['j-2', 'j-1'])
    expect(job && livePods(job)).toHaveLength(1)
  })
})
