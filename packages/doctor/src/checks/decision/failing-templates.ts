import type { InjectionError, InjectionErrorCode } from '@proa/injector'
import type { Json } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { listed } from '../../naming.ts'
import { annotationOf, labelOf, numberAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { activeSubjects } from './active-subjects.ts'
import { configurationProblem, isAboutTemplate, zhHint } from './configuration-evidence.ts'
import { newlyRendered } from './newly-rendered.ts'

export const INJ131: Check = {
  id: 'INJ131',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: { en: 'An injection template fails', zh: '注入模板执行失败' },
  looksAt: {
    en: 'Whether the templates of every injector parse; and, for workloads that should be injected and have no injected Pod, whether the templates can be executed on their Pods and give a Pod.',
    zh: '每个注入器的模板能否解析；对于应被注入但没有已注入 Pod 的工作负载，模板能否在其 Pod 上执行并得到有效的 Pod。',
  },
  why: {
    en: 'A template that does not parse makes the whole configuration useless. One that fails on a Pod makes the injector refuse it.',
    zh: '无法解析的模板会让整个配置失效；在某个 Pod 上执行失败的模板会使注入器拒绝该 Pod。',
  },
  remedy: {
    en: 'Correct the template, or the value of the Pod that it stumbles over.',
    zh: '修正模板，或修正导致失败的 Pod 字段值。',
  },
  run: (cluster) => [...revisions(cluster).flatMap(unparsable), ...failing(cluster)],
}

function unparsable(revision: Revision): readonly CheckOutcome[] {
  const { configuration } = revision
  if (configuration.kind !== 'broken' || !isAboutTemplate(configuration.error.problem)) return []
  return [configurationProblem(revision, configuration.error.problem, 'error')]
}

/** Errors of what templates make. Wrong annotations, unknown templates and the status annotation have checks of their own. */
const OF_TEMPLATES: ReadonlySet<InjectionErrorCode> = new Set<InjectionErrorCode>([
  'TemplateFailed',
  'TemplateOutputInvalid',
  'MergeFailed',
  'StructureInjection',
  'InvalidOverrides',
  'InvalidPod',
])

interface Failure {
  readonly subject: Subject
  readonly revision: Revision | undefined
  readonly error: InjectionError
}

/** The same error on several workloads is one fault of the template. */
function failing(cluster: Cluster): readonly CheckOutcome[] {
  const failures = activeSubjects(cluster).flatMap((subject): Failure[] => {
    const result = newlyRendered(cluster, subject)
    if (result?.outcome !== 'failed' || !OF_TEMPLATES.has(result.error.code)) return []
    return [{ subject, revision: verdictOf(cluster, subject).revision, error: result.error }]
  })
  const groups = Map.groupBy(failures, ({ revision, error }) => `${revision?.name} ${error.message}`)
  return [...groups.values()].map((group) => (group.length > 1 ? ofConfiguration(group) : ofWorkload(group)))
}

function ofConfiguration(failures: readonly Failure[]): Found {
  const [{ revision, error }] = failures as [Failure]
  const names = listed(failures.map(({ subject }) => titleOf(subject)))
  return {
    ...common(failures[0], revision),
    message: {
      en: `The injection of ${failures.length} workloads fails: ${error.message} (${names.en})`,
      zh: `${failures.length} 个工作负载注入失败：${error.message}（${names.zh}）`,
    },
    object: revision?.configMap === undefined ? { kind: 'ConfigMap', name: '' } : objectName(revision.configMap),
    evidence: evidenceOf(failures[0] as Failure),
  }
}

function ofWorkload(failures: readonly Failure[]): Found {
  const [{ subject, revision, error }] = failures as [Failure]
  return {
    ...common(failures[0], revision),
    message: {
      en: `The injection of ${titleOf(subject)} fails, so its Pods are refused: ${error.message}`,
      zh: `${titleOf(subject)} 注入失败，其 Pod 会被拒绝：${error.message}`,
    },
    object: subject.object,
    evidence: evidenceOf({ subject, revision, error }),
  }
}

function common(failure: Failure | undefined, revision: Revision | undefined) {
  const { path, hint } = failure?.error ?? {}
  const where = path?.startsWith('config.') ? `data.config, ${path.slice('config.'.length)}` : path
  return {
    outcome: 'found' as const,
    confidence: 'certain' as const,
    ...(revision === undefined ? {} : { revision: revision.name }),
    fix: {
      ...NO_STEP,
      text: {
        en: `Correct ${where ?? 'the template'}${hint === undefined ? '' : `: ${hint}`}`,
        zh: `修正 ${where ?? '模板'}${zhHint(hint)}`,
      },
    },
  }
}

/** The place in the template, and the value of the Pod where the error names one. */
function evidenceOf({ subject, revision, error }: Failure): readonly Evidence[] {
  const { path } = error
  if (path === undefined) return []
  if (!path.startsWith('config.')) {
    const value = valueIn(subject, path)
    return [templateEvidence(subject, path, value)]
  }
  const cause = error.cause as Json | undefined
  const [line, column] = [numberAt(cause, 'line'), numberAt(cause, 'column')]
  const name = path.slice('config.templates.'.length)
  const text =
    revision?.configuration.kind === 'loaded'
      ? revision.configuration.configuration.templates.get(name)?.text
      : undefined
  const written = line === undefined ? undefined : text?.split('\n')[line - 1]?.trim()
  return [
    {
      ...(revision?.configMap === undefined ? {} : { object: objectName(revision.configMap) }),
      path: `data.config: templates.${name}${line === undefined ? '' : `, line ${line}`}${column === undefined ? '' : `, column ${column}`}`,
      ...(written === undefined ? {} : { value: written }),
    },
  ]
}

function valueIn({ template }: Subject, path: string): Json | undefined {
  const [, map, key] = /^metadata\.(annotations|labels)\["(.+)"\]$/.exec(path) ?? []
  if (key === undefined) return undefined
  return map === 'labels' ? labelOf(template, key) : annotationOf(template, key)
}
