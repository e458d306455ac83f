import type { JsonObject } from '@proa/kube'
import { commonLabels, selectorLabels } from '../labels.ts'
import { namespaced } from '../metadata.ts'
import { injectorName, LABEL } from '../names.ts'
import type { Installation, Resources } from '../options.ts'
import { HTTPS_PORT, METRICS_PORT } from '../ports.ts'
import { webhookArguments } from './arguments.ts'
import { GRACE_SECONDS } from './drain.ts'

export function deployment(installation: Installation): JsonObject {
  const { revision, replicas } = installation
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: namespaced(installation, injectorName(revision)),
    spec: {
      replicas,
      selector: { matchLabels: selectorLabels(revision) },
      // A new replica is ready before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: podLabels(installation), annotations: { [LABEL.inject]: 'false' } },
        spec: podSpec(installation),
      },
    },
  }
}

function podLabels(installation: Installation): Record<string, string> {
  // The label keeps every selector of every injector from matching, the match conditions do so once more.
  return { ...commonLabels(installation), [LABEL.inject]: 'false' }
}

function podSpec(installation: Installation): JsonObject {
  const { revision, priorityClassName } = installation
  return {
    serviceAccountName: injectorName(revision),
    automountServiceAccountToken: true,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    topologySpreadConstraints: [
      spread('kubernetes.io/hostname', revision),
      spread('topology.kubernetes.io/zone', revision),
    ],
    containers: [container(installation)],
  }
}

/** A wish, not a condition: on a cluster with one node both replicas run there. */
function spread(topologyKey: string, revision: string): JsonObject {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(revision) },
  }
}

function container(installation: Installation): JsonObject {
  const { image, imagePullPolicy } = installation
  return {
    name: 'injector',
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    args: webhookArguments(installation),
    env: environment(installation),
    ports: [
      { name: 'https', containerPort: HTTPS_PORT, protocol: 'TCP' },
      { name: 'http-metrics', containerPort: METRICS_PORT, protocol: 'TCP' },
    ],
    // Reading a large configuration at the start may take a while on a busy node.
    startupProbe: { ...probe('/healthz', 2), failureThreshold: 60 },
    livenessProbe: { ...probe('/healthz', 10), timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...probe('/readyz', 5), timeoutSeconds: 3, failureThreshold: 2 },
    resources: resources(installation.resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
  }
}

function probe(path: string, periodSeconds: number): JsonObject {
  return { httpGet: { path, port: 'http-metrics', scheme: 'HTTP' }, periodSeconds }
}

function resources({ requests, limits }: Resources): JsonObject {
  return { ...(requests === undefined ? {} : { requests }), ...(limits === undefined ? {} : { limits }) }
}

function environment({ env, platform }: Installation): JsonObject[] {
  const fixedPlatform = platform === undefined ? [] : [{ name: 'PLATFORM', value: platform }]
  // In the order of the names, as Helm goes through a map.
  const named = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))
  const fixed = named.map(([name, value]) => ({ name, value }))
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
    ...fixedPlatform,
    ...fixed,
  ]
}
