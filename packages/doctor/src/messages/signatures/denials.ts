import { capital, type Matched, type Signature, webhookIn } from './signature.ts'

const isInjector = ({ facts }: Matched): boolean => /sidecar-injector/.test(facts.webhook ?? '')
/** Istio's own validation of its resources, and what else says nothing of Pods. */
const POLICY_ENGINES = /kyverno|gatekeeper|polaris|opa\.|datree|kubewarden|neuvector|aqua|twistlock|styra/i

/** A webhook was called and said no: what it said after "denied the request: ". */
export const DENIALS: readonly Signature[] = [
  {
    code: 'denied-template-unknown',
    pattern:
      /requested template "(?<template>[^"]{0,200})" not found(?:; have (?<known>\[[^\]]{0,500}\]|[\w., -]{1,500}))?/,
    checks: ['INJ130'],
    verdict: ({ details }) => ({
      en: `The Pod (inject.istio.io/templates) or the injector's configuration asks for the template ${details.template}, which the injector does not have.`,
      zh: `Pod（inject.istio.io/templates）或注入器配置要求使用模板 ${details.template}，而注入器没有这个模板。`,
    }),
  },
  {
    code: 'denied-status-annotation',
    pattern:
      /annotation (?<annotation>sidecar\.istio\.io\/status|proxy\.istio\.io\/overrides) cannot be read(?:: (?<problem>[^"]{1,300}))?/,
    checks: ['INJ136'],
    verdict: ({ details }) => ({
      en: `The Pod template carries the annotation ${details.annotation} of an earlier injection, and it cannot be read.`,
      zh: `Pod 模板里带有之前注入留下的注解 ${details.annotation}，而它无法解析。`,
    }),
  },
  {
    code: 'denied-template-failed',
    pattern:
      /(?<problem>failed parsing generated injected YAML[^\n]{0,600}|template: [^\s:]{1,100}:\d{1,6}[^\n]{0,600}|template \S{1,100}: [^\n]{1,600}|failed to run injection template[^\n]{0,600}|failed applying injection overlay[^\n]{0,600}|failed to re ?apply container[^\n]{0,600}|failed to apply the container[^\n]{0,600}|strategic merge: [^\n]{0,600}|would add structure of its own[^\n]{0,200})/,
    checks: ['INJ131', 'INJ132'],
    verdict: ({ details }) => ({
      en: `A template of the injector fails on this Pod: ${details.problem}.`,
      zh: `注入器的模板在这个 Pod 上执行失败：${details.problem}。`,
    }),
  },
  {
    code: 'denied-configuration',
    pattern:
      /(?<problem>failed to parse values\.yaml[^\n]{0,300}|could not parse configuration values[^\n]{0,300}|failed to process webhook config[^\n]{0,300}|failed to get initial configuration[^\n]{0,300}|there is no template)/,
    checks: ['INJ132', 'INJ131'],
    verdict: ({ details }) => ({
      en: `The injector cannot read its own configuration: ${details.problem}.`,
      zh: `注入器无法读取自己的配置：${details.problem}。`,
    }),
  },
  {
    code: 'denied-annotation',
    pattern:
      /(?<problem>invalid value '+(?<value>[^']{0,300})'+ for annotation '+(?<annotation>[^']{1,200})'+[^\n]{0,300}|failed to convert to apply proxy config[^\n]{0,300}|(?:include|exclude)\w{1,30} invalid: [^\n]{0,300}|interceptionMode invalid[^\n]{0,200}|invalid prometheus scrape[^\n]{0,300}|failed parsing (?:cidr|port) '[^']{0,100}'[^\n]{0,200}|annotation (?:key|value)?[^\n]{0,60}invalid[^\n]{0,200})/,
    when: (matched) => isInjector(matched) || matched.details.annotation?.includes('istio.io') === true,
    checks: ['INJ308', 'INJ309'],
    verdict: ({ details }) => ({
      en: `An annotation of the Pod is not valid, and the injector refuses the Pod: ${details.problem}.`,
      zh: `Pod 的注解无效，注入器拒绝了它：${details.problem}。`,
    }),
  },
  {
    code: 'denied-by-injector',
    pattern: /denied the request(?: without explanation|: (?<problem>[^\n]{1,1000}))?/,
    when: isInjector,
    checks: ['INJ131', 'INJ134', 'INJ132'],
    verdict: (matched) => ({
      en: `The injector refuses the Pod: ${matched.details.problem ?? 'it does not say why; its log does'}.`,
      zh: `注入器拒绝了这个 Pod：${matched.details.problem ?? '未说明原因，请看它的日志'}。`,
    }),
  },
  {
    code: 'denied-by-policy',
    pattern: /denied the request(?: without explanation|: (?<problem>[^\n]{1,1000}))?/,
    when: ({ facts }) => POLICY_ENGINES.test(facts.webhook ?? ''),
    checks: ['INJ310', 'INJ133'],
    verdict: (matched) => ({
      en: `A policy of ${webhookIn(matched).en} refuses the Pod, with its sidecar if it has one: ${matched.details.problem ?? 'it does not say why'}.`,
      zh: `${webhookIn(matched).zh} 的策略拒绝了这个 Pod（如已注入则包括 sidecar）：${matched.details.problem ?? '未说明原因'}。`,
    }),
  },
  {
    code: 'denied-by-webhook',
    pattern: /denied the request(?: without explanation|: (?<problem>[^\n]{1,1000}))?/,
    checks: ['INJ310', 'INJ134'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)}, which is not the injector, refuses the request: ${matched.details.problem ?? 'it does not say why'}.`,
      zh: `${webhookIn(matched).zh}（不是注入器）拒绝了请求：${matched.details.problem ?? '未说明原因'}。`,
    }),
  },
]
