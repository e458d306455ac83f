import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { within } from '../../fixes/edit-template.ts'
import { leftToPeople, mergePatch, NO_STEP } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { at, objectsAt, textAt } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateField } from '../../subjects/wishes.ts'
import { containerPath, envOf, inPod, type Proxied, proxied } from './proxied.ts'

const PROJECTED = '/var/run/secrets/tokens'
const DEFAULT = '/var/run/secrets/kubernetes.io/serviceaccount'

export const INJ320: Check = {
  id: 'INJ320',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['ServiceAccount', 'Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'The proxy has no token', zh: '代理没有令牌' },
  looksAt: {
    en: `The volume that istio-proxy mounts at ${PROJECTED}; and, where the proxy uses the default token of the ServiceAccount (JWT_POLICY=first-party-jwt up to Istio 1.21, PILOT_CERT_PROVIDER=kubernetes), automountServiceAccountToken of the Pod and of its ServiceAccount.`,
    zh: `istio-proxy 挂载到 ${PROJECTED} 的卷；如果代理使用 ServiceAccount 的默认令牌（Istio 1.21 及之前的 JWT_POLICY=first-party-jwt，或 PILOT_CERT_PROVIDER=kubernetes），还包括 Pod 及其 ServiceAccount 的 automountServiceAccountToken。`,
  },
  why: {
    en: 'The agent proves with the token who it is. Without it istiod signs no certificate, and the proxy never gets ready. automountServiceAccountToken: false alone is fine: current releases use a projected volume of their own.',
    zh: 'agent 用令牌证明自己的身份。没有令牌时 istiod 不会签发证书，代理永远不会就绪。仅设置 automountServiceAccountToken: false 没有问题：当前版本使用单独的 projected 卷。',
  },
  remedy: {
    en: 'Let the Pod be injected again, or mount the token that the proxy of this release needs.',
    zh: '重新注入 Pod，或挂载该版本代理所需的令牌。',
  },
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): CheckOutcome[] {
  const { pod, proxy } = one
  const use = defaultTokenUse(proxy)
  if (use !== undefined && mountAt(proxy, DEFAULT) === undefined) {
    const off = automountOff(cluster, one)
    if (off !== undefined) return [noDefaultToken(one, use, off)]
  }
  if (use?.name === 'JWT_POLICY' || hasOtherIdentity(proxy) || hasProjectedToken(pod, proxy)) return []
  return [noProjectedToken(cluster, one)]
}

interface DefaultTokenUse {
  readonly name: 'JWT_POLICY' | 'PILOT_CERT_PROVIDER'
  readonly value: string
}

/** What makes the agent read the token (or the root) that Kubernetes mounts into every container. */
function defaultTokenUse(proxy: JsonObject): DefaultTokenUse | undefined {
  if (envOf(proxy, 'JWT_POLICY') === 'first-party-jwt') return { name: 'JWT_POLICY', value: 'first-party-jwt' }
  if (envOf(proxy, 'PILOT_CERT_PROVIDER') === 'kubernetes') return { name: 'PILOT_CERT_PROVIDER', value: 'kubernetes' }
  return undefined
}

/** Certificates from files, or credentials from the platform: then there is no token. */
function hasOtherIdentity(proxy: JsonObject): boolean {
  return envOf(proxy, 'FILE_MOUNTED_CERTS') === 'true' || (envOf(proxy, 'CREDENTIAL_FETCHER_TYPE') ?? '') !== ''
}

function mountAt(proxy: JsonObject, path: string): JsonObject | undefined {
  return objectsAt(proxy, 'volumeMounts').find((mount) => textAt(mount, 'mountPath').replace(/\/+$/, '') === path)
}

/** Any volume but an empty one will do: a custom template may take the token from elsewhere. */
function hasProjectedToken(pod: JsonObject, proxy: JsonObject): boolean {
  const mount = mountAt(proxy, PROJECTED)
  const name = textAt(mount, 'name')
  const volume = objectsAt(pod, 'spec', 'volumes').find((one) => name !== '' && one.name === name)
  if (volume === undefined || at(volume, 'emptyDir') !== undefined) return false
  if (at(volume, 'projected') === undefined) return true
  return objectsAt(volume, 'projected', 'sources').some(
    (source) => at(source, 'serviceAccountToken') !== undefined || at(source, 'secret') !== undefined,
  )
}

/** Where it is written that no token is mounted; undefined when one is, or when that is not known. */
function automountOff(cluster: Cluster, { subject, pod }: Proxied): Evidence | undefined {
  const own = at(pod, 'spec', 'automountServiceAccountToken')
  if (own === false) return { path: templateField(subject, 'spec.automountServiceAccountToken'), value: false }
  if (own === true) return undefined
  const name = textAt(pod, 'spec', 'serviceAccountName') || 'default'
  const account = cluster.find('ServiceAccount', subject.namespace, name)
  if (at(account, 'automountServiceAccountToken') !== false) return undefined
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: subject.namespace, name }
  return { object, path: 'automountServiceAccountToken', value: false }
}

function noDefaultToken(one: Proxied, use: DefaultTokenUse, off: Evidence): Found {
  const { subject, pod } = one
  const title = titleOf(subject)
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `The proxy of ${title} uses the default token of its ServiceAccount (${use.name}=${use.value}), and automountServiceAccountToken is false`,
      zh: `${title} 的代理使用 ServiceAccount 的默认令牌（${use.name}=${use.value}），但 automountServiceAccountToken 为 false`,
    },
    evidence: [off, inPod(one, `${containerPath(pod, 'istio-proxy')}.env[name=${use.name}].value`, use.value)],
    confidence: 'certain',
    fix: mountDefault(subject, use),
  }
}

function mountDefault(subject: Subject, { name }: DefaultTokenUse): Fix {
  const { object, owner, templatePath } = subject
  const step =
    owner === undefined || templatePath.length === 0
      ? NO_STEP
      : leftToPeople(mergePatch(object, within([...templatePath, 'spec'], { automountServiceAccountToken: true })))
  const better =
    name === 'JWT_POLICY' ? 'values.global.jwtPolicy=third-party-jwt' : 'values.global.pilotCertProvider=istiod'
  return {
    text: {
      en: `Set automountServiceAccountToken: true in the Pod template, or install Istio with ${better}, which needs no default token`,
      zh: `在 Pod 模板中设置 automountServiceAccountToken: true，或以 ${better} 安装 Istio（不再需要默认令牌）`,
    },
    ...step,
  }
}

function noProjectedToken(cluster: Cluster, one: Proxied): Found {
  const { subject, pod, proxy } = one
  const title = titleOf(subject)
  const name = textAt(mountAt(proxy, PROJECTED), 'name')
  const volume = objectsAt(pod, 'spec', 'volumes').find((other) => other.name === name)
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `The proxy of ${title} has no token: ${name === '' ? `nothing is mounted at ${PROJECTED}` : `the volume ${name} at ${PROJECTED} holds none`}`,
      zh: `${title} 的代理没有令牌：${name === '' ? `${PROJECTED} 没有挂载任何卷` : `挂载到 ${PROJECTED} 的卷 ${name} 中没有令牌`}`,
    },
    evidence: [
      inPod(one, `${containerPath(pod, 'istio-proxy')}.volumeMounts[mountPath=${PROJECTED}].name`, name || undefined),
      ...(name === '' ? [] : [inPod(one, `spec.volumes[name=${name}]`, volume)]),
    ],
    confidence: 'likely',
    fix: repaired(cluster, subject),
  }
}

/** When the injector would mount it today, something took it away; else the template lacks it. */
function repaired(cluster: Cluster, subject: Subject): Fix {
  const result = renderedOf(cluster, subject)
  const container = result?.outcome === 'injected' ? sidecarOf(result.pod).container : undefined
  if (result?.outcome === 'injected' && container !== undefined && hasProjectedToken(result.pod, container)) {
    return restartFix(cluster, subject, {
      en: 'The injector mounts the token today. ',
      zh: '当前注入器会挂载该令牌。',
    })
  }
  return {
    text: {
      en: `Add a projected volume with a serviceAccountToken (audience istio-ca, path istio-token) to the injection template, and mount it in istio-proxy at ${PROJECTED}`,
      zh: `在注入模板中加入带 serviceAccountToken（audience istio-ca，path istio-token）的 projected 卷，并挂载到 istio-proxy 的 ${PROJECTED}`,
    },
    ...NO_STEP,
  }
}
