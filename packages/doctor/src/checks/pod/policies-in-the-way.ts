import { isArray, type JsonObject, type LabelMap, labelsOf } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import { allows, allowsPortAnywhere, type Endpoint, policiesOn } from '../../cluster/network-policies.ts'
import type { Evidence, Fix, Found } from '../../finding.ts'
import { applyObject } from '../../fixes/apply-object.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { isReady } from '../../mesh/readiness.ts'
import { listed } from '../../naming.ts'
import { at, nameOf, objectAt, textAt, textsAt, timeAt } from '../../reading.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { addressOf, type ControlPlaneAddress, targetPort } from './control-plane-address.ts'

/** NetworkPolicies that keep a proxy from its control plane. */
export interface Blocked {
  readonly what: 'out-to-control-plane' | 'out-to-dns' | 'into-control-plane'
  readonly policies: readonly JsonObject[]
  readonly address: ControlPlaneAddress
  readonly plane: Endpoint
  readonly port: number
}

/** DNS of Kubernetes and of OpenShift, as the Pods behind the Service hear it. */
const DNS_PORTS = [53, 5353, 8053]

/** Undefined: nothing is in the way as far as is known. */
export function blockedBy(cluster: Cluster, subject: Subject, live: JsonObject | undefined): Blocked | undefined {
  // Without a single policy there is nothing to work out.
  if (cluster.all('NetworkPolicy').length === 0) return undefined
  if (live === undefined && verdictOf(cluster, subject).expected !== 'injected') return undefined
  const pod = live ?? subject.template
  const address = addressOf(cluster, subject, pod)
  if (address === undefined) return undefined
  const service = cluster.find('Service', address.namespace, address.name)
  const port = targetPort(service, address.port)
  if (service === undefined || port === undefined) return undefined
  const plane = endpointOf(cluster, service)
  if (plane === undefined) return undefined
  const from: Endpoint = {
    namespace: subject.namespace,
    labels: labelsOf(pod),
    addresses: addressesOf(livePods(subject)),
  }
  const out = policiesOn(cluster, 'Egress', from)
  const found = { address, plane, port }
  if (out.length > 0 && !allows(cluster, 'Egress', out, { from, to: plane, port })) {
    return { ...found, what: 'out-to-control-plane', policies: out }
  }
  if (out.length > 0 && !allowsPortAnywhere(out, DNS_PORTS)) return { ...found, what: 'out-to-dns', policies: out }
  const into = policiesOn(cluster, 'Ingress', plane)
  if (into.length === 0 || allows(cluster, 'Ingress', into, { from, to: plane, port })) return undefined
  return { ...found, what: 'into-control-plane', policies: into }
}

const endpoints: (cluster: Cluster) => Map<JsonObject, Endpoint | undefined> = remembered(() => new Map())

/** The Pods behind the Service as one end of a connection; undefined for a Service without a selector. */
function endpointOf(cluster: Cluster, service: JsonObject): Endpoint | undefined {
  const known = endpoints(cluster)
  if (!known.has(service)) known.set(service, findEndpoint(cluster, service))
  return known.get(service)
}

function findEndpoint(cluster: Cluster, service: JsonObject): Endpoint | undefined {
  const selector = textsAt(service, 'spec', 'selector')
  if (Object.keys(selector).length === 0) return undefined
  const namespace = textAt(service, 'metadata', 'namespace')
  const pods = cluster.inNamespace('Pod', namespace).filter((pod) => hasLabels(labelsOf(pod), selector))
  const [first] = pods
  const clusterIp = textAt(service, 'spec', 'clusterIP')
  // Policies of some networks see the address of the Service, of others that of the Pod.
  const addresses = [...addressesOf(pods), ...(clusterIp === '' || clusterIp === 'None' ? [] : [clusterIp])]
  return {
    namespace,
    labels: first === undefined ? selector : labelsOf(first),
    addresses: first === undefined ? [] : addresses,
  }
}

function hasLabels(labels: LabelMap, wanted: LabelMap): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

function addressesOf(pods: readonly JsonObject[]): readonly string[] {
  return pods.flatMap((pod) => textAt(pod, 'status', 'podIP') || [])
}

/** A Pod became ready, which it does not without the control plane, after all the policies were there. */
export function gotThrough(pod: JsonObject, policies: readonly JsonObject[]): boolean {
  const started = timeAt(pod, 'metadata', 'creationTimestamp')
  return (
    isReady(pod) &&
    started !== undefined &&
    policies.every((policy) => (timeAt(policy, 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY) < started)
  )
}

/** The same for many workloads. */
export function blockedTogether(found: Found, { policies, port }: Blocked, subjects: readonly Subject[]): Found {
  const [policy] = policies
  const names = listed(subjects.map(titleOf))
  const which = policies.map((one) => `${textAt(one, 'metadata', 'namespace')}/${nameOf(one)}`).join(', ')
  return {
    ...found,
    object: policy === undefined ? found.object : objectName(policy),
    message: {
      en: `The NetworkPolicies on the control plane (${which}) do not let the proxies of ${subjects.length} workloads in to port ${port}: ${names.en}`,
      zh: `控制平面上的 NetworkPolicy（${which}）不允许 ${subjects.length} 个工作负载的代理访问端口 ${port}：${names.zh}`,
    },
  }
}

export function blockedFinding(subject: Subject, blocked: Blocked, logged: readonly Evidence[]): Found {
  const { what, policies, address, port } = blocked
  const names = policies.map((policy) => `${textAt(policy, 'metadata', 'namespace')}/${nameOf(policy)}`).join(', ')
  const title = titleOf(subject)
  const to = { en: `${address.text} (Pod port ${port})`, zh: `${address.text}（Pod 端口 ${port}）` }
  const texts = {
    'out-to-control-plane': {
      en: `The NetworkPolicies that select ${title} (${names}) do not let its proxy out to ${to.en}`,
      zh: `选中 ${title} 的 NetworkPolicy（${names}）不允许其代理访问 ${to.zh}`,
    },
    'out-to-dns': {
      en: `The NetworkPolicies that select ${title} (${names}) let nothing out to DNS, so its proxy cannot resolve ${address.text}`,
      zh: `选中 ${title} 的 NetworkPolicy（${names}）不允许访问 DNS，其代理无法解析 ${address.text}`,
    },
    'into-control-plane': {
      en: `The NetworkPolicies on the control plane (${names}) do not let the proxy of ${title} in to port ${port}`,
      zh: `控制平面上的 NetworkPolicy（${names}）不允许 ${title} 的代理访问端口 ${port}`,
    },
  }
  return {
    outcome: 'found',
    object: subject.object,
    message: texts[what],
    evidence: [...policies.map((policy) => ruleEvidence(policy, what)), ...logged],
    // Policies do nothing in a cluster whose network does not know them.
    confidence: logged.length > 0 ? 'certain' : 'likely',
    fix: opening(blocked),
  }
}

function ruleEvidence(policy: JsonObject, what: Blocked['what']): Evidence {
  const field = what === 'into-control-plane' ? 'ingress' : 'egress'
  const rules = at(policy, 'spec', field)
  return { object: objectName(policy), path: `spec.${field}`, ...(rules === undefined ? {} : { value: rules }) }
}

/** One more rule in the first of the policies: policies add up. */
function opening({ what, policies, plane, port }: Blocked): Fix {
  const [policy] = policies
  if (policy === undefined) return { text: { en: '', zh: '' }, commands: [], changes: [] }
  if (what === 'into-control-plane' && Object.keys(objectAt(policy, 'spec', 'podSelector')).length === 0) {
    return ownPolicy(plane, ruleFor(what, plane, port))
  }
  const field = what === 'into-control-plane' ? 'ingress' : 'egress'
  const rule = ruleFor(what, plane, port)
  const step = jsonPatch(objectName(policy), [
    isArray(at(policy, 'spec', field))
      ? { op: 'add', path: `/spec/${field}/-`, value: rule }
      : { op: 'add', path: `/spec/${field}`, value: [rule] },
  ])
  return {
    text: {
      en: `Add a rule to NetworkPolicy ${nameOf(policy)} that lets this through`,
      zh: `在 NetworkPolicy ${nameOf(policy)} 中增加放行规则`,
    },
    ...step,
  }
}

/** A policy for the whole namespace stays as it is; the control plane gets its own beside it. */
function ownPolicy(plane: Endpoint, rule: JsonObject): Fix {
  const { app = 'istiod' } = plane.labels
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${app}-proxies`, namespace: plane.namespace },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress: [rule] },
  }
  return {
    text: {
      en: `Give the control plane a NetworkPolicy of its own that lets this through: policies add up`,
      zh: `为控制平面单独添加一个放行的 NetworkPolicy：多个策略的效果叠加`,
    },
    commands: [`kubectl apply -f - <<'EOF'\n${JSON.stringify(policy, null, 2)}\nEOF`],
    changes: [applyObject(policy)],
  }
}

function ruleFor(what: Blocked['what'], plane: Endpoint, port: number): JsonObject {
  switch (what) {
    case 'out-to-control-plane':
      return {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': plane.namespace } } }],
        ports: [{ protocol: 'TCP', port }],
      }
    case 'out-to-dns':
      return {
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      }
    case 'into-control-plane':
      return { ports: [{ protocol: 'TCP', port }] }
  }
}
