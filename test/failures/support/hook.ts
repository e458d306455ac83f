import { setTimeout as pause } from 'node:timers/promises'
import type { Json, JsonObject } from '@proa/kube'
import { type KubeClient, StatusError } from '@proa/kube-client'

/** A namespace with a Service in it, and a webhook for Pods that is called through the Service. */
export interface Hook {
  readonly namespace: string
  /** Creates it all. Later changes are patches. */
  create(setting: HookSetting): Promise<void>
  /** Where the Service leads from now on; nowhere: no endpoints. */
  lead(to: { readonly host: string; readonly port: number } | undefined): Promise<void>
  /** Changes of the webhook. */
  change(webhook: JsonObject): Promise<void>
  /** Other webhooks instead of the one. */
  replace(webhooks: readonly JsonObject[]): Promise<void>
  /** Creates a Pod (dry run) until the outcome is so; then it was so. */
  until(isSo: (outcome: Outcome) => boolean): Promise<Outcome>
  try(): Promise<Outcome>
  remove(): Promise<void>
}

export interface HookSetting {
  readonly caBundle: string
  readonly url?: string | undefined
  /** null: there is none. */
  readonly service?: JsonObject | null | undefined
  readonly endpoints?: readonly Json[] | undefined
  readonly port: number
  readonly webhook?: JsonObject | undefined
}

/** What became of a Pod. */
export type Outcome =
  | { readonly kind: 'injected' }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string; readonly message: string }

export const SERVICE = 'hook'
export const HOOK_NAME = 'hook.proa.test'
const REGISTRATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
/** Milliseconds: an API server hears of changes of webhooks and endpoints a little later. */
const PATIENCE = 10_000

export function samplePod(namespace: string, more: JsonObject = {}): JsonObject {
  const metadata = { name: 'web', namespace, labels: { app: 'web', 'sidecar.istio.io/inject': 'true' }, ...more }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image: 'example.com/app' }] } }
}

export async function outcomeOf(creating: Promise<JsonObject>): Promise<Outcome> {
  try {
    const pod = (await creating) as { readonly metadata?: { readonly annotations?: Record<string, string> } }
    return { kind: pod.metadata?.annotations?.['sidecar.istio.io/status'] === undefined ? 'untouched' : 'injected' }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { kind: 'refused', code: error.code, reason: error.reason, message: error.message }
  }
}

export function hookIn(client: KubeClient, namespace: string, host: string): Hook {
  const name = `failures-${namespace}`
  const attempt = () => outcomeOf(client.create(samplePod(namespace), { dryRun: true }))
  const slice = (endpoints: readonly Json[], port: number): JsonObject => ({
    ...SLICE,
    metadata: { name: SERVICE, namespace, labels: { 'kubernetes.io/service-name': SERVICE } },
    addressType: 'IPv4',
    endpoints: [...endpoints],
    ports: [{ name: '', port, protocol: 'TCP' }],
  })
  const common: JsonObject = {
    name: HOOK_NAME,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    reinvocationPolicy: 'IfNeeded',
    failurePolicy: 'Fail',
    timeoutSeconds: 10,
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  }
  return {
    namespace,
    try: attempt,
    async create({ caBundle, url, service, endpoints, port, webhook = {} }) {
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      if (service !== null) {
        const spec = { ports: [{ port: 443, targetPort: port, protocol: 'TCP' }], ...service }
        await client.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: SERVICE, namespace }, spec })
        await client.create(slice(endpoints ?? [{ addresses: [host] }], port))
      }
      const target = url === undefined ? { service: { name: SERVICE, namespace, path: '/inject' } } : { url }
      const entry = {
        ...common,
        ...webhook,
        clientConfig: { ...target, ...(webhook.clientConfig as JsonObject | undefined), caBundle },
      }
      await client.create({ ...REGISTRATION, metadata: { name }, webhooks: [entry] })
    },
    async lead(to) {
      const next = slice(to === undefined ? [] : [{ addresses: [to.host] }], to?.port ?? 9443)
      await client.apply(next, { fieldManager: 'test', force: true })
    },
    async change(webhook) {
      const operations = Object.entries(webhook).map(([key, value]) => ({
        op: 'add' as const,
        path: `/webhooks/0/${key}`,
        value,
      }))
      await client.patch({ ...REGISTRATION, name }, { type: 'json', operations })
    },
    async replace(webhooks) {
      const value = webhooks.map((webhook) => ({ ...common, ...webhook }))
      await client.patch(
        { ...REGISTRATION, name },
        { type: 'json', operations: [{ op: 'replace', path: '/webhooks', value }] },
      )
    },
    async until(isSo) {
      const end = AbortSignal.timeout(PATIENCE)
      for (;;) {
        const outcome = await attempt()
        if (isSo(outcome)) return outcome
        if (end.aborted) throw new Error(`it stays ${JSON.stringify(outcome)}`)
        await pause(20)
      }
    },
    async remove() {
      await client.delete({ ...REGISTRATION, name })
      await client.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
    },
  }
}
