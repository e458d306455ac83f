import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { type Owner, ownerOf } from './owner.ts'

const CURRENT = 31

function podOf(controller: JsonObject, labels: JsonObject = {}): JsonObject {
  return { metadata: { generateName: 'made-', labels, ownerReferences: [{ controller: true, ...controller }] } }
}

function replicaSet(name: string, labels: JsonObject): JsonObject {
  return podOf({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name }, labels)
}

function job(name: string): JsonObject {
  return podOf({ apiVersion: 'batch/v1', kind: 'Job', name })
}

function workload(pod: JsonObject, minor = CURRENT): string {
  const { apiVersion, kind, name }: Owner = ownerOf(pod, 'shop', minor)
  return `${apiVersion} ${kind} ${name}`
}

describe('the workload that a Pod belongs to', () => {
  it.each([
    [
      'a ReplicaSet with the hash of a Deployment',
      replicaSet('cart-6d4', { 'pod-template-hash': '6d4' }),
      'apps/v1 Deployment cart',
    ],
    ['a ReplicaSet of its own', replicaSet('cart', {}), 'apps/v1 ReplicaSet cart'],
    [
      'a ReplicaSet with another hash',
      replicaSet('cart-6d4', { 'pod-template-hash': '999' }),
      'apps/v1 ReplicaSet cart-6d4',
    ],
    [
      'a ReplicaSet with the hash of a Rollout',
      replicaSet('cart-77', { 'rollouts-pod-template-hash': '77' }),
      'v1alpha1 Rollout cart',
    ],
    ['a Job that a CronJob started', job('nightly-27800000'), 'batch/v1 CronJob nightly'],
    ['a Job with a longer number', job('nightly-16680000000'), 'batch/v1 Job nightly-16680000000'],
    ['a Job with a shorter number', job('nightly-1234567'), 'batch/v1 Job nightly-1234567'],
    [
      'a ReplicationController of a DeploymentConfig',
      podOf({ apiVersion: 'v1', kind: 'ReplicationController', name: 'cart-3' }, { deploymentconfig: 'cart' }),
      'v1 DeploymentConfig cart',
    ],
    [
      'a controller of another kind',
      podOf({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' }),
      'apps/v1 StatefulSet db',
    ],
  ])('%s', (_, pod, expected) => {
    expect(workload(pod)).toBe(expected)
  })

  it.each([
    [
      'Rollouts since 1.22',
      replicaSet('cart-77', { 'rollouts-pod-template-hash': '77' }),
      21,
      'apps/v1 ReplicaSet cart-77',
    ],
    ['a CronJob was batch/v1beta1 until 1.21', job('nightly-27800000'), 21, 'batch/v1beta1 CronJob nightly'],
    ['a CronJob had a number of ten digits until 1.9', job('nightly-27800000'), 9, 'batch/v1 Job nightly-27800000'],
    [
      'DeploymentConfigs since 1.12',
      podOf({ apiVersion: 'v1', kind: 'ReplicationController', name: 'cart-3' }, { deploymentconfig: 'cart' }),
      11,
      'v1 ReplicationController cart-3',
    ],
  ])('by release: %s', (_, pod, minor, expected) => {
    expect(workload(pod, minor)).toBe(expected)
  })

  it('is the Pod itself where no controller made it', () => {
    const controller = { controller: true, apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart' }
    expect(workload({ metadata: { name: 'alone' } })).toBe('v1 Pod alone')
    expect(workload({ metadata: { name: 'named', ownerReferences: [controller] } })).toBe('v1 Pod named')
    expect(
      workload({ metadata: { generateName: 'x-', ownerReferences: [{ ...controller, controller: false }] } }),
    ).toBe('v1 Pod ')
    expect(workload({})).toBe('v1 Pod ')
  })

  it('is the first controller of several, in the namespace of the Pod', () => {
    const pod = {
      metadata: {
        generateName: 'x-',
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: 'node' },
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'logs', controller: true },
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'other', controller: true },
        ],
      },
    }
    expect(ownerOf(pod, 'shop', CURRENT)).toMatchObject({ kind: 'DaemonSet', name: 'logs', namespace: 'shop' })
  })
})
