import { readFileSync } from 'node:fs'
import { loadConfiguration } from '@proa/injector'
import { isObject, type Json, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { ofKind, podTemplate } from '../testing/objects.ts'
import { installationManifests, tagManifests } from './installation.ts'
import type { InstallationOptions } from './options.ts'
import { VERSION } from './version.ts'

interface Named {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
}

const everything: InstallationOptions = {
  namespace: 'mesh',
  revision: 'canary',
  tags: ['prod', 'default'],
  guard: { actions: ['Deny'] },
  networkPolicy: true,
  serviceMonitor: true,
  platform: 'openshift',
  imagePullSecrets: ['pull'],
  imagePullPolicy: 'Always',
  priorityClassName: 'system-cluster-critical',
  workers: 2,
  compat: '1.21',
}

const named = (objects: readonly JsonObject[]) => objects as unknown as Named[]
const names = (options: InstallationOptions) =>
  named(installationManifests(options)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)

function keysOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (!isObject(value)) return []
  return [...Object.keys(value), ...Object.values(value).flatMap(keysOf)]
}

describe('an installation', () => {
  it('without options is the default revision, in an order in which everything finds what it needs', () => {
    expect(names({})).toEqual([
      'Namespace istio-system',
      'ServiceAccount proa-injector',
      'ClusterRole proa-injector.istio-system',
      'ClusterRoleBinding proa-injector.istio-system',
      'Role proa-injector',
      'RoleBinding proa-injector',
      'Secret proa-injector-ca',
      'Lease proa-injector',
      'ConfigMap istio-sidecar-injector',
      'ConfigMap istio',
      'Service proa-injector',
      'PodDisruptionBudget proa-injector',
      'Deployment proa-injector',
      'MutatingWebhookConfiguration istio-sidecar-injector',
    ])
  })

  it('with every option shares no name with another revision or another namespace', () => {
    const one = names(everything)
    expect(one).toMatchInlineSnapshot(`
      [
        "Namespace mesh",
        "ServiceAccount proa-injector-canary",
        "ClusterRole proa-injector-canary.mesh",
        "ClusterRoleBinding proa-injector-canary.mesh",
        "Role proa-injector-canary",
        "RoleBinding proa-injector-canary",
        "Secret proa-injector-canary-ca",
        "Lease proa-injector-canary",
        "ConfigMap istio-sidecar-injector-canary",
        "ConfigMap istio-canary",
        "NetworkPolicy proa-injector-canary",
        "Service proa-injector-canary",
        "PodDisruptionBudget proa-injector-canary",
        "Deployment proa-injector-canary",
        "ServiceMonitor proa-injector-canary",
        "ClusterRole proa-injector-canary.mesh.tag-prod",
        "ClusterRoleBinding proa-injector-canary.mesh.tag-prod",
        "ClusterRole proa-injector-canary.mesh.tag-default",
        "ClusterRoleBinding proa-injector-canary.mesh.tag-default",
        "MutatingWebhookConfiguration istio-sidecar-injector-canary-mesh",
        "MutatingWebhookConfiguration istio-revision-tag-prod-mesh",
        "MutatingWebhookConfiguration istio-revision-tag-default-mesh",
        "ValidatingAdmissionPolicy proa-injector-canary.mesh.guard",
        "ValidatingAdmissionPolicyBinding proa-injector-canary.mesh.guard",
        "ValidatingAdmissionPolicy proa-injector-canary.mesh.tag-prod.guard",
        "ValidatingAdmissionPolicyBinding proa-injector-canary.mesh.tag-prod.guard",
        "ValidatingAdmissionPolicy proa-injector-canary.mesh.tag-default.guard",
        "ValidatingAdmissionPolicyBinding proa-injector-canary.mesh.tag-default.guard",
      ]
    `)
    const outside = one.filter((name) => name !== 'Namespace mesh')
    for (const other of [
      names({ ...everything, namespace: 'istio-system' }),
      names({ ...everything, revision: 'b', tags: [] }),
    ]) {
      const clusterWide = /^(ClusterRole|ClusterRoleBinding|MutatingWebhook\w+|ValidatingAdmission\w+) /
      expect(outside.filter((name) => clusterWide.test(name) && other.includes(name))).toEqual([])
    }
  })

  it('never says what the caBundle is, since the injector owns that field', () => {
    expect(keysOf(installationManifests(everything))).not.toContain('caBundle')
  })

  it('marks everything but the namespace as its own', () => {
    for (const { kind, metadata } of named(installationManifests(everything))) {
      if (kind === 'Namespace') continue
      expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject({
        'app.kubernetes.io/managed-by': 'proa',
        'istio.io/rev': 'canary',
      })
    }
  })

  it('leaves Istio’s ConfigMaps alone when they are the configuration, and may read only them', () => {
    const objects = installationManifests({
      revision: 'proa',
      configuration: { from: 'existing', revision: 'default' },
    })
    expect(objects.filter(({ kind }) => kind === 'ConfigMap')).toEqual([])
    const rules = ofKind(objects, 'Role').rules as JsonObject[]
    expect(rules[0]).toMatchObject({
      resources: ['configmaps'],
      resourceNames: ['istio-sidecar-injector', 'istio'],
    })
  })

  it('carries a configuration that the injector can load', () => {
    const maps = installationManifests({ namespace: 'mesh', revision: 'canary' }).filter(
      ({ kind }) => kind === 'ConfigMap',
    )
    const [injector, mesh] = maps.map(({ data }) => data as Record<string, string>)
    const source = (key: string, text = '') => ({ source: key, text })
    const configuration = loadConfiguration({
      config: source('config', injector?.config),
      values: source('values', injector?.values),
      mesh: source('mesh', mesh?.mesh),
    })
    expect(configuration.problems).toEqual([])
    expect(configuration.values).toMatchObject({ revision: 'canary', global: { istioNamespace: 'mesh' } })
    expect(configuration.mesh).toMatchObject({ defaultConfig: { discoveryAddress: 'istiod.mesh.svc:15012' } })
  })

  it('asks for no more than it needs: no wildcard, no Secret but its own, no creation of Secrets', () => {
    const rules = installationManifests(everything).flatMap(({ kind, rules }) =>
      kind === 'Role' || kind === 'ClusterRole'
        ? (rules as unknown as { verbs: string[]; resources: string[]; resourceNames?: string[] }[])
        : [],
    )
    expect(JSON.stringify(rules)).not.toContain('*')
    for (const { verbs, resources, resourceNames } of rules) {
      const writes = verbs.some((verb) => !['get', 'list', 'watch'].includes(verb))
      const limited = resourceNames !== undefined && resourceNames.length > 0
      if (resources.includes('secrets') || (writes && !resources.includes('events'))) expect(limited).toBe(true)
      if (!resources.includes('events')) expect(verbs).not.toContain('create')
    }
  })

  it('a tag brings what lets the injector keep its caBundle', () => {
    expect(
      named(tagManifests('prod', { revision: 'canary' })).map(({ kind, metadata }) => [kind, metadata.name]),
    ).toEqual([
      ['ClusterRole', 'proa-injector-canary.istio-system.tag-prod'],
      ['ClusterRoleBinding', 'proa-injector-canary.istio-system.tag-prod'],
      ['MutatingWebhookConfiguration', 'istio-revision-tag-prod'],
    ])
  })

  it('runs with as few rights as the strictest Pod security asks for', () => {
    expect(podTemplate(installationManifests(everything)).spec).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    })
  })
})

describe('options that cannot be', () => {
  it.each<[InstallationOptions, string]>([
    [{ revision: 'Canary' }, 'revision: "Canary" cannot be part of a name in Kubernetes'],
    [{ revision: '1.30' }, 'revision: "1.30" cannot be part of a name'],
    [{ namespace: '' }, 'namespace: "" cannot be part of a name'],
    [{ tags: ['default'] }, 'tags[0]: "default" is the revision itself'],
    [{ tags: ['a', 'a'] }, 'tags[0]: "a" is there twice'],
    [{ replicas: 0 }, 'replicas: 0 is not a whole number from 1 to 100'],
    [{ compat: '1.7' }, 'compat: "1.7" is no Istio release; use auto, current, or one from 1.8 on, such as 1.21'],
    [{ timeoutSeconds: 31 }, 'timeoutSeconds: 31 is not a whole number from 1 to 30'],
    [{ guard: { actions: [] } }, 'guard: has no action'],
    [{ guard: { actions: ['Deny', 'Warn'] } }, 'guard: Deny and Warn cannot be combined'],
    [{ image: '' }, 'image: is empty'],
  ])('%j', (options, message) => {
    expect(() => installationManifests(options)).toThrow(message)
  })
})

it('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(VERSION).toBe(manifest.version)
})
