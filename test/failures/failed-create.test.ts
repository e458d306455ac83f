/** Where people see first that a webhook fails: the Events of the controllers whose Pods are refused. */
import type { JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority } from '../../packages/local-cluster/testing/admission/certificates.ts'
import { untilAll } from '../e2e/harness/until.ts'
import { HOOK_NAME, type Hook, hookIn, SERVICE } from './support/hook.ts'
import { type Injector, startInjector } from './support/injector.ts'
import { machineAddress, RUN, TARGETS, type Target } from './support/target.ts'

const host = machineAddress()
const namespace = `events-${RUN}`
const WORDS =
  `Internal error occurred: failed calling webhook "${HOOK_NAME}": failed to call webhook: ` +
  `Post "https://${SERVICE}.${namespace}.svc:443/inject?timeout=10s": no endpoints available for service "${SERVICE}"`

const template = (more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: 'web', 'sidecar.istio.io/inject': 'true' } },
  spec: { containers: [{ name: 'app', image: 'example.com/app' }], ...more },
})
const selector = { matchLabels: { app: 'web' } }

const WORKLOADS = [
  {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1, selector, template: template() } },
    says: `Error creating: ${WORDS}`,
  },
  {
    object: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      spec: { replicas: 1, serviceName: 'web', selector, template: template() },
    },
    says: `Create Pod statefulset-0 in StatefulSet statefulset failed error: ${WORDS}`,
  },
  {
    object: { apiVersion: 'batch/v1', kind: 'Job', spec: { template: template({ restartPolicy: 'Never' }) } },
    says: `Error creating: ${WORDS}`,
  },
] as const

describe.each(TARGETS)('FailedCreate, on $name', ({ open }) => {
  let target: Target
  let ca: Authority
  let injector: Injector
  let hook: Hook
  beforeAll(async () => {
    ca = await authority('proa test authority')
    injector = await startInjector(ca, [`${SERVICE}.${namespace}.svc`])
    target = await open()
    hook = hookIn(target.client, namespace, host)
    await hook.create({ caBundle: Buffer.from(ca.pem).toString('base64'), port: injector.port, endpoints: [] })
    await hook.until((outcome) => outcome.kind === 'refused' && outcome.message === WORDS)
  })
  afterAll(async () => {
    await hook.remove()
    await target.close()
    await injector.kill()
  })

  it.each(WORKLOADS)('of a $object.kind', async ({ object, says }) => {
    const name = object.kind.toLowerCase()
    await target.client.create({ ...object, metadata: { name, namespace } })
    const events = { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=FailedCreate' }
    const isOurs = ({ involvedObject, message }: JsonObject) =>
      String((involvedObject as JsonObject).name).startsWith(name) && message === says
    await untilAll(target.client, events, `an Event of ${name}`, (found) => found.some(isOurs))
  })

  it('and their Pods come, injected, when the endpoints are back', async () => {
    await hook.lead({ host, port: injector.port })
    const pods = { apiVersion: 'v1', kind: 'Pod', namespace }
    const found = await untilAll(target.client, pods, 'three Pods', (all) => all.length === WORKLOADS.length)
    const injected = found.filter(({ metadata }) => {
      const { annotations = {} } = metadata as { annotations?: Record<string, string> }
      return annotations['sidecar.istio.io/status'] !== undefined
    })
    expect(injected).toHaveLength(WORKLOADS.length)
  })
})
