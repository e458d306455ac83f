import type { JsonObject } from '@proa/kube'
import type { Certificate } from '../../certificates/certificate.ts'
import { makerOf, restartInjector, serverTitle } from '../../certificates/control-plane.ts'
import { failureEvidence, failuresOf } from '../../certificates/failures.ts'
import { type InjectorBundle, injectorBundles, servedChains, serverName } from '../../certificates/places.ts'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { callService } from '../../fixes/call-service.ts'
import { serviceSelector } from '../../mesh/backends.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { nameOf, objectsAt } from '../../reading.ts'
import { renewal } from './renewal.ts'

export const INJ206: Check = {
  id: 'INJ206',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Service', 'Event'],
  title: { en: 'serving certificate is for another name', zh: '服务端证书的名称不符' },
  looksAt: {
    en: 'Whether the served certificate has the name that the API server calls (<service>.<namespace>.svc, or the host of the URL) as a DNS name; a Common Name does not count. Where it was not asked for, Events of the API server tell.',
    zh: '实际提供的证书的 DNS 名称（SAN）中是否有 API server 调用所用的名称（<service>.<namespace>.svc 或 URL 的主机名）；Common Name 不算。未探测时以 API server 的 Event 为准。',
  },
  why: {
    en: 'The API server refuses the connection: "certificate is valid for A, not B", or "certificate relies on legacy Common Name field".',
    zh: 'API server 会拒绝连接："certificate is valid for A, not B" 或 "certificate relies on legacy Common Name field"。',
  },
  remedy: {
    en: 'Issue the certificate for the name of the Service, or call the Service that it is for. It is wrong as a rule after the Service, its namespace or its revision was renamed, or when several control planes share a certificate.',
    zh: '为该 Service 的名称签发证书，或调用证书所适用的 Service。通常是 Service、命名空间或 revision 改名后，或多个控制平面共用证书时出错。',
  },
  references: ['istio/istio#36858', 'istio/istio#6307'],
  run: (cluster) => {
    const groups = Map.groupBy(injectorBundles(cluster), ({ injector }) => serverTitle(injector))
    return [...groups.values()].flatMap((group) => examine(cluster, group))
  },
}

function examine(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const { injector } = first
  const wanted = serverName(injector)
  const chains = servedChains(cluster, injector)
  if (chains.length === 0) return refused(cluster, group, wanted)
  const wrong = chains.flatMap(({ chain, object }) => {
    const [leaf] = chain.certificates
    return leaf === undefined || covers(leaf, wanted) ? [] : [{ leaf, object }]
  })
  const [one] = wrong
  if (one === undefined || wanted === '') return []
  const names = namesOf(one.leaf)
  const evidence = wrong.slice(0, 3).map(
    ({ leaf, object }): Evidence => ({
      object,
      path: 'served certificate: subjectAltName',
      value: namesOf(leaf),
      label: { en: `really served, CN=${leaf.commonName}`, zh: `实际提供的证书，CN=${leaf.commonName}` },
    }),
  )
  const only = one.leaf.dnsNames.length === 0 && one.leaf.commonName === wanted
  const message = only
    ? {
        en: `The certificate of ${serverTitle(injector)} has ${wanted} only as Common Name, which API servers ignore`,
        zh: `${serverTitle(injector)} 的证书只在 Common Name 中有 ${wanted}，API server 会忽略它`,
      }
    : {
        en: `The certificate of ${serverTitle(injector)} is for ${names.join(', ') || 'no name'}; the API server calls it ${wanted}`,
        zh: `${serverTitle(injector)} 的证书适用于 ${names.join('、') || '（无名称）'}，而 API server 以 ${wanted} 调用`,
      }
  return [finding(cluster, group, first, message, [calledAs(first, wanted), ...evidence], one.leaf)]
}

function refused(cluster: Cluster, group: readonly InjectorBundle[], wanted: string): CheckOutcome[] {
  const codes = ['certificate-for-other-names', 'certificate-common-name-only', 'certificate-without-names'] as const
  const called = group.map((place) => ({ place, failure: failuresOf(cluster, place.injector, codes)[0] }))
  const { place, failure } = called.find((one) => one.failure !== undefined) ?? {}
  if (place === undefined || failure === undefined) return []
  const evidence = [calledAs(place, wanted), failureEvidence(failure)]
  return [finding(cluster, group, place, failure.classification.verdict, evidence)]
}

function finding(
  cluster: Cluster,
  group: readonly InjectorBundle[],
  { injector, object }: InjectorBundle,
  message: { readonly en: string; readonly zh: string },
  evidence: readonly Evidence[],
  leaf?: Certificate,
): CheckOutcome {
  const meant = leaf === undefined ? undefined : certifiedService(cluster, injector, leaf)
  const injectors = group.map((place) => place.injector)
  return {
    outcome: 'found',
    object,
    revision: injector.revision,
    message,
    evidence,
    confidence: 'certain',
    fix: meant === undefined ? fixOf(cluster, { injector, object }) : callService(injectors, meant),
  }
}

/** A Service before the same Pods that the certificate is for: the webhook has the wrong one, and no new certificate helps. */
function certifiedService(cluster: Cluster, { service }: Injector, leaf: Certificate): JsonObject | undefined {
  if (service === undefined) return undefined
  const called = cluster.find('Service', service.namespace, service.name)
  const selector = JSON.stringify(serviceSelector(called) ?? null)
  const certified = cluster
    .inNamespace('Service', service.namespace)
    .filter((one) => covers(leaf, `${nameOf(one)}.${service.namespace}.svc`))
    .filter((one) => JSON.stringify(serviceSelector(one)) === selector)
    .filter((one) => objectsAt(one, 'spec', 'ports').some(({ port }) => port === 443))
  return certified.length === 1 ? certified[0] : undefined
}

function calledAs({ injector }: InjectorBundle, wanted: string): Evidence {
  const path = `webhooks[${injector.index}].clientConfig.${injector.service === undefined ? 'url' : 'service'}`
  return { path, value: wanted, label: { en: 'called as', zh: '调用时的名称' } }
}

function namesOf({ dnsNames, ipAddresses }: Certificate): string[] {
  return [...dnsNames, ...ipAddresses]
}

/** As Go matches names: whatever their case, and `*` for one label at the left. */
export function covers(leaf: Certificate, name: string): boolean {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  if (wanted === '') return true
  if (/^[\d.]+$|^\[/.test(wanted)) {
    const address = wanted.replace(/^\[(.*)\]$/, '$1')
    // IPv6 has many spellings: what cannot be compared is left to the API server.
    return address.includes(':') || leaf.ipAddresses.includes(address)
  }
  return leaf.dnsNames.some((pattern) => {
    const own = pattern.toLowerCase().replace(/\.$/, '')
    return own === wanted || (own.startsWith('*.') && own.slice(1) === wanted.replace(/^[^.]+/, ''))
  })
}

function fixOf(cluster: Cluster, { injector, object }: Pick<InjectorBundle, 'injector' | 'object'>): Fix {
  if (injector.service === undefined) {
    return {
      text: {
        en: 'Issue the certificate for the host of the URL, or call the host that it is for',
        zh: '为 URL 的主机名签发证书，或改用证书所适用的主机名',
      },
      commands: [],
      changes: [],
    }
  }
  if (makerOf(injector) === 'proa') return renewal(cluster, { role: 'serving', object, injector })
  const name = serverName(injector)
  return {
    text: {
      en: `Restart istiod: it issues its certificate for the names of its own Service and revision. Where cert-manager or a Secret (istiod-tls) brings the certificate, add ${name} to its dnsNames`,
      zh: `重启 istiod：它会为自己的 Service 和 revision 的名称签发证书。若证书由 cert-manager 或 Secret（istiod-tls）提供，请把 ${name} 加入其 dnsNames`,
    },
    ...restartInjector(cluster, injector),
  }
}
