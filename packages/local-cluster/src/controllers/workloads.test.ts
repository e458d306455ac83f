import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  container,
  deployment,
  nameOf,
  read,
  startTestCluster,
  type TestCluster,
  template,
  withSpec,
} from '../../testing/cluster.ts'
import { textAt, withMetadata } from './fields.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await startTestCluster()
})
afterEach(async () => {
  await cluster.stop()
})

const replicaSets = () =>
  cluster.api.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, 'default').map((set) => ({
    revision: read(set, 'metadata.annotations')?.['deployment.kubernetes.io/revision' as never],
    replicas: read(set, 'spec.replicas'),
    image: read(set, 'spec.template.spec.containers.0.image'),
  }))
const image = (name: string) => (object: import('@proa/kube').JsonObject) =>
  withSpec(object, { template: template('web', { containers: [container('web', { image: name })] }) })

describe('a Deployment', () => {
  it('makes a ReplicaSet, which makes Pods, which come to run', async () => {
    await cluster.put(deployment('web'))
    const pods = cluster.pods({ app: 'web' })
    expect(pods.map((pod) => read(pod, 'status.phase'))).toEqual(['Running', 'Running', 'Running'])
    expect(nameOf(pods[0] ?? {})).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    const status = read(cluster.get('apps/v1/Deployment/web'), 'status')
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    })
    expect(read(status, 'conditions.Available.reason')).toBe('MinimumReplicasAvailable')
    expect(read(status, 'conditions.Progressing.reason')).toBe('NewReplicaSetAvailable')
    expect(cluster.eventsOf('Deployment')[0]).toMatch(
      /^Normal ScalingReplicaSet: Scaled up replica set web-\w+ from 0 to 3$/,
    )
  })

  it('rolls over to a new template, and back to an old one under a new number', async () => {
    await cluster.put(deployment('web'))
    await cluster.change('apps/v1/Deployment/web', image('web:2'))
    expect(replicaSets()).toEqual(
      expect.arrayContaining([
        { revision: '1', replicas: 0, image: 'web:1' },
        { revision: '2', replicas: 3, image: 'web:2' },
      ]),
    )
    await cluster.change('apps/v1/Deployment/web', image('web:1'))
    expect(replicaSets()).toEqual(
      expect.arrayContaining([
        { revision: '3', replicas: 3, image: 'web:1' },
        { revision: '2', replicas: 0, image: 'web:2' },
      ]),
    )
    expect(cluster.pods().map((pod) => read(pod, 'spec.containers.0.image'))).toEqual(['web:1', 'web:1', 'web:1'])
  })

  it('of type Recreate never has Pods of two templates', async () => {
    const images = new Set<string>()
    let mixed = false
    cluster.api.onChange(() => {
      images.clear()
      for (const pod of cluster.pods()) images.add(String(read(pod, 'spec.containers.0.image')))
      mixed ||= images.size > 1
    })
    await cluster.put(deployment('web', { strategy: { type: 'Recreate' } }))
    await cluster.change('apps/v1/Deployment/web', image('web:2'))
    expect(mixed).toBe(false)
    expect(cluster.pods().map((pod) => read(pod, 'spec.containers.0.image'))).toEqual(['web:2', 'web:2', 'web:2'])
  })

  it('that is paused is scaled but not rolled over', async () => {
    await cluster.put(deployment('web'))
    await cluster.change('apps/v1/Deployment/web', (object) =>
      withSpec(image('web:2')(object), { paused: true, replicas: 5 }),
    )
    expect(cluster.pods().map((pod) => read(pod, 'spec.containers.0.image'))).toEqual(Array(5).fill('web:1'))
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.conditions.Progressing.reason')).toBe('DeploymentPaused')
    await cluster.change('apps/v1/Deployment/web', (object) => withSpec(object, { paused: false }))
    expect(cluster.pods().map((pod) => read(pod, 'spec.containers.0.image'))).toEqual(Array(5).fill('web:2'))
  })

  it('keeps as many old ReplicaSets as its history limit says', async () => {
    await cluster.put(deployment('web', { revisionHistoryLimit: 1 }))
    for (const name of ['web:2', 'web:3', 'web:4']) await cluster.change('apps/v1/Deployment/web', image(name))
    expect(
      replicaSets()
        .map((set) => set.image)
        .sort(),
    ).toEqual(['web:3', 'web:4'])
  })

  it('says so when it does not come forward in time', async () => {
    const gated = template('web', { readinessGates: [{ conditionType: 'example.com/never' }] })
    await cluster.put(deployment('web', { template: gated, progressDeadlineSeconds: 60 }))
    await cluster.pass(59)
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.conditions.Progressing.reason')).toBe(
      'ReplicaSetUpdated',
    )
    await cluster.pass(10)
    const progressing = read(cluster.get('apps/v1/Deployment/web'), 'status.conditions.Progressing')
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
  })

  it('counts a Pod as available only after minReadySeconds', async () => {
    await cluster.put(deployment('web', { minReadySeconds: 30 }))
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.availableReplicas')).toBeUndefined()
    await cluster.pass(31)
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.availableReplicas')).toBe(3)
  })
})

const HOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'hook' },
  webhooks: [
    {
      name: 'x.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      timeoutSeconds: 2,
      clientConfig: { service: { name: 'none', namespace: 'default' } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
}
const REFUSED =
  'Internal error occurred: failed calling webhook "x.example.com": failed to call webhook: Post "https://none.default.svc:443/?timeout=2s": service "none" not found'

describe('what admission refuses', () => {
  it('is told in Events and conditions with the words of the API server, and appears by itself once it is mended', async () => {
    await cluster.put(HOOK, deployment('web'))
    expect(cluster.pods()).toEqual([])
    expect(cluster.eventsOf('ReplicaSet')).toEqual([`Warning FailedCreate: Error creating: ${REFUSED}`])
    const [set] = cluster.api.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, 'default')
    const failure = { status: 'True', reason: 'FailedCreate', message: REFUSED }
    expect(read(set, 'status.conditions.ReplicaFailure')).toMatchObject(failure)
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.conditions.ReplicaFailure')).toMatchObject(failure)
    await cluster.pass(1)
    const [event] = cluster.api
      .list({ apiVersion: 'v1', kind: 'Event' }, 'default')
      .filter((each) => each.reason === 'FailedCreate')
    expect(event?.count).toBeGreaterThan(1)
    expect(event).toMatchObject({
      reportingComponent: 'replicaset-controller',
      source: { component: 'replicaset-controller' },
    })

    await cluster.api.delete({ apiVersion: HOOK.apiVersion, kind: HOOK.kind, name: 'hook', namespace: '' })
    await cluster.quiet()
    expect(cluster.pods()).toHaveLength(3)
    expect(read(cluster.get('apps/v1/Deployment/web'), 'status.conditions.ReplicaFailure')).toBeUndefined()
  })

  it('is told of each kind of workload in its own words', async () => {
    const selector = { matchLabels: { app: 'x' } }
    await cluster.put(
      HOOK,
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: { serviceName: 'db', selector, template: template('x') },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent' },
        spec: { selector, template: template('x') },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once' },
        spec: { template: template('j', { restartPolicy: 'Never' }) },
      },
    )
    expect(cluster.eventsOf('StatefulSet')).toEqual([
      `Warning FailedCreate: Create Pod db-0 in StatefulSet db failed error: ${REFUSED}`,
    ])
    expect(cluster.eventsOf('DaemonSet')).toEqual([`Warning FailedCreate: Error creating: ${REFUSED}`])
    expect(cluster.eventsOf('Job')).toEqual([`Warning FailedCreate: Error creating: ${REFUSED}`])
  })
})

describe('a ReplicaSet', () => {
  const set = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('web') },
  })

  it('adopts Pods that match, and lets go those that match no longer', async () => {
    await cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stray', labels: { app: 'web' } },
      spec: { containers: [container('web')] },
    })
    await cluster.put(set(2))
    expect(cluster.pods({ app: 'web' })).toHaveLength(2)
    expect(read(cluster.get('v1/Pod/stray'), 'metadata.ownerReferences.web')).toMatchObject({
      controller: true,
      blockOwnerDeletion: true,
    })
    await cluster.change('v1/Pod/stray', (pod) => ({
      ...pod,
      metadata: { ...(pod.metadata as object), labels: { app: 'free' } },
    }))
    expect(read(cluster.get('v1/Pod/stray'), 'metadata.ownerReferences')).toBeUndefined()
    expect(cluster.pods({ app: 'web' })).toHaveLength(2)
  })

  it('comes to its number of Pods, whatever happens (law)', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('scale' as const), value: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('delete' as const), value: fc.nat(5) }),
      fc.record({ kind: fc.constant('stray' as const), value: fc.nat(5) }),
    )
    await cluster.put(set(0))
    let serial = 0
    const run = async (steps: readonly { kind: 'scale' | 'delete' | 'stray'; value: number }[]) => {
      for (const { kind, value } of steps) {
        if (kind === 'scale') {
          const current = cluster.get('apps/v1/ReplicaSet/web')
          if (current !== undefined) {
            const { resourceVersion: _any, ...metadata } = current.metadata as Record<string, never>
            await cluster.api.update(withSpec({ ...current, metadata }, { replicas: value }))
          }
        } else if (kind === 'delete') {
          const pod = cluster.pods({ app: 'web' })[value]
          if (pod !== undefined) {
            await cluster.api
              .delete(
                { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), namespace: 'default' },
                { gracePeriodSeconds: 0 },
              )
              .catch(() => {})
          }
        } else {
          serial += 1
          const metadata = { name: `stray-${serial}`, namespace: 'default', labels: { app: 'web' } }
          await cluster.api.create({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata,
            spec: { containers: [container('web')] },
          })
        }
      }
      await cluster.quiet()
      const wanted = read(cluster.get('apps/v1/ReplicaSet/web'), 'spec.replicas')
      expect(cluster.pods({ app: 'web' })).toHaveLength(Number(wanted))
      expect(read(cluster.get('apps/v1/ReplicaSet/web'), 'status.readyReplicas') ?? 0).toBe(wanted)
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), run), { seed: 3, numRuns: 25 })
  })
})

describe('other workloads', () => {
  const selector = (app: string) => ({ matchLabels: { app } })

  it('StatefulSet: names with numbers, from the first up, from the last down', async () => {
    const order: string[] = []
    cluster.api.onChange(({ type, object }) => {
      if (object.kind === 'Pod' && type !== 'MODIFIED') order.push(`${type === 'ADDED' ? '+' : '-'}${nameOf(object)}`)
    })
    const spec = { replicas: 3, serviceName: 'db', selector: selector('db'), template: template('db') }
    await cluster.put({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec })
    await cluster.change('apps/v1/StatefulSet/db', (set) => withSpec(set, { replicas: 1 }))
    expect(order).toEqual(['+db-0', '+db-1', '+db-2', '-db-2', '-db-1'])
    const pod = cluster.get('v1/Pod/db-0')
    expect(read(pod, 'metadata.labels')).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'apps.kubernetes.io/pod-index': '0',
    })
    expect(read(pod, 'spec')).toMatchObject({ hostname: 'db-0', subdomain: 'db' })
    await cluster.change('apps/v1/StatefulSet/db', (set) =>
      withSpec(set, { template: template('db', { containers: [container('db', { image: 'db:2' })] }) }),
    )
    expect(read(cluster.get('v1/Pod/db-0'), 'spec.containers.0.image')).toBe('db:2')
    const status = read(cluster.get('apps/v1/StatefulSet/db'), 'status')
    expect(read(status, 'currentRevision')).toBe(read(status, 'updateRevision'))
  })

  it('DaemonSet: one Pod on each Node that fits', async () => {
    await cluster.put({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: { selector: selector('agent'), template: template('agent') },
    })
    expect(cluster.pods({ app: 'agent' }).map((pod) => read(pod, 'spec.nodeName'))).toEqual(['local'])
    expect(read(cluster.get('apps/v1/DaemonSet/agent'), 'status')).toMatchObject({
      desiredNumberScheduled: 1,
      numberReady: 1,
      numberAvailable: 1,
      updatedNumberScheduled: 1,
    })
  })

  it('DaemonSet: its template is counted, as a real API server counts it', async () => {
    await cluster.put({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: { selector: selector('agent'), template: template('agent') },
    })
    const generation = () =>
      textAt(
        cluster.get('apps/v1/DaemonSet/agent'),
        'metadata',
        'annotations',
        'deprecated.daemonset.template.generation',
      )
    expect(generation()).toBe('1')
    // Whatever else changes is not counted, and nobody takes the number away.
    await cluster.change('apps/v1/DaemonSet/agent', (set) => withMetadata(set, { annotations: { team: 'x' } }))
    expect(generation()).toBe('1')
    await cluster.change('apps/v1/DaemonSet/agent', (set) =>
      withSpec(set, { template: template('agent', { hostNetwork: true }) }),
    )
    expect(generation()).toBe('2')
    expect(read(cluster.pods({ app: 'agent' })[0], 'metadata.labels.pod-template-generation')).toBe('2')
  })

  it('Job: as many Pods as completions, with the labels of a Job', async () => {
    const spec = {
      completions: 3,
      parallelism: 2,
      template: template('j', { restartPolicy: 'Never' }),
      ttlSecondsAfterFinished: 100,
    }
    await cluster.put({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec })
    const pods = cluster.pods({ app: 'j' })
    expect(pods.map((pod) => read(pod, 'status.phase'))).toEqual(['Succeeded', 'Succeeded', 'Succeeded'])
    expect(read(pods[0], 'metadata.labels')).toMatchObject({
      'batch.kubernetes.io/job-name': 'once',
      'job-name': 'once',
    })
    expect(pods.map((pod) => read(pod, 'metadata.finalizers'))).toEqual([undefined, undefined, undefined])
    const status = read(cluster.get('batch/v1/Job/once'), 'status')
    expect(status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} })
    expect(read(status, 'conditions.Complete')).toMatchObject({ status: 'True', reason: 'CompletionsReached' })
    expect(cluster.eventsOf('Job').at(-1)).toBe('Normal Completed: Job completed')
    await cluster.pass(101)
    expect(cluster.get('batch/v1/Job/once')).toBeUndefined()
    expect(cluster.pods({ app: 'j' })).toEqual([])
  })

  it('indexed Job: each Pod has a number', async () => {
    const spec = {
      completions: 4,
      parallelism: 4,
      completionMode: 'Indexed',
      template: template('j', { restartPolicy: 'Never' }),
    }
    await cluster.put({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'each' }, spec })
    expect(
      cluster
        .pods()
        .map(nameOf)
        .sort()
        .map((name) => name.slice(0, -6)),
    ).toEqual(['each-0', 'each-1', 'each-2', 'each-3'])
    expect(read(cluster.get('batch/v1/Job/each'), 'status.completedIndexes')).toBe('0-3')
  })

  it('CronJob: a Job at each of its times, named after the minute; old ones go', async () => {
    const jobTemplate = { spec: { template: template('tick', { restartPolicy: 'OnFailure' }) } }
    await cluster.put({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: { schedule: '*/1 * * * *', jobTemplate },
    })
    const minute = Math.floor(cluster.clock.now().getTime() / 60_000)
    for (let step = 0; step < 5; step += 1) await cluster.pass(60)
    const jobs = cluster.api.list({ apiVersion: 'batch/v1', kind: 'Job' }, 'default').map(nameOf).sort()
    expect(jobs).toEqual([3, 4, 5].map((passed) => `tick-${minute + passed}`))
    await cluster.change('batch/v1/CronJob/tick', (cron) => withSpec(cron, { suspend: true }))
    await cluster.pass(300)
    expect(cluster.api.list({ apiVersion: 'batch/v1', kind: 'Job' }, 'default').map(nameOf).sort()).toEqual(jobs)
  })
})
