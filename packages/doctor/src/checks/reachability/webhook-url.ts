import type { JsonPatchOperation } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Evidence, Fix, Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { failuresAt } from '../../messages/index.ts'
import { configurationName, consequence, ofCodes, saidBy } from './evidence.ts'

export const INJ152: Check = {
  id: 'INJ152',
  severity: 'error',
  category: 'reachability',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Service', 'Event'],
  title: { en: "The host in the webhook's URL does not resolve", zh: 'webhook 的 URL 中的主机无法解析' },
  looksAt: {
    en: 'clientConfig.url of injection webhooks: its scheme and host, and what DNS says of it in messages of API servers and in a probe.',
    zh: '注入 webhook 的 clientConfig.url：协议和主机，以及 API server 报错和探测中的 DNS 结果。',
  },
  why: {
    en: 'API servers resolve such a host by the DNS of their own machine, not of the cluster. Where that fails, the injector is not called.',
    zh: 'API server 用所在机器的 DNS（而不是集群 DNS）解析该主机。解析失败则不会调用注入器。',
  },
  remedy: {
    en: 'Correct the host or its DNS record; for an injector in this cluster name the Service instead of a URL.',
    zh: '修正主机名或 DNS 记录；注入器在本集群内时，改用 Service 而不是 URL。',
  },
  references: ['IST0163', 'IST0164', 'istio/istio#39905'],
  run: (cluster) =>
    injectors(cluster)
      .filter(({ url, service, deactivated }) => url !== undefined && service === undefined && !deactivated)
      .flatMap((injector) => judge(cluster, injector)),
}

function judge(cluster: Cluster, injector: Injector): readonly Found[] {
  const { url = '' } = injector
  const parts = partsOf(url)
  const said = saidBy(ofCodes(failuresAt(cluster, injector), ['host-not-found', 'dns-failed', 'url-invalid']))
  if (parts === undefined) return [notCallable(injector)]
  const probed = resolveProbe(cluster, url)
  const unresolved = [...said, ...probed]
  if (unresolved.length > 0) return [doesNotResolve(cluster, injector, parts.host, unresolved, said.length > 0)]
  if (clusterService(parts.host) !== undefined) return [clusterHost(cluster, injector, parts.host)]
  if (isLoopback(parts.host)) return [loopback(injector, parts.host)]
  return isAddress(parts.host) ? [address(injector, parts.host)] : []
}

function partsOf(url: string): { readonly host: string } | undefined {
  const found = /^https:\/\/(\[[0-9a-fA-F:.]+\]|[^/:?#@\s]+)(?::\d{1,5})?(?:[/?#]|$)/.exec(url)
  return found?.[1] === undefined ? undefined : { host: found[1] }
}

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/i.test(host)
const isAddress = (host: string): boolean => /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])$/.test(host)

function clusterService(host: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/i.exec(host) ?? []
  return name === undefined || namespace === undefined ? undefined : { name, namespace }
}

function resolveProbe(cluster: Cluster, url: string): readonly Evidence[] {
  return cluster.probes.flatMap((probe, index): Evidence[] => {
    if (probe.kind !== 'served-certificate' || probe.url !== url) return []
    const { outcome } = probe
    if (outcome.kind !== 'failed' || outcome.at !== 'resolve') return []
    const label = { en: 'tried from where proa runs', zh: '从 proa 所在机器探测' }
    return [{ path: `probes[${index}].outcome.message`, value: outcome.message, label }]
  })
}

function found(injector: Injector, message: Text, rest: Pick<Found, 'confidence'> & Partial<Found>): Found {
  return {
    outcome: 'found',
    object: configurationName(injector),
    revision: injector.revision,
    message,
    meaning: consequence([injector]),
    ...rest,
    evidence: [
      { path: `webhooks[${injector.index}].clientConfig.url`, value: injector.url ?? null },
      ...(rest.evidence ?? []),
    ],
  }
}

function notCallable(injector: Injector): Found {
  return found(
    injector,
    {
      en: `${injectorTitle(injector)} has the URL ${injector.url}, which API servers cannot call: it must be https:// and a host`,
      zh: `${injectorTitle(injector)} 的 URL ${injector.url} 无法调用：必须是 https:// 加主机名`,
    },
    { confidence: 'certain' },
  )
}

function doesNotResolve(
  cluster: Cluster,
  injector: Injector,
  host: string,
  evidence: readonly Evidence[],
  sure: boolean,
): Found {
  const own = clusterService(host)
  return found(
    injector,
    {
      en: `The host ${host} in the URL of ${injectorTitle(injector)} does not resolve`,
      zh: `${injectorTitle(injector)} 的 URL 中的主机 ${host} 无法解析`,
    },
    {
      confidence: sure ? 'certain' : 'likely',
      evidence,
      fix: own === undefined ? dnsFix(host) : serviceFix(cluster, injector, own),
    },
  )
}

function dnsFix(host: string): Fix {
  return {
    text: {
      en: `Correct the URL, or add a DNS record for ${host} where the machines of the API server ask. From one of them`,
      zh: `修正 URL，或在 API server 所在机器使用的 DNS 中添加 ${host} 的记录。在该机器上检查`,
    },
    commands: [`getent hosts ${host}`],
    changes: [],
  }
}

function clusterHost(cluster: Cluster, injector: Injector, host: string): Found {
  const service = clusterService(host) ?? { name: host, namespace: '' }
  return found(
    injector,
    {
      en: `${injectorTitle(injector)} calls the host ${host} by URL, a name that only the DNS of the cluster knows`,
      zh: `${injectorTitle(injector)} 用 URL 调用 ${host}，而该名称只有集群 DNS 认识`,
    },
    { severity: 'warn', confidence: 'likely', fix: serviceFix(cluster, injector, service) },
  )
}

function serviceFix(
  cluster: Cluster,
  injector: Injector,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Fix {
  const [, port = '443', path = '/'] = /^https:\/\/[^/:?#]+(?::(\d+))?([^?#]*)/.exec(injector.url ?? '') ?? []
  const at = `/webhooks/${injector.index}`
  const operations: JsonPatchOperation[] = [
    { op: 'test', path: `${at}/name`, value: injector.webhook },
    { op: 'remove', path: `${at}/clientConfig/url` },
    {
      op: 'add',
      path: `${at}/clientConfig/service`,
      value: { name, namespace, port: Number(port), path: path || '/' },
    },
  ]
  const text = {
    en: `Name the Service ${namespace}/${name} instead of a URL: API servers find Services without DNS`,
    zh: `用 Service ${namespace}/${name} 代替 URL：API server 查找 Service 不需要 DNS`,
  }
  const step = jsonPatch(configurationName(injector), operations)
  // A Service that is not there would only move the problem.
  return { text, ...step, changes: cluster.find('Service', namespace, name) === undefined ? [] : step.changes }
}

function loopback(injector: Injector, host: string): Found {
  return found(
    injector,
    {
      en: `${injectorTitle(injector)} calls ${host}: for an API server that is its own machine`,
      zh: `${injectorTitle(injector)} 调用 ${host}：对 API server 来说那是它自己所在的机器`,
    },
    {
      severity: 'warn',
      confidence: 'likely',
      fix: {
        text: {
          en: 'Name the Service of the injector, or a host that the API server reaches',
          zh: '改为注入器的 Service，或 API server 能访问的主机',
        },
        commands: [],
        changes: [],
      },
    },
  )
}

/** It works when the certificate has the address; INJ206 looks at that. */
function address(injector: Injector, host: string): Found {
  const { meaning: _, ...rest } = found(
    injector,
    {
      en: `${injectorTitle(injector)} calls the address ${host}: its certificate must have this address, and it must never change`,
      zh: `${injectorTitle(injector)} 调用地址 ${host}：证书必须包含该地址，且地址不能变化`,
    },
    { severity: 'info', routine: true, confidence: 'certain' },
  )
  return rest
}
