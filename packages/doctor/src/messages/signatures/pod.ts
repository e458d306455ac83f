import type { Signature } from './signature.ts'

/** Admission that is built into the API server, and validation, refuse the Pod. */
export const POD: readonly Signature[] = [
  {
    code: 'denied-by-guard',
    pattern:
      /ValidatingAdmissionPolicy '(?<policy>[^']{1,253}\.guard)' with binding '(?<binding>[^']{1,253})' denied request(?:: (?<problem>[^\n]{1,600}))?/,
    checks: ['INJ253', 'INJ155'],
    verdict: ({ details }) => ({
      en: `The Pod should have a sidecar and came without one, so the guard ${details.policy} refused it: the injector was not reached.`,
      zh: `Pod 应当有 sidecar 却没有，因此守卫策略 ${details.policy} 拒绝了它：API server 没有访问到注入器。`,
    }),
  },
  {
    code: 'denied-by-policy',
    pattern:
      /ValidatingAdmissionPolicy '(?<policy>[^']{1,253})' with binding '(?<binding>[^']{1,253})' denied request(?:: (?<problem>[^\n]{1,600}))?/,
    checks: ['INJ310'],
    verdict: ({ details }) => ({
      en: `The ValidatingAdmissionPolicy ${details.policy} refuses the Pod: ${details.problem ?? 'it does not say why'}.`,
      zh: `ValidatingAdmissionPolicy ${details.policy} 拒绝了这个 Pod：${details.problem ?? '未说明原因'}。`,
    }),
  },
  {
    code: 'pod-security',
    pattern: /violates PodSecurity "(?<policy>[^"]{1,80})"(?:: (?<problem>[^\n]{1,1500}))?/,
    checks: ['INJ310'],
    verdict: ({ details }) => ({
      en: `The Pod violates the Pod Security level ${details.policy} of its namespace${/istio-(?:init|proxy|validation)/.test(details.problem ?? '') ? ', by what was injected' : ''}.`,
      zh: `Pod 违反了所在命名空间的 Pod Security 级别 ${details.policy}${/istio-(?:init|proxy|validation)/.test(details.problem ?? '') ? '，问题出在注入的部分' : ''}。`,
    }),
  },
  {
    code: 'security-context-constraints',
    pattern: /unable to validate against any security context constraint(?:: (?<problem>[^\n]{1,1500}))?/,
    checks: ['INJ310', 'INJ311'],
    verdict: () => ({
      en: 'No SecurityContextConstraint of OpenShift that the ServiceAccount may use allows the Pod as it is after injection.',
      zh: '注入之后的 Pod 不符合其 ServiceAccount 可用的任何 OpenShift SecurityContextConstraint。',
    }),
  },
  {
    code: 'pod-security-policy',
    pattern: /unable to (?:validate against any|admit pod: no) pod security policy(?:: (?<problem>[^\n]{1,1500}))?/i,
    checks: ['INJ310'],
    verdict: () => ({
      en: 'No PodSecurityPolicy that the ServiceAccount may use allows the Pod as it is after injection.',
      zh: '注入之后的 Pod 不符合其 ServiceAccount 可用的任何 PodSecurityPolicy。',
    }),
  },
  {
    code: 'quota-exceeded',
    pattern:
      /exceeded quota: (?<quota>[^\s,"]{1,253})(?:, requested: (?<requested>[^"]{0,300}?), used: (?<used>[^"]{0,300}?), limited: (?<limited>[^\s"]{1,300}))?/,
    checks: ['INJ330'],
    verdict: ({ details }) => ({
      en: `The ResourceQuota ${details.quota} has no room for the Pod${details.requested === undefined ? '' : `: it asks for ${details.requested}, used are ${details.used} of ${details.limited}`}. The sidecar counts.`,
      zh: `ResourceQuota ${details.quota} 放不下这个 Pod${details.requested === undefined ? '' : `：申请 ${details.requested}，已用 ${details.used}，上限 ${details.limited}`}。sidecar 也计算在内。`,
    }),
  },
  {
    code: 'quota-needs-resources',
    pattern: /failed quota: (?<quota>[^\s:"]{1,253}): must specify (?<resources>[^"\n]{1,300})/,
    checks: ['INJ330', 'INJ331'],
    verdict: ({ details }) => ({
      en: `The ResourceQuota ${details.quota} wants every container, also the sidecar, to state ${details.resources}.`,
      zh: `ResourceQuota ${details.quota} 要求每个容器（包括 sidecar）声明 ${details.resources}。`,
    }),
  },
  {
    code: 'limit-range',
    pattern:
      /(?<problem>(?:maximum|minimum) (?<resource>[\w./-]{1,60}) usage per (?:Container|Pod) is [^"\n]{1,200}|\S{1,40} max limit to request ratio per \w{1,20} is [^"\n]{1,200})/,
    checks: ['INJ330'],
    verdict: ({ details }) => ({
      en: `A LimitRange of the namespace refuses the Pod with its sidecar: ${details.problem}.`,
      zh: `命名空间的 LimitRange 拒绝了带 sidecar 的 Pod：${details.problem}。`,
    }),
  },
  {
    code: 'namespace-terminating',
    pattern: /because it is being terminated/,
    checks: ['INJ137'],
    verdict: () => ({
      en: 'The namespace is being deleted; no Pods can be created in it any more.',
      zh: '命名空间正在删除，不能再创建 Pod。',
    }),
  },
  {
    code: 'namespace-not-found',
    pattern: /namespaces? "(?<namespace>[^"]{1,63})" not found/,
    checks: ['INJ137'],
    verdict: ({ details }) => ({
      en: `The namespace ${details.namespace} does not exist.`,
      zh: `命名空间 ${details.namespace} 不存在。`,
    }),
  },
  {
    code: 'service-account-not-found',
    pattern: /serviceaccounts? "(?<serviceAccount>[^"]{1,253})" not found/,
    checks: ['INJ100'],
    verdict: ({ details }) => ({
      en: `The ServiceAccount ${details.serviceAccount} of the Pod does not exist. Injection has nothing to do with it.`,
      zh: `Pod 的 ServiceAccount ${details.serviceAccount} 不存在，与注入无关。`,
    }),
  },
  {
    code: 'not-permitted',
    pattern: /User "(?<user>[^"]{1,300})" cannot (?<verb>\w{1,20}) resource "(?<resource>[^"]{1,100})"/,
    checks: ['INJ100'],
    verdict: ({ details }) => ({
      en: `The user ${details.user} may not ${details.verb} ${details.resource} (RBAC). Injection has nothing to do with it.`,
      zh: `用户 ${details.user} 没有 ${details.verb} ${details.resource} 的权限（RBAC），与注入无关。`,
    }),
  },
  {
    code: 'duplicate-proxy',
    pattern:
      /(?<field>spec\.\w{1,40}\[\d{1,4}\]\.\w{1,40}): Duplicate value: "(?<value>istio-[\w-]{1,60}|[\w-]{0,60}envoy[\w-]{0,60}|workload-\w{1,60}|istiod-ca-cert)"/,
    checks: ['INJ126', 'INJ125', 'INJ134'],
    verdict: ({ details }) => ({
      en: `After injection the Pod has ${details.value} twice (${details.field}): it was injected by hand before, or two injectors or templates add it.`,
      zh: `注入之后 Pod 里有两个 ${details.value}（${details.field}）：之前手工注入过，或者有两个注入器、两个模板都添加了它。`,
    }),
  },
  {
    code: 'pod-invalid',
    pattern:
      /(?:\bis invalid|Invalid value): (?:\[)?(?:(?<field>[\w.[\]"'/-]{1,200}): )?(?<problem>(?:Invalid|Required|Duplicate|Unsupported|Forbidden|Too)[^\n]{0,1000})/,
    checks: ['INJ134', 'INJ133'],
    verdict: ({ details }) => ({
      en: `The API server does not accept the object as it is after the patches of the webhooks: ${details.field ?? ''}${details.field === undefined ? '' : ': '}${details.problem}.`,
      zh: `API server 不接受经过 webhook patch 之后的对象：${details.field ?? ''}${details.field === undefined ? '' : '：'}${details.problem}。`,
    }),
  },
  {
    code: 'pod-invalid',
    pattern:
      /(?<problem>the (?:name|namespace) of the provided object does not match the (?:name|namespace) (?:sent )?on the (?:request|URL)[^"\n]{0,100}|spec\.initContainers\S{0,60}: [^"\n]{1,300})/,
    checks: ['INJ134'],
    verdict: ({ details }) => ({
      en: `The API server does not accept the object as it is after the patches of the webhooks: ${details.problem}.`,
      zh: `API server 不接受经过 webhook patch 之后的对象：${details.problem}。`,
    }),
  },
]
