import { type Configuration, nearest } from '@proa/injector'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { annotationOf } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { templateFix } from './template-fix.ts'

const TEMPLATES = 'inject.istio.io/templates'

export const INJ130: Check = {
  id: 'INJ130',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'ConfigMap'],
  uses: ['Namespace', 'Pod', 'Deployment'],
  title: { en: 'An injection template is unknown', zh: '请求的注入模板不存在' },
  looksAt: {
    en: `The annotation ${TEMPLATES} of workloads that are injected, and defaultTemplates of the injector, against the templates and aliases of its configuration.`,
    zh: `将被注入的工作负载的注解 ${TEMPLATES} 以及注入器的 defaultTemplates，与其配置中的 templates 和 aliases 对照。`,
  },
  why: {
    en: 'The injector refuses the Pod, so it is not created.',
    zh: '注入器会拒绝该 Pod，因此无法创建。',
  },
  remedy: {
    en: 'Name a template of the injector, or add it to its configuration.',
    zh: '改为注入器已有的模板名，或把模板加入配置。',
  },
  references: ['istio/istio#48864'],
  run: (cluster) => [
    ...revisions(cluster).flatMap(ofRevision),
    ...forSubjects(cluster, (subject) => ofSubject(cluster, subject)),
  ],
}

function ofRevision(revision: Revision): readonly CheckOutcome[] {
  const { configuration: loaded, configMap } = revision
  if (loaded.kind !== 'loaded' || configMap === undefined) return []
  const { configuration } = loaded
  const unknown = unknownNames(configuration, configuration.defaultTemplates)
  // Without any template INJ132 tells that there are none.
  if (unknown.length === 0 || configuration.templates.size === 0) return []
  const known = knownNames(configuration)
  return [
    {
      outcome: 'found',
      object: objectName(configMap),
      revision: revision.name,
      message: {
        en: `defaultTemplates of revision ${revision.name} name ${unknown.join(', ')}, which it does not have (it has ${known.join(', ')}): every Pod is refused`,
        zh: `revision ${revision.name} 的 defaultTemplates 引用了不存在的模板 ${unknown.join('、')}（已有：${known.join('、')}）：所有 Pod 都会被拒绝`,
      },
      evidence: [
        { path: 'data.config: defaultTemplates', value: configuration.defaultTemplates },
        { path: 'data.config: templates', value: known },
      ],
      confidence: 'certain',
      fix: {
        ...NO_STEP,
        text: {
          en: `Correct defaultTemplates in the key config of ConfigMap ${revision.namespace}/${objectName(configMap).name}`,
          zh: `修正 ConfigMap ${revision.namespace}/${objectName(configMap).name} 中 config 的 defaultTemplates`,
        },
      },
    },
  ]
}

function ofSubject(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const asked = annotationOf(subject.template, TEMPLATES)
  const { expected, configuration, injector } = verdictOf(cluster, subject)
  if (asked === undefined || expected !== 'injected' || configuration === undefined) return []
  const result = renderedOf(cluster, subject)
  if (result?.outcome !== 'failed' || result.error.code !== 'UnknownTemplate') return []
  const names = asked.split(',').map((name) => name.trim())
  const known = knownNames(configuration)
  const unknown = unknownNames(configuration, names)
  const corrected = names.flatMap((name) => (unknown.includes(name) ? (nearest(name, known) ?? []) : [name]))
  const value = corrected.length === 0 ? null : corrected.join(',')
  return [
    {
      outcome: 'found',
      object: subject.object,
      ...(injector === undefined ? {} : { revision: injector.revision }),
      message: {
        en: `${titleOf(subject)} asks for the template ${unknown.map((name) => `"${name}"`).join(', ')}, and the injector has only ${known.join(', ')}: its Pods are refused`,
        zh: `${titleOf(subject)} 请求模板 ${unknown.map((name) => `"${name}"`).join('、')}，而注入器只有 ${known.join('、')}：其 Pod 会被拒绝`,
      },
      evidence: [
        templateEvidence(subject, `metadata.annotations["${TEMPLATES}"]`, asked),
        {
          path: 'data.config: templates',
          value: known,
          label: { en: 'templates of the injector', zh: '注入器的模板' },
        },
      ],
      confidence: 'certain',
      fix: templateFix(
        subject,
        value === null
          ? {
              en: `Remove the annotation ${TEMPLATES}, so that the default templates are used`,
              zh: `删除注解 ${TEMPLATES}，使用默认模板`,
            }
          : { en: `Set ${TEMPLATES} to "${value}"`, zh: `将 ${TEMPLATES} 设为 "${value}"` },
        editTemplate(subject, { annotations: { [TEMPLATES]: value } }),
      ),
    },
  ]
}

function knownNames({ templates, aliases }: Configuration): string[] {
  return [...new Set([...templates.keys(), ...aliases.keys()])].toSorted()
}

/** Names that are no template; an alias counts by what it stands for. */
function unknownNames({ templates, aliases }: Configuration, names: readonly string[]): string[] {
  const missing = names.flatMap((name) => aliases.get(name) ?? [name]).filter((name) => !templates.has(name))
  return [...new Set(missing)]
}
