import { getServers } from 'node:dns'
import { readFileSync } from 'node:fs'
import type { JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority } from '../../../testing/admission/certificates.ts'
import {
  creation,
  namespace,
  objectsOf,
  resourceType,
  service,
  webhookConfiguration,
} from '../../../testing/admission/cluster.ts'
import { type Built, FAILURES, SERVICE } from '../../../testing/admission/failures.ts'
import { ApiError } from '../../api/status.ts'
import { createNetwork } from '../../network/network.ts'
import { createAdmission } from '../admission.ts'

interface Recorded {
  readonly code: number
  readonly reason?: string
  readonly message?: string
  readonly details?: JsonObject
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../testing/admission/recorded.json', import.meta.url), 'utf8'),
) as Record<string, Recorded>

/** What comes of these is decided after admission: when the patched object is read and checked. */
const DECIDED_LATER = new Set([
  'answered with a patch that makes a wrong type',
  'answered with a patch that makes a number where text belongs',
  'answered with a patch that makes an invalid object',
  'answered with a patch that changes the kind',
  'answered with a patch that changes the name',
  'answered with a patch that changes the namespace',
])

const NAMESPACE = 'tests'
const HOST = '127.0.0.1'

function objectsFor(built: Built, ca: Authority): readonly JsonObject[] {
  const port = built.server?.port ?? 9443
  const caBundle = built.caBundle ?? Buffer.from(ca.pem).toString('base64')
  const target =
    built.url === undefined ? { service: { name: SERVICE, namespace: NAMESPACE, path: '/inject' } } : { url: built.url }
  const clientConfig = { ...target, ...(built.webhook?.clientConfig as JsonObject | undefined), caBundle }
  const webhook = {
    name: 'hook.proa.test',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
    ...built.webhook,
    clientConfig,
  }
  const endpoints = built.endpoints ?? [{ addresses: [HOST] }]
  return [
    namespace(NAMESPACE),
    webhookConfiguration('failing', [webhook]),
    ...(built.service === null
      ? []
      : service(SERVICE, {
          namespace: NAMESPACE,
          endpoints,
          port,
          ...(built.service === undefined ? {} : { spec: built.service }),
        })),
  ]
}

/** The parts of a text that differ from run to run. */
function general(text: string, port: number): string {
  return text
    .replaceAll(`:${port}`, ':{port}')
    .replaceAll(HOST, '{host}')
    .replace(/current time [\dT:Z-]+/g, 'current time {now}')
    .replace(/read tcp [^ ]+->/g, 'read tcp {local}->')
    .replace(new RegExp(` on ${getServers()[0] ?? '-'}:53`, 'g'), '{on}')
    .replaceAll(`.${NAMESPACE}.svc`, '.{namespace}.svc')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}/g, '{uid}')
}

describe('a webhook that fails is reported in the words of a real API server', () => {
  let ca: Authority
  const stop = new AbortController()
  beforeAll(async () => {
    ca = await authority('proa test authority')
  })
  afterAll(() => stop.abort())

  for (const failure of FAILURES.filter(({ name }) => !DECIDED_LATER.has(name))) {
    it(failure.name, async () => {
      const built = await failure.build({ namespace: NAMESPACE, host: HOST, ca })
      const objects = objectsOf(...objectsFor(built, ca))
      const admission = createAdmission({ objects, network: createNetwork(), signal: stop.signal })
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'object', namespace: NAMESPACE, finalizers: ['x.y/z'] },
        data: { list: 'a' },
      }
      try {
        const answer = await admission(creation(resourceType('ConfigMap'), object, { dryRun: true })).then(
          () => ({ code: 201 }),
          (error: unknown) => {
            if (!(error instanceof ApiError)) throw error
            const { code, reason, message, details } = error
            return {
              code,
              ...(reason === '' ? {} : { reason }),
              message,
              ...(details === undefined ? {} : { details }),
            }
          },
        )
        const shown = JSON.parse(general(JSON.stringify(answer), built.server?.port ?? 9443)) as Recorded
        expect(shown).toEqual(recorded[failure.name])
      } finally {
        await built.server?.close()
      }
    })
  }
})
