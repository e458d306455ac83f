import { describe, expect, it } from 'vitest'
import { apiGroup, findPodTemplate, isList, listItems, refersToWorkload, workloadKind } from './workloads.ts'

const template = ['spec', 'template']

describe('workloadKind', () => {
  it.each([
    ['v1', 'Pod', []],
    ['v1', 'ReplicationController', template],
    ['apps/v1', 'Deployment', template],
    ['extensions/v1beta1', 'Deployment', template],
    ['apps/v1', 'DaemonSet', template],
    ['apps/v1', 'ReplicaSet', template],
    ['apps/v1', 'StatefulSet', template],
    ['batch/v1', 'Job', template],
    ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
    ['apps.openshift.io/v1', 'DeploymentConfig', template],
    ['v1', 'PodTemplate', ['template']],
    ['argoproj.io/v1alpha1', 'Rollout', template],
    ['serving.knative.dev/v1', 'Service', template],
    ['serving.knative.dev/v1', 'Configuration', template],
    ['serving.knative.dev/v1', 'Revision', []],
    ['v1', 'Service', undefined],
    ['v1', 'ConfigMap', undefined],
    ['example.com/v1', 'Rollout', undefined],
    ['v1', 'constructor', undefined],
  ])('%s %s', (apiVersion, kind, path) => {
    expect(workloadKind({ apiVersion, kind })?.template).toEqual(path)
  })

  it("takes Istio's kinds in any group, as kube-inject does", () => {
    for (const kind of ['Pod', 'Deployment', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob', 'DeploymentConfig']) {
      expect(workloadKind({ apiVersion: 'made.up/v9', kind })).toBeDefined()
    }
  })

  it("takes the user's own kinds first", () => {
    const extra = [
      { kind: 'Tenant', group: 'minio.min.io', path: ['spec', 'podTemplate'] },
      { kind: 'Job', group: 'batch.volcano.sh', path: ['spec', 'tasks'] },
    ]
    expect(workloadKind({ apiVersion: 'minio.min.io/v2', kind: 'Tenant' }, extra)?.template).toEqual([
      'spec',
      'podTemplate',
    ])
    expect(workloadKind({ apiVersion: 'other/v2', kind: 'Tenant' }, extra)?.template).toBeUndefined()
    expect(workloadKind({ apiVersion: 'batch.volcano.sh/v1', kind: 'Job' }, extra)?.template).toEqual(['spec', 'tasks'])
    expect(workloadKind({ apiVersion: 'batch/v1', kind: 'Job' }, extra)?.template).toEqual(template)
  })

  it('knows nothing about what is no object', () => {
    for (const value of [null, 'Pod', [], {}, { kind: 1 }]) expect(workloadKind(value)?.template).toBeUndefined()
  })
})

describe('findPodTemplate', () => {
  it('finds what stands there, and the metadata that kube-inject reads', () => {
    const pod = { metadata: {}, spec: { containers: [] } }
    const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: { spec: { template: pod } } } }
    const found = findPodTemplate(cronJob)
    expect(found?.template).toBe(pod)
    expect(found?.metadataPath).toEqual(['spec', 'jobTemplate'])
    expect(findPodTemplate({ kind: 'Deployment', spec: { template: pod } })?.metadataPath).toEqual(template)
  })

  it('finds nothing where the template is left out', () => {
    expect(findPodTemplate({ kind: 'Deployment', spec: {} })).toBeUndefined()
    expect(findPodTemplate({ kind: 'Deployment', spec: { template: null } })).toBeUndefined()
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { workloadRef: { name: 'x' } } }
    expect(findPodTemplate(rollout)).toBeUndefined()
    const kind = workloadKind(rollout)
    if (kind === undefined) throw new Error('a Rollout is a workload')
    expect(refersToWorkload(rollout, kind)).toBe(true)
    expect(refersToWorkload({ ...rollout, spec: { ...rollout.spec, template: {} } }, kind)).toBe(false)
    expect(refersToWorkload({ ...rollout, spec: {} }, kind)).toBe(false)
  })
})

describe('lists', () => {
  it('are told by their kind', () => {
    expect(isList({ kind: 'List', items: [] })).toBe(true)
    expect(isList({ kind: 'Pod' })).toBe(false)
    expect(listItems({ kind: 'List', items: [1] })).toEqual([1])
    expect(listItems({ kind: 'List' })).toEqual([])
  })
})

describe('apiGroup', () => {
  it('is the part before the slash', () => {
    expect(apiGroup('apps/v1')).toBe('apps')
    expect(apiGroup('v1')).toBe('')
    expect(apiGroup(undefined)).toBe('')
  })
})
