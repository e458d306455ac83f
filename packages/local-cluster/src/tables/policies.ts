/** Who may do what, and what is asked before. */
import type { Json, JsonObject } from '@proa/kube'
import { columns, type TablePrinter } from './column.ts'
import { timeSince } from './human-duration.ts'
import { at, numberAt, objectsAt, sizeAt, textAt, textsAt } from './read.ts'

const name = (object: JsonObject): string => textAt(object, 'metadata', 'name')
const age = (object: JsonObject, now: number): string => timeSince(textAt(object, 'metadata', 'creationTimestamp'), now)

const CREATED: TablePrinter = {
  columns: columns('Name Created_At:date'),
  cells: (object) => [name(object), textAt(object, 'metadata', 'creationTimestamp')],
}

const BINDING: TablePrinter = {
  columns: columns('Name Role Age Users!1 Groups!1 ServiceAccounts!1'),
  cells: (object, now) => {
    const subjects = (kind: string, show: (subject: JsonObject) => string): string =>
      objectsAt(object, 'subjects')
        .filter((subject) => subject.kind === kind)
        .map(show)
        .join(', ')
    const subjectName = (subject: JsonObject): string => textAt(subject, 'name')
    return [
      name(object),
      `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`,
      age(object, now),
      subjects('User', subjectName),
      subjects('Group', subjectName),
      subjects('ServiceAccount', (subject) => `${textAt(subject, 'namespace')}/${subjectName(subject)}`),
    ]
  },
}

const WEBHOOKS: TablePrinter = {
  columns: columns('Name Webhooks:integer Age'),
  cells: (object, now) => [name(object), sizeAt(object, 'webhooks'), age(object, now)],
}

function policy(column: string, list: string): TablePrinter {
  return {
    columns: columns(`Name ${column}:integer ParamKind Age`),
    cells: (object, now) => {
      const kind = at(object, 'spec', 'paramKind')
      const shown = kind === undefined ? '<unset>' : `${textAt(kind, 'apiVersion')}/${textAt(kind, 'kind')}`
      return [name(object), sizeAt(object, 'spec', list), shown, age(object, now)]
    },
  }
}

const POLICY_BINDING: TablePrinter = {
  columns: columns('Name PolicyName ParamRef Age'),
  cells: (object, now) => [name(object), textAt(object, 'spec', 'policyName'), parameterText(object), age(object, now)],
}

function parameterText(object: JsonObject): string {
  const reference = at(object, 'spec', 'paramRef')
  const [space, own] = [textAt(reference, 'namespace'), textAt(reference, 'name')]
  if (own !== '') return space === '' ? own : `${space}/${own}`
  const selector = at(reference, 'selector')
  if (selector === undefined) return '<unset>'
  return goSelector(selector)
}

/** Here the API server shows the selector as Go prints it. */
function goSelector(selector: Json): string {
  const labels = Object.entries(at(selector, 'matchLabels') ?? {})
    .map(([key, value]) => `${key}: ${value},`)
    .sort()
    .join('')
  const expressions = objectsAt(selector, 'matchExpressions').map((expression) => {
    const values = textsAt(expression, 'values').join(' ')
    return `LabelSelectorRequirement{Key:${textAt(expression, 'key')},Operator:${textAt(expression, 'operator')},Values:[${values}],},`
  })
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}

function amount(value: Json | undefined): string {
  return value === undefined ? 'N/A' : String(value)
}

function averageTarget(metric: JsonObject, current: JsonObject | undefined): string {
  const target = at(metric, 'resource', 'target')
  const utilization = at(current, 'resource', 'current', 'averageUtilization')
  const now = typeof utilization === 'number' ? `${utilization}%` : '<unknown>'
  const wanted = at(target, 'averageUtilization')
  return `${textAt(metric, 'resource', 'name')}: ${now}/${typeof wanted === 'number' ? `${wanted}%` : textAt(target, 'averageValue')}`
}

export const POLICY_PRINTERS: Readonly<Record<string, TablePrinter>> = {
  'rbac.authorization.k8s.io/Role': CREATED,
  'rbac.authorization.k8s.io/ClusterRole': CREATED,
  'rbac.authorization.k8s.io/RoleBinding': BINDING,
  'rbac.authorization.k8s.io/ClusterRoleBinding': BINDING,
  '/LimitRange': CREATED,
  'apiextensions.k8s.io/CustomResourceDefinition': CREATED,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': WEBHOOKS,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': WEBHOOKS,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': policy('Validations', 'validations'),
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': policy('Mutations', 'mutations'),
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': POLICY_BINDING,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': POLICY_BINDING,
  'policy/PodDisruptionBudget': {
    columns: columns('Name Min_Available Max_Unavailable Allowed_Disruptions:integer Age'),
    cells: (object, now) => [
      name(object),
      amount(at(object, 'spec', 'minAvailable')),
      amount(at(object, 'spec', 'maxUnavailable')),
      numberAt(object, 'status', 'disruptionsAllowed'),
      age(object, now),
    ],
  },
  'autoscaling/HorizontalPodAutoscaler': {
    columns: columns('Name Reference Targets MinPods MaxPods Replicas Age'),
    cells: (object, now) => {
      const current = objectsAt(object, 'status', 'currentMetrics')
      const metrics = objectsAt(object, 'spec', 'metrics').map((metric, index) => averageTarget(metric, current[index]))
      const least = at(object, 'spec', 'minReplicas')
      const target = at(object, 'spec', 'scaleTargetRef')
      return [
        name(object),
        `${textAt(target, 'kind')}/${textAt(target, 'name')}`,
        metrics.length === 0 ? '<none>' : metrics.join(', '),
        typeof least === 'number' ? String(least) : '<unset>',
        numberAt(object, 'spec', 'maxReplicas'),
        numberAt(object, 'status', 'currentReplicas'),
        age(object, now),
      ]
    },
  },
}
