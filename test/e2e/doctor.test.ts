/** Each failure of the mission's list is really produced in the local cluster; the doctor finds it and repairs it. */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { AVAILABILITY } from './doctor/availability.ts'
import { itFinds } from './doctor/case.ts'
import { CERTIFICATES } from './doctor/certificates.ts'
import { ISTIOD, rootCertificate } from './doctor/control-plane.ts'
import { itLooksAtTheExamples } from './doctor/examples.ts'
import { LABELS } from './doctor/labels.ts'
import { endThose, INJECTOR } from './doctor/objects.ts'
import { itTellsOfPods } from './doctor/pods.ts'
import { POLICY } from './doctor/policy.ts'
import { itFindsProxies } from './doctor/proxy.ts'
import { REACHABILITY } from './doctor/reachability.ts'
import { type Stage, startStage } from './doctor/stage.ts'
import { WEBHOOKS } from './doctor/webhooks.ts'
import { itLooksAtTheWhole } from './doctor/whole.ts'
import type { Local } from './harness/local.ts'

let stage: Stage | undefined
const here = (): Stage => {
  if (stage === undefined) throw new Error('the cluster is not there yet')
  return stage
}

beforeAll(async () => {
  stage = await startStage()
  const { cluster } = stage
  const { stderr, code } = await cluster.proa('install', '--failure-policy', 'Fail')
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  await cluster.client.create(ISTIOD)
  await asksOften(cluster)
  await cluster.client.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'well', labels: { 'istio-injection': 'enabled' } },
  })
  await cluster.client.create(rootCertificate('well'))
})
afterAll(() => stage?.cluster.stop())

/** Injectors are known to be ready soon, so that cases need not wait for the next time that the kubelet asks. */
async function asksOften({ client, injectors, runInjectors }: Local): Promise<void> {
  const container = { name: 'injector', readinessProbe: { periodSeconds: 1 } }
  const spec = {
    strategy: { type: 'Recreate', rollingUpdate: null },
    template: { spec: { containers: [container] } },
  }
  const before = injectors()
  await client.patch(INJECTOR, { type: 'strategic', body: { spec } })
  await endThose(client, before)
  await runInjectors(2)
}

describe('a healthy cluster', () => {
  itLooksAtTheWhole(here)
  itLooksAtTheExamples()
})

describe('Pods', () => {
  itTellsOfPods(here)
})

describe('labels', () => {
  for (const one of LABELS) itFinds(here, one)
})

describe('the configuration of the injector', () => {
  for (const one of POLICY) itFinds(here, one)
})

describe('the way to the injector', () => {
  for (const one of REACHABILITY) itFinds(here, one)
})

describe('webhooks', () => {
  for (const one of WEBHOOKS) itFinds(here, one)
})

describe('certificates', () => {
  for (const one of CERTIFICATES) itFinds(here, one)
})

describe('no injector answers', () => {
  for (const one of AVAILABILITY) itFinds(here, one)
})

describe('an API server behind a proxy', () => {
  itFindsProxies()
})
