import type { Check } from '../src/check.ts'
import type { Finding } from '../src/finding.ts'
import type { Language, Text } from '../src/language.ts'
import type { NamespaceRow, Report } from '../src/report.ts'

const same = (text: string): Text => ({ en: text, zh: text })

const configuration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name: 'istio-sidecar-injector',
}
const rootMap = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'istio-ca-root-cert' }
const cart = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' }
const shop = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' }

const FINGERPRINTS = {
  bundle: '655cee3ae36f254b655cee3ae36f254b655cee3ae36f254b655cee3ae36f254b',
  root: '414b18d3d28f5288414b18d3d28f5288414b18d3d28f5288414b18d3d28f5288',
}

const wrongBundle: Finding = {
  id: 'INJ202',
  severity: 'error',
  category: 'certificates',
  object: configuration,
  revision: 'default',
  confidence: 'certain',
  message: {
    en: 'The caBundle of istio-sidecar-injector is not the root certificate of the mesh, so that the API server trusts no answer of istiod.',
    zh: 'istio-sidecar-injector 的 caBundle 不是网格的根证书，因此 API server 不信任 istiod 的任何应答。',
  },
  meaning: {
    en: 'Every Pod of a namespace with injection is refused, since failurePolicy is Fail.',
    zh: '由于 failurePolicy 为 Fail，启用注入的命名空间中的所有 Pod 都会被拒绝。',
  },
  evidence: [
    {
      path: 'webhooks[0].clientConfig.caBundle',
      value: FINGERPRINTS.bundle,
      label: { en: 'caBundle of the webhook', zh: 'webhook 的 caBundle' },
    },
    {
      object: rootMap,
      path: 'data["root-cert.pem"]',
      value: FINGERPRINTS.root,
      label: { en: 'root certificate in the namespace', zh: '命名空间中的根证书' },
    },
  ],
  fix: {
    text: { en: 'Write the root certificate into the webhook.', zh: '把根证书写入 webhook。' },
    commands: ["kubectl patch mutatingwebhookconfiguration istio-sidecar-injector --type=json -p '[]'"],
    changes: [{ kind: 'patch', object: configuration, patch: { type: 'json', operations: [] } }],
  },
  docs: 'docs/checks.md#inj202',
}

const typo: Finding = {
  id: 'INJ112',
  severity: 'warn',
  category: 'decision',
  object: cart,
  confidence: 'likely',
  message: {
    en: 'sidecar.istio.io/inject is "<True> & | `yes` @ops", which counts as not set.',
    zh: 'sidecar.istio.io/inject 的值为 "<True> & | `yes` @ops"，等同于未设置。',
  },
  evidence: [
    {
      path: 'spec.template.metadata.labels["sidecar.istio.io/inject"]',
      value: '<True> & | `yes` @ops',
    },
    { path: 'spec.template.metadata.annotations["sidecar.istio.io/inject"]' },
    { object: shop, path: 'metadata.labels', value: { 'istio-injection': 'enabled', note: 'x'.repeat(300) } },
    {
      object: { kind: 'Pod', namespace: 'shop', name: 'cart-1' },
      path: 'log of istio-proxy',
      value: 'one\ntwo\nthree\n',
    },
  ],
  fix: {
    text: { en: 'Write "true".', zh: '改为 "true"。' },
    commands: [
      'kubectl -n shop patch deployment cart --type=merge -p \'{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":"true"}}}}}\'',
    ],
    changes: [
      {
        kind: 'patch',
        object: cart,
        patch: {
          type: 'merge',
          body: { spec: { template: { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } } } },
        },
      },
    ],
  },
  docs: 'docs/checks.md#inj112',
}

const naked = (name: string): Finding => ({
  id: 'INJ253',
  severity: 'warn',
  category: 'policy',
  object: { ...cart, name },
  confidence: 'cannot-tell',
  message: same(`Deployment shop/${name}: 0/2`),
  evidence: [{ path: 'status.readyReplicas', value: 2 }],
  docs: 'docs/checks.md#inj253',
})

const note: Finding = {
  id: 'INJ332',
  severity: 'info',
  category: 'pod',
  object: cart,
  confidence: 'certain',
  message: {
    en: 'The cluster autoscaler cannot evict the Pods of Deployment shop/cart.',
    zh: 'cluster autoscaler 无法驱逐 Deployment shop/cart 的 Pod。',
  },
  evidence: [{ path: 'spec.volumes[0].emptyDir', value: {} }],
  docs: 'docs/checks.md#inj332',
}

const row = (name: string, more: Partial<NamespaceRow> = {}): NamespaceRow => ({
  name,
  webhooks: [
    {
      webhook: 'istio-sidecar-injector/namespace.sidecar-injector.istio.io',
      called: false,
      because: { en: 'istio-injection is absent', zh: '没有 istio-injection' },
    },
  ],
  verdict: 'not-injected',
  pods: { all: 0, injected: 0 },
  ...more,
})

/** A report with one of everything that renderers have to write. */
export const RICH_REPORT: Report = {
  target: { kind: 'everything' },
  checks: ['INJ101', 'INJ112', 'INJ201', 'INJ202', 'INJ253', 'INJ332'],
  findings: [typo, wrongBundle, ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(naked), note],
  notEvaluated: [
    {
      id: 'INJ101',
      reason: { en: 'no permission to read: Pod', zh: '没有读取权限：Pod' },
      missing: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          reason: 'forbidden',
          message: 'pods is forbidden: User "dev" cannot list resource "pods"',
        },
      ],
    },
    {
      id: 'INJ201',
      object: configuration,
      reason: { en: 'the API server was not asked', zh: '没有询问 API server' },
      missing: [],
    },
  ],
  evaluated: 4,
  exitCode: 2,
  trace: {
    object: cart,
    explanation: undefined,
    webhooks: { outcome: 'none', injectors: [], others: [], findings: [], nearest: [] },
    expected: 'not-injected',
    actual: [
      { name: 'cart-1', sidecar: 'injected', revision: 'default', created: '2026-11-10T08:00:10Z' },
      { name: 'cart-2', sidecar: 'none', created: '2026-11-20T08:00:10Z' },
    ],
    summary: {
      en: 'A new Pod gets no sidecar; cart-1 has one, since the label of the namespace was taken away after it was created.',
      zh: '新的 Pod 不会有 sidecar；cart-1 有 sidecar，因为命名空间的标签是在它创建之后才被移除的。',
    },
  },
  namespaces: [
    row('default'),
    row('商店', {
      injection: 'enabled',
      webhooks: [
        {
          webhook: 'istio-sidecar-injector/namespace.sidecar-injector.istio.io',
          called: true,
          because: { en: 'istio-injection in (enabled)', zh: 'istio-injection in (enabled)' },
        },
      ],
      verdict: 'injected',
      pods: { all: 4, injected: 3 },
    }),
    row('ambient', { dataplaneMode: 'ambient', revision: 'canary', verdict: 'unknown' }),
  ],
  certificates: [
    {
      revision: 'default',
      place: 'caBundle',
      where: 'istio-sidecar-injector/webhooks[0]',
      subject: 'CN=old root',
      issuer: 'CN=old root',
      notAfter: '2036-10-29T00:00:00Z',
      fingerprint: FINGERPRINTS.bundle,
    },
    ...['a', 'b', 'c', 'd', 'shop'].map((namespace) => ({
      revision: 'default',
      place: 'root-config-map' as const,
      where: `${namespace}/istio-ca-root-cert`,
      subject: 'CN=cluster.local root',
      issuer: 'CN=cluster.local root',
      notAfter: '2036-10-29T00:00:00Z',
      fingerprint: FINGERPRINTS.root,
    })),
    {
      revision: 'default',
      place: 'served',
      where: 'istio-system/istiod:443',
      subject: '',
      issuer: '',
      notAfter: '',
      fingerprint: '',
      problem: { en: 'nothing listens there', zh: '那里没有服务监听' },
    },
  ],
}

/** Checks for these findings, so that what is written about them changes only here. */
export const RICH_CATALOGUE: readonly Check[] = [
  { id: 'INJ101', severity: 'warn', category: 'decision', scope: 'workload' },
  { id: 'INJ112', severity: 'warn', category: 'decision', scope: 'workload', references: ['IST0107', 'see elsewhere'] },
  { id: 'INJ201', severity: 'error', category: 'certificates', scope: 'revision' },
  { id: 'INJ202', severity: 'error', category: 'certificates', scope: 'revision', references: ['istio/istio#5828'] },
  { id: 'INJ253', severity: 'error', category: 'policy', scope: 'workload' },
  { id: 'INJ332', severity: 'info', category: 'pod', scope: 'workload', references: ['https://kubernetes.io/docs/'] },
].map(
  (facts): Check => ({
    ...(facts as Pick<Check, 'id' | 'severity' | 'category' | 'scope' | 'references'>),
    needs: ['Pod'],
    uses: ['KnativeService'],
    title: { en: `title of ${facts.id}`, zh: `${facts.id} 的标题` },
    looksAt: { en: 'What <it> looks | at.', zh: '检查的内容。' },
    why: { en: 'Why it matters.', zh: '为何重要。' },
    remedy: { en: 'What to do.', zh: '如何处理。' },
    run: () => [],
  }),
)

export const LANGUAGES: readonly Language[] = ['en', 'zh']
