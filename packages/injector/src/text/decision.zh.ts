import type { DecisionWording, StepFacts } from '../decision/describe.ts'
import type { Release } from '../release.ts'

export const decisionChinese: DecisionWording = {
  questions: {
    'host-network': 'Pod 是否使用节点的网络（hostNetwork）？',
    'ignored-namespace': '命名空间是否属于从不注入的系统命名空间？',
    'inject-label': 'Pod 是否带有标签 sidecar.istio.io/inject？',
    'inject-annotation': 'Pod 是否带有注解 sidecar.istio.io/inject？',
    'never-inject-selector': '是否有 neverInjectSelector 匹配 Pod 的标签？',
    'always-inject-selector': '是否有 alwaysInjectSelector 匹配 Pod 的标签？',
    policy: '默认策略（policy）是什么？',
  },
  consequence,
  reasons: {
    HostNetwork: 'Pod 使用节点的网络，捕获流量会影响整个节点',
    IgnoredNamespace: '该命名空间从不注入',
    InjectLabelTrue: 'Pod 用标签 sidecar.istio.io/inject 要求注入',
    InjectLabelFalse: 'Pod 用标签 sidecar.istio.io/inject 拒绝注入',
    InjectAnnotationTrue: 'Pod 用注解 sidecar.istio.io/inject 要求注入',
    InjectAnnotationFalse: 'Pod 用注解 sidecar.istio.io/inject 拒绝注入',
    NeverInjectSelector: '有 neverInjectSelector 匹配 Pod 的标签',
    AlwaysInjectSelector: '有 alwaysInjectSelector 匹配 Pod 的标签',
    PolicyEnabled: 'Pod 没有说明，默认策略为 enabled',
    PolicyDisabled: 'Pod 没有说明，默认策略为 disabled',
    PolicyUnknown: '配置中的 policy 既不是 enabled 也不是 disabled，因此注入被关闭',
  },
}

function consequence(step: StepFacts, release: Release): string {
  const value = JSON.stringify(step.found[0]?.value)
  switch (step.id) {
    case 'host-network':
      return step.finding === 'true' ? '不注入：流量规则会影响整个节点' : '否：继续'
    case 'ignored-namespace':
      return step.finding === 'matched' ? '不注入，无论还有什么要求' : '否：继续'
    case 'inject-label':
    case 'inject-annotation':
      return injectValue(step, value, release)
    case 'never-inject-selector':
      return selector(step, '不注入')
    case 'always-inject-selector':
      return selector(step, '注入')
    case 'policy':
      if (step.finding === 'enabled') return 'enabled：注入'
      if (step.finding === 'disabled') return 'disabled：不注入'
      return `${value} 不是有效的策略：改为 enabled 或 disabled 之前不会注入任何 Pod`
  }
}

function injectValue(step: StepFacts, value: string, release: Release): string {
  switch (step.finding) {
    case 'absent':
      return '没有：继续'
    case 'true':
      return `${value}：注入`
    case 'false':
      return `${value}：不注入`
    case 'refused':
      return `${value} 既不是“是”也不是“否”；Istio ${release.name} 视为拒绝`
    case 'overruled':
      return `${value} 不被考虑，因为标签优先`
    default:
      return `${value} 既不是 "true" 也不是 "false"：视为不存在`
  }
}

function selector(step: StepFacts, verdict: string): string {
  if (step.finding === 'matched') return `有一个匹配：${verdict}`
  return step.finding === 'absent' ? '没有配置：继续' : '没有匹配：继续'
}
