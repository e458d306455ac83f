import { type DecisionStep, describeStep, type InjectorVerdict, webhookWording } from '@proa/injector'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { Subject } from '../../subjects/subjects.ts'
import type { Verdict } from '../../subjects/verdict.ts'
import { templateField } from '../../subjects/wishes.ts'
import { entryOf } from './webhook-evidence.ts'

/** Everything that was asked, in order: each webhook by the API server, then each rule by the injector that is called. */
export function traceEvidence(cluster: Cluster, subject: Subject, verdict: Verdict): readonly Evidence[] {
  return [
    ...verdict.webhooks.injectors.flatMap((one) => ofWebhook(cluster, one)),
    ...(verdict.decision?.steps ?? []).map((step) => ofStep(subject, verdict, step)),
  ]
}

function ofWebhook(cluster: Cluster, one: InjectorVerdict): Evidence[] {
  const injector = entryOf(cluster, one)
  if (injector === undefined || injector.deactivated) return []
  const { verdict } = one
  return [
    {
      object: objectName(injector.object),
      path: `webhooks[${injector.index}]`,
      value: verdict.called === true ? 'called' : verdict.called === false ? 'not called' : 'unknown',
      label: { en: webhookWording('en').verdict(verdict), zh: webhookWording('zh').verdict(verdict) },
    },
  ]
}

/** Paths of the engine start at the Pod and at the configuration; here they start at objects of the cluster. */
function ofStep(subject: Subject, { decision, revision, injector }: Verdict, step: DecisionStep): Evidence {
  const [first] = step.found
  const path = first?.path ?? ''
  const label = wording(step, decision?.release ?? UNKNOWN_RELEASE)
  const value = first?.value === undefined ? {} : { value: first.value }
  if (path.startsWith('pod.')) return { path: templateField(subject, path.slice('pod.'.length)), ...value, label }
  if (path === 'request.namespace') return { path: 'metadata.namespace', ...value, label }
  const configMap = revision?.configMap
  const object = configMap === undefined ? injector && objectName(injector.object) : objectName(configMap)
  const key =
    path.replace(/^config\./, '') || (step.id.startsWith('never') ? 'neverInjectSelector' : 'alwaysInjectSelector')
  return { ...(object === undefined ? {} : { object }), path: `data.config: ${key}`, ...value, label }
}

type KnownRelease = NonNullable<Verdict['decision']>['release']
const UNKNOWN_RELEASE: KnownRelease = { minor: 0, name: '', chosenBy: 'default' }

function wording(step: DecisionStep, release: KnownRelease): Text {
  const en = describeStep(step, release, 'en')
  const zh = describeStep(step, release, 'zh')
  const mark = step.deciding ? { en: 'decides: ', zh: '决定性：' } : { en: '', zh: '' }
  return { en: `${mark.en}${en.question} ${en.consequence}`, zh: `${mark.zh}${zh.question}${zh.consequence}` }
}
