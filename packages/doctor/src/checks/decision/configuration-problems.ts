import type { ConfigurationProblem } from '@proa/injector'
import type { Check } from '../../check.ts'
import type { CheckOutcome } from '../../finding.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { configurationProblem, isAboutTemplate } from './configuration-evidence.ts'

export const INJ132: Check = {
  id: 'INJ132',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The configuration of the injector is not valid', zh: '注入器配置无效' },
  looksAt: {
    en: 'The keys config and values of the ConfigMap istio-sidecar-injector and the key mesh of the ConfigMap istio, read as the injector reads them: YAML, types, unknown keys, values out of range.',
    zh: '按注入器的方式读取 ConfigMap istio-sidecar-injector 的 config、values 与 ConfigMap istio 的 mesh：YAML、类型、未知键、取值范围。',
  },
  why: {
    en: 'An injector that cannot read its configuration keeps the last good one, and has none after a restart. Keys that it does not know have no effect, which nobody is told.',
    zh: '注入器读不了配置时会沿用上一份，重启后则没有配置。未知的键不会生效，也没有任何提示。',
  },
  remedy: { en: 'Correct the value at the path that the finding names.', zh: '修正结论中所指路径的值。' },
  references: ['istio/istio#38415'],
  run: (cluster) => revisions(cluster).flatMap(problemsOf),
}

function problemsOf(revision: Revision): readonly CheckOutcome[] {
  const { configuration } = revision
  if (configuration.kind === 'broken') {
    const { problem } = configuration.error
    return isAboutTemplate(problem) ? [] : [configurationProblem(revision, problem, 'error')]
  }
  if (configuration.kind !== 'loaded') return []
  const { problems } = configuration.configuration
  return problems.filter(isOurs).map((problem) => configurationProblem(revision, problem, severityOf(problem)))
}

/** An unknown policy is INJ115, a selector that does not parse INJ118. */
function isOurs({ path = '' }: ConfigurationProblem): boolean {
  return path !== 'policy' && !/^(?:never|always)InjectSelector(?:$|\[)/.test(path)
}

function severityOf({ path, fatal }: ConfigurationProblem): 'error' | 'warn' {
  return fatal === true || path === 'templates' ? 'error' : 'warn'
}
