import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import { namespaceVerdict } from '../../mesh/namespace-verdicts.ts'
import { labelOf, nameOf, wordAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { forSubjects } from './active-subjects.ts'
import { type WrittenValue, type WrittenValues, writtenValues } from './inject-values.ts'
import { INJECT, INJECTION, meantBy } from './keys.ts'
import { labelFix } from './template-fix.ts'

export const INJ112: Check = {
  id: 'INJ112',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Namespace', 'Pod', 'Deployment', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The inject value is neither "true" nor "false"', zh: '注入标签的值既不是 "true" 也不是 "false"' },
  looksAt: {
    en: 'The label and the annotation sidecar.istio.io/inject of Pods and Pod templates, as the installed release reads them (True, yes, 1, blank, and in files unquoted booleans); and namespaces that refuse with a value other than istio-injection: disabled and are injected all the same.',
    zh: 'Pod 和 Pod 模板的标签和注解 sidecar.istio.io/inject，按已安装版本的规则解读（True、yes、1、空值，以及文件中未加引号的布尔值）；以及用 disabled 以外的 istio-injection 值表示拒绝、却仍会被注入的命名空间。',
  },
  why: {
    en: 'The injector and the selectors of its webhooks compare letter by letter. Since Istio 1.27 any other value counts as if it were not there; before, some mean yes and all others mean no.',
    zh: '注入器及其 webhook 的选择器逐字比较。自 Istio 1.27 起，其他任何值都视为不存在；之前的版本中，部分值表示“是”，其余一律表示“否”。',
  },
  remedy: { en: 'Write "true" or "false", in quotes.', zh: '写成带引号的 "true" 或 "false"。' },
  references: ['istio/istio#11854'],
  run: (cluster) => [
    ...cluster.all('Namespace').flatMap((namespace) => refusedInVain(cluster, namespace)),
    ...forSubjects(cluster, (subject) => ofSubject(cluster, subject)),
  ],
}

function ofSubject(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const values = writtenValues(cluster, subject)
  const odd = [values.label, values.annotation].filter((one) => one !== undefined).filter(isOdd)
  const [first] = odd
  if (first === undefined) return []
  const unquoted = odd.some(({ value }) => typeof value !== 'string')
  const effect = unquoted ? UNQUOTED : effectOf(first, values)
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} has ${first.path}: ${JSON.stringify(first.value)}, ${effect.en}`,
        zh: `${titleOf(subject)} 的 ${first.path} 为 ${JSON.stringify(first.value)}，${effect.zh}`,
      },
      evidence: [values.label, values.annotation]
        .filter((one) => one !== undefined)
        .map(({ path, value }) => ({ path, value })),
      fix: fix(subject, odd, unquoted),
      confidence: 'certain',
      ...(unquoted ? { severity: 'error' } : {}),
    },
  ]
}

const isOdd = ({ value }: WrittenValue): boolean => value !== 'true' && value !== 'false'

/** Labels and annotations are texts. What YAML makes of an unquoted `true` never gets into a cluster. */
const UNQUOTED: Text = {
  en: 'which is no text: the API server refuses the object. In YAML the value needs quotes',
  zh: '不是文本：API server 会拒绝该对象。在 YAML 中该值必须加引号',
}

function effectOf({ on, reading }: WrittenValue, { labelWins, minor, annotation }: WrittenValues): Text {
  if (on === 'labels' && !labelWins) {
    return { en: `and Istio 1.${minor} does not read that label`, zh: `且 Istio 1.${minor} 不读取该标签` }
  }
  const overruled = on === 'labels' && annotation !== undefined
  const rest = overruled
    ? {
        en: '; the annotation is not looked at either, because the label is there',
        zh: '；由于标签存在，注解也不会被查看',
      }
    : { en: '', zh: '' }
  switch (reading) {
    case 'true':
    case 'false': {
      const word = reading === 'true' ? 'yes' : 'no'
      return {
        en: `which Istio 1.${minor} takes for ${word}; since 1.27 it means nothing, and selectors of webhooks do not know it now${rest.en}`,
        zh: `Istio 1.${minor} 视为“${reading === 'true' ? '是' : '否'}”；但自 1.27 起无效，webhook 的选择器现在就不认识它${rest.zh}`,
      }
    }
    case 'refused':
      return {
        en: `which is neither yes nor no: Istio 1.${minor} takes it for no${rest.en}`,
        zh: `既不是“是”也不是“否”：Istio 1.${minor} 视为拒绝注入${rest.zh}`,
      }
    default:
      return {
        en: `which means nothing: the decision is left to selectors and the default policy${rest.en}`,
        zh: `没有任何意义：由选择器和默认策略决定${rest.zh}`,
      }
  }
}

function fix(subject: Subject, odd: readonly WrittenValue[], unquoted: boolean): Fix {
  const meant = odd.map(({ value }) => meantBy(wordAt(value))).find((one) => one !== undefined)
  const paths = odd.map(({ path }) => path)
  if (unquoted) {
    const quotes = `"${meant === false ? 'false' : 'true'}"`
    return {
      ...NO_STEP,
      text: {
        en: `Put the value into quotes in the file: ${INJECT}: ${quotes}`,
        zh: `在文件中给该值加上引号：${INJECT}: ${quotes}`,
      },
    }
  }
  if (meant === undefined) {
    return {
      ...NO_STEP,
      text: {
        en: `Set ${paths.join(' and ')} to "true" or "false", or remove it`,
        zh: `将 ${paths.join(' 和 ')} 设为 "true" 或 "false"，或将其删除`,
      },
    }
  }
  const set = (on: WrittenValue['on']) =>
    odd.some((one) => one.on === on) ? { [on]: { [INJECT]: String(meant) } } : {}
  return labelFix(
    subject,
    { en: `Set ${paths.join(' and ')} to "${meant}"`, zh: `将 ${paths.join(' 和 ')} 设为 "${meant}"` },
    { ...set('labels'), ...set('annotations') },
  )
}

/** `istio-injection: off` where only "disabled" is an exception. */
function refusedInVain(cluster: Cluster, namespace: JsonObject): CheckOutcome[] {
  const value = labelOf(namespace, INJECTION)
  if (value === undefined || value === 'enabled' || value === 'disabled' || meantBy(value) !== false) return []
  const name = nameOf(namespace)
  const { expected, injector } = namespaceVerdict(cluster, name)
  if (expected !== 'injected' || injector === undefined) return []
  return [
    {
      outcome: 'found',
      object: objectName(namespace),
      message: {
        en: `Namespace ${name} has ${INJECTION}: ${JSON.stringify(value)}, which is not "disabled": its Pods are injected`,
        zh: `命名空间 ${name} 的 ${INJECTION} 为 ${JSON.stringify(value)}，而不是 "disabled"：其 Pod 会被注入`,
      },
      evidence: [
        { path: `metadata.labels["${INJECTION}"]`, value },
        {
          object: objectName(injector.object),
          path: `webhooks[${injector.index}].namespaceSelector`,
          value: injector.settings.namespaceSelector,
        },
      ],
      fix: {
        text: { en: `Set the label to "disabled"`, zh: `将该标签设为 "disabled"` },
        ...labelNamespace(name, { [INJECTION]: 'disabled' }),
      },
      confidence: 'likely',
    },
  ]
}
