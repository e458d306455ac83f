import { expressionProblem, getOwn, type JsonObject } from '@proa/kube'
import { isSet, listAt, numberAt, objectAt, optionalAt, textAt, textsAt, valueAt } from './fields.ts'
import { report } from './metadata.ts'
import { isPort, label1035Name, PORT_RANGE, subdomainName } from './names.ts'
import type { Problems } from './problems.ts'
import { checkSelector } from './selectors.ts'

/** Mutating and validating webhook configurations (admissionregistration validation). */
export function checkWebhookConfiguration(configuration: JsonObject, problems: Problems): void {
  const names = new Set<string>()
  for (const [index, webhook] of listAt(configuration, 'webhooks').entries()) {
    checkWebhook(webhook, `webhooks[${index}]`, problems)
    const name = textAt(webhook, 'name')
    if (name !== '' && names.has(name)) problems.duplicate(`webhooks[${index}].name`, name)
    names.add(name)
  }
}

const MAX_SECONDS = 30
const MAX_CONDITIONS = 64

function checkWebhook(webhook: JsonObject, field: string, problems: Problems): void {
  checkVersions(webhook, `${field}.admissionReviewVersions`, problems)
  checkDomain(textAt(webhook, 'name'), `${field}.name`, problems)
  for (const [index, rule] of listAt(webhook, 'rules').entries()) {
    checkRule(rule, `${field}.rules[${index}]`, problems)
  }
  choose(webhook, 'failurePolicy', ['Fail', 'Ignore'], field, problems)
  choose(webhook, 'matchPolicy', ['Equivalent', 'Exact'], field, problems)
  if (!isSet(webhook, 'sideEffects'))
    problems.required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')
  choose(webhook, 'sideEffects', ['None', 'NoneOnDryRun'], field, problems)
  const seconds = numberAt(webhook, 'timeoutSeconds')
  if (seconds !== undefined && (seconds > MAX_SECONDS || seconds < 1)) {
    problems.invalid(`${field}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')
  }
  for (const selector of ['namespaceSelector', 'objectSelector']) {
    checkSelector(objectAt(webhook, selector), `${field}.${selector}`, problems)
  }
  choose(webhook, 'reinvocationPolicy', ['IfNeeded', 'Never'], field, problems)
  checkClient(objectAt(webhook, 'clientConfig'), `${field}.clientConfig`, problems)
  checkConditions(webhook, `${field}.matchConditions`, problems)
}

function choose(holder: JsonObject, key: string, values: readonly string[], field: string, problems: Problems): void {
  const value = getOwn(holder, key) ?? null
  if (typeof value === 'string' && !values.includes(value)) problems.unsupported(`${field}.${key}`, value, values)
}

function checkVersions(webhook: JsonObject, field: string, problems: Problems): void {
  const versions = textsAt(webhook, 'admissionReviewVersions')
  if (versions.length === 0) {
    problems.required(field, 'must specify one of v1, v1beta1')
    return
  }
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    if (seen.has(version)) problems.invalid(`${field}[${index}]`, version, 'duplicate version')
    seen.add(version)
    report(problems, `${field}[${index}]`, version, label1035Name(version))
  }
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    problems.invalid(field, versions, 'must include at least one of v1, v1beta1')
  }
}

function checkDomain(name: string, field: string, problems: Problems): void {
  if (name === '') {
    problems.required(field)
    return
  }
  const words = subdomainName(name)
  report(problems, field, name, words)
  if (words.length === 0 && name.split('.').length < 3) {
    problems.invalid(field, name, 'should be a domain with at least three segments separated by dots')
  }
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

/** A rule of a webhook or a policy. */
export function checkRule(rule: JsonObject, field: string, problems: Problems): void {
  const operations = textsAt(rule, 'operations')
  if (operations.length === 0) problems.required(`${field}.operations`)
  checkStar(operations, `${field}.operations`, 'operations', problems)
  for (const [index, operation] of operations.entries()) {
    if (!OPERATIONS.includes(operation)) problems.unsupported(`${field}.operations[${index}]`, operation, OPERATIONS)
  }
  const groups = textsAt(rule, 'apiGroups')
  if (groups.length === 0) problems.required(`${field}.apiGroups`)
  checkStar(groups, `${field}.apiGroups`, 'API groups', problems)
  const versions = textsAt(rule, 'apiVersions')
  if (versions.length === 0) problems.required(`${field}.apiVersions`)
  checkStar(versions, `${field}.apiVersions`, 'API versions', problems)
  noneEmpty(versions, `${field}.apiVersions`, problems)
  const resources = textsAt(rule, 'resources')
  if (resources.length === 0) problems.required(`${field}.resources`)
  noneEmpty(resources, `${field}.resources`, problems)
  checkResourceStars(resources, `${field}.resources`, problems)
  choose(rule, 'scope', ['*', 'Cluster', 'Namespaced'], field, problems)
}

function checkStar(values: readonly string[], field: string, what: string, problems: Problems): void {
  if (values.length > 1 && values.includes('*')) {
    problems.invalid(field, values, `if '*' is present, must not specify other ${what}`)
  }
}

function noneEmpty(values: readonly string[], field: string, problems: Problems): void {
  for (const [index, value] of values.entries()) if (value === '') problems.required(`${field}[${index}]`)
}

function checkResourceStars(resources: readonly string[], field: string, problems: Problems): void {
  if (resources.length < 2) return
  if (resources.includes('*/*'))
    problems.invalid(field, resources, "if '*/*' is present, must not specify other resources")
  const plain = resources.filter((one) => !one.includes('/'))
  if (plain.length > 1 && plain.includes('*')) {
    problems.invalid(field, resources, "if '*' is present, must not specify other resources without subresources")
  }
}

const URL_FORM = 'desired format: https://host[/path]'

function checkClient(client: JsonObject, field: string, problems: Problems): void {
  const url = getOwn(client, 'url') ?? null
  const service = optionalAt(client, 'service')
  if ((typeof url === 'string') === (service !== undefined)) {
    problems.required(field, 'exactly one of url or service is required')
  } else if (typeof url === 'string') checkUrl(url, `${field}.url`, problems)
  else if (service !== undefined) checkServiceReference(service, `${field}.service`, problems)
}

function checkUrl(text: string, field: string, problems: Problems): void {
  const [, scheme = '', , authority = '', , , , query = '', , fragment = ''] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(\/\/([^/?#]*))?(([^?#]*))(\?([^#]*))?(#(.*))?$/.exec(text) ?? []
  if (scheme !== 'https') problems.invalid(field, scheme, `'https' is the only allowed URL scheme; ${URL_FORM}`)
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host === '') problems.invalid(field, host, `host must be specified; ${URL_FORM}`)
  if (user !== '') problems.invalid(field, user, 'user information is not permitted in the URL')
  if (fragment !== '') problems.invalid(field, fragment, 'fragments are not permitted in the URL')
  if (query !== '') problems.invalid(field, query, 'query parameters are not permitted in the URL')
}

function checkServiceReference(service: JsonObject, field: string, problems: Problems): void {
  // The API server mixes up the two: a missing name is reported as a missing namespace.
  if (textAt(service, 'namespace') === '') problems.required(`${field}.name`)
  if (textAt(service, 'name') === '') problems.required(`${field}.namespace`)
  const port = numberAt(service, 'port')
  const path = textAt(service, 'path')
  if (path !== '') checkPath(path, `${field}.path`, problems)
  if (port !== undefined && !isPort(port)) problems.invalid(`${field}.port`, port, `port is not valid: ${PORT_RANGE}`)
}

function checkPath(path: string, field: string, problems: Problems): void {
  if (path === '/') return
  if (!path.startsWith('/')) problems.invalid(field, path, "must start with a '/'")
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  for (const [index, step] of steps.entries()) {
    if (step === '') problems.invalid(field, path, `segment[${index}] may not be empty`)
    else for (const words of subdomainName(step)) problems.invalid(field, path, `segment[${index}]: ${words}`)
  }
}

/** Conditions of webhooks and policies. */
export function checkConditions(holder: JsonObject, field: string, problems: Problems): void {
  const conditions = listAt(holder, 'matchConditions')
  if (conditions.length > MAX_CONDITIONS) {
    problems.invalid(field, conditions.length, `must have at most ${MAX_CONDITIONS} items`)
  }
  const names = new Set<string>()
  for (const [index, condition] of conditions.entries()) {
    const path = `${field}[${index}]`
    const expression = textAt(condition, 'expression')
    if (expression.trim() === '') problems.required(`${path}.expression`)
    else checkExpression(expression, 'bool', `${path}.expression`, problems)
    const name = textAt(condition, 'name')
    if (name === '') problems.required(`${path}.name`)
    else if (names.has(name)) problems.duplicate(`${path}.name`, name)
    names.add(name)
  }
}

/** The words of a text that does not parse are those of our own reader. */
function checkExpression(expression: string, type: 'bool' | 'string' | 'any', field: string, problems: Problems): void {
  const problem = expressionProblem(expression, type)
  if (problem === undefined) return
  const wrongType = /must evaluate to \w+ but got .+$/.exec(problem)
  problems.invalid(field, expression, wrongType === null ? problem : wrongType[0])
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

/** A ValidatingAdmissionPolicy. */
export function checkPolicy(policy: JsonObject, problems: Problems): void {
  const spec = objectAt(policy, 'spec')
  const constraints = optionalAt(spec, 'matchConstraints')
  if (constraints === undefined) problems.required('spec.matchConstraints')
  else checkMatchResources(constraints, 'spec.matchConstraints', problems)
  const validations = listAt(spec, 'validations')
  if (validations.length === 0 && listAt(spec, 'auditAnnotations').length === 0) {
    const words = 'validations or auditAnnotations must contain at least one item'
    problems.required('spec.validations', words)
    problems.required('spec.auditAnnotations', words)
  }
  checkConditions(spec, 'spec.matchConditions', problems)
  for (const [index, variable] of listAt(spec, 'variables').entries()) {
    const expression = textAt(variable, 'expression')
    if (expression.trim() === '')
      problems.required(`spec.variables[${index}].expression`, 'expression is not specified')
    else checkExpression(expression, 'any', `spec.variables[${index}].expression`, problems)
  }
  for (const [index, validation] of validations.entries()) {
    checkValidation(validation, `spec.validations[${index}]`, problems)
  }
}

function checkValidation(validation: JsonObject, field: string, problems: Problems): void {
  const expression = textAt(validation, 'expression')
  if (expression.trim() === '') problems.required(`${field}.expression`, 'expression is not specified')
  else checkExpression(expression, 'bool', `${field}.expression`, problems)
  const message = textAt(validation, 'message')
  if (/[\r\n]/.test(message)) problems.invalid(`${field}.message`, message, 'must not contain line breaks')
  const written = textAt(validation, 'messageExpression')
  if (written !== '') checkExpression(written, 'string', `${field}.messageExpression`, problems)
  choose(validation, 'reason', REASONS, field, problems)
}

/** A ValidatingAdmissionPolicyBinding. */
export function checkPolicyBinding(binding: JsonObject, problems: Problems): void {
  const spec = objectAt(binding, 'spec')
  if (textAt(spec, 'policyName') === '') problems.required('spec.policyName')
  const actions = textsAt(spec, 'validationActions')
  if (actions.length === 0) problems.required('spec.validationActions')
  const supported = ['Audit', 'Deny', 'Warn']
  for (const [index, action] of actions.entries()) {
    if (!supported.includes(action)) problems.unsupported(`spec.validationActions[${index}]`, action, supported)
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    problems.invalid(
      'spec.validationActions',
      valueAt(spec, 'validationActions'),
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    )
  }
}

function checkMatchResources(resources: JsonObject, field: string, problems: Problems): void {
  const rules = listAt(resources, 'resourceRules')
  if (rules.length === 0) problems.required(`${field}.resourceRules`)
  for (const [index, rule] of rules.entries()) checkRule(rule, `${field}.resourceRules[${index}]`, problems)
  for (const selector of ['namespaceSelector', 'objectSelector']) {
    checkSelector(objectAt(resources, selector), `${field}.${selector}`, problems)
  }
}
