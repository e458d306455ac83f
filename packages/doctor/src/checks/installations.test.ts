import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type JsonObject } from '@proa/kube'
import { type InstallationOptions, installationManifests } from '@proa/manifests'
import { describe, expect, it } from 'vitest'
import { outcomeText } from '../../testing/finding-text.ts'
import { FIXTURES, HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { certificateTable } from '../certificates/table.ts'
import { clusterOf } from '../cluster/cluster.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { CERTIFICATE_CHECKS } from './certificates/index.ts'
import { POLICY_CHECKS } from './policy/index.ts'

// What proa itself installs has to pass the doctor's checks of certificates and policy: here it is put beside healthy.yaml.

const pem = (name: string): string => readFileSync(join(FIXTURES, 'certificates', `${name}.pem`), 'utf8')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const encodedRoot = base64(pem('proa-root'))

/** As it is once the injector runs: it has written its bundle and its Secret. */
function running(object: JsonObject): JsonObject {
  if (object.kind === 'MutatingWebhookConfiguration') {
    const webhooks = (object.webhooks as JsonObject[]).map((entry) => ({
      ...entry,
      clientConfig: { ...(entry.clientConfig as JsonObject), caBundle: encodedRoot },
    }))
    return { ...object, webhooks }
  }
  if (object.kind === 'Secret')
    return { ...object, data: { 'ca.crt': encodedRoot, 'tls.crt': base64(pem('proa-leaf')) } }
  return object
}

function podsOf(deployment: JsonObject): JsonObject[] {
  const { metadata, spec } = deployment as { metadata: { name: string; namespace: string }; spec: JsonObject }
  const template = spec.template as { metadata: { labels: JsonObject }; spec: JsonObject }
  return ['node-1', 'node-2'].map((node) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${metadata.name}-6c7d-${node}`,
      namespace: metadata.namespace,
      labels: { ...template.metadata.labels, 'pod-template-hash': '6c7d' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${metadata.name}-6c7d`, uid: 'x', controller: true },
      ],
    },
    spec: { ...template.spec, nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }))
}

/** In the place of Istio's control plane. */
function installed(options: InstallationOptions): Snapshot {
  const healthy = loadFixture(HEALTHY)
  const isIstio = ({ kind, metadata }: JsonObject): boolean =>
    kind === 'MutatingWebhookConfiguration' ||
    (isObject(metadata) && metadata.namespace === 'istio-system' && kind !== 'ConfigMap')
  const manifests = installationManifests(options).map(running)
  const deployment = manifests.find(({ kind }) => kind === 'Deployment')
  const others = healthy.objects.filter((object) => !isIstio(object))
  const known = new Set(others.map(({ kind, metadata }) => `${kind} ${(metadata as JsonObject).name}`))
  const added = manifests.filter(({ kind, metadata }) => !known.has(`${kind} ${(metadata as JsonObject).name}`))
  return {
    ...healthy,
    objects: [...others, ...added, ...(deployment === undefined ? [] : podsOf(deployment))],
    probes: [
      {
        kind: 'served-certificate',
        service: { namespace: 'istio-system', name: 'proa-injector', port: 443 },
        outcome: { kind: 'served', chain: pem('proa-leaf'), verifiedBy: [] },
      },
    ],
  }
}

const INSTALLATIONS: readonly (readonly [string, InstallationOptions])[] = [
  ['alone, with all defaults', {}],
  ['alone, failing open behind its guard', { failurePolicy: 'Ignore', guard: { actions: ['Deny'] } }],
  ['injecting unlabelled namespaces', { injectUnlabelledNamespaces: true }],
]

describe.each(INSTALLATIONS)('an installation of proa %s', (_, options) => {
  const snapshot = installed(options)
  it.each([...CERTIFICATE_CHECKS, ...POLICY_CHECKS].map((check) => [check.id, check] as const))(
    'gives %s nothing to act on',
    (_id, check) => {
      const found = check.run(clusterOf(snapshot)).filter((one) => one.outcome === 'not-evaluated' || !one.routine)
      expect(found.map(outcomeText)).toEqual([])
    },
  )
})

it('an installation that fails open has a guard for its revision and for each of its tags', () => {
  const options = { tags: ['prod'], failurePolicy: 'Ignore', guard: { actions: ['Audit'] } } as const
  const INJ252 = POLICY_CHECKS.find(({ id }) => id === 'INJ252')
  const snapshot = installed(options)
  expect(INJ252?.run(clusterOf(snapshot))).toEqual([])
  const withoutGuard = {
    ...snapshot,
    objects: snapshot.objects.filter(({ kind }) => !`${kind}`.startsWith('Validating')),
  }
  expect(INJ252?.run(clusterOf(withoutGuard))).toMatchObject([
    { object: { name: 'istio-revision-tag-prod' } },
    { object: { name: 'istio-sidecar-injector' } },
  ])
})

describe('the table of certificates', () => {
  it('puts bundles, served chains, the authority and the roots of the namespaces side by side', () => {
    const rows = certificateTable(clusterOf(installed({})))
    const short = rows.map(({ place, where, subject, problem }) => `${place} ${where}: ${subject}${problem?.en ?? ''}`)
    expect(short).toEqual([
      'caBundle istio-sidecar-injector/rev.namespace.sidecar-injector.istio.io: CN=proa webhook',
      'caBundle istio-sidecar-injector/rev.object.sidecar-injector.istio.io: CN=proa webhook',
      'caBundle istio-sidecar-injector/namespace.sidecar-injector.istio.io: CN=proa webhook',
      'caBundle istio-sidecar-injector/object.sidecar-injector.istio.io: CN=proa webhook',
      'served istio-system/proa-injector:443: CN=proa-injector.istio-system.svc',
      'authority-secret istio-system/proa-injector-ca (ca.crt): CN=proa webhook',
      'authority-secret istio-system/proa-injector-ca (tls.crt): CN=proa-injector.istio-system.svc',
      'root-config-map istio-system/istio-ca-root-cert +3: CN=cluster.local root',
    ])
  })

  it('has a row for each different root that a namespace holds, and says what cannot be read', () => {
    const healthy = loadFixture(HEALTHY)
    const objects = healthy.objects.map((object) => {
      const { name, namespace } = object.metadata as JsonObject
      if (name !== 'istio-ca-root-cert') return object
      if (namespace === 'shop') return { ...object, data: { 'root-cert.pem': pem('expired-root') } }
      return namespace === 'default' ? { ...object, data: {} } : object
    })
    const rows = certificateTable(clusterOf({ ...healthy, objects })).filter(({ place }) => place === 'root-config-map')
    expect(rows.map(({ where, subject, problem }) => [where, subject, problem?.en])).toEqual([
      ['istio-system/istio-ca-root-cert +1', 'CN=cluster.local root', undefined],
      ['default/istio-ca-root-cert', '', 'empty'],
      ['shop/istio-ca-root-cert', 'CN=old mesh root', 'expired'],
    ])
  })
})
