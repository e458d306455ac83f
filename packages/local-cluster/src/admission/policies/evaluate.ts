import {
  type ExpressionOutcome,
  evaluatePolicyExpression,
  getOwn,
  isArray,
  isObject,
  type JsonObject,
  type PolicyInputs,
} from '@proa/kube'

/** What a policy finds wrong. */
export interface Denial {
  /** Position in the policy's validations. */
  readonly index: number
  readonly message: string
  /** `Invalid`, `Forbidden` … */
  readonly reason: string
}

/** The longest message that a messageExpression may make. */
const MAX_MESSAGE = 5 * 1024

/** Asks one policy with one parameter object. The denials come in the order of the validations. */
export function evaluatePolicy(spec: JsonObject, inputs: PolicyInputs): readonly Denial[] {
  const failure = conditionsHold(spec, inputs)
  if (failure === false) return []
  const forgiving = getOwn(spec, 'failurePolicy') === 'Ignore'
  if (typeof failure === 'string') return forgiving ? [] : [{ index: 0, message: failure, reason: '' }]
  return listAt(spec, 'validations').flatMap((validation, index): readonly Denial[] => {
    const expression = textAt(validation, 'expression')
    const outcome = evaluatePolicyExpression(expression, 'bool', inputs)
    if (outcome.result !== 'value') {
      return forgiving ? [] : [{ index, message: failed(expression, outcome), reason: '' }]
    }
    if (outcome.value === true) return []
    return [{ index, message: messageOf(validation, inputs), reason: textAt(validation, 'reason') || 'Invalid' }]
  })
}

function failed(expression: string, outcome: Exclude<ExpressionOutcome, { result: 'value' }>): string {
  const compiled = outcome.message.startsWith('compilation failed: ')
  if (compiled) return outcome.message.replace('compilation failed: ', 'compilation error: compilation failed: ')
  return `expression '${expression.trim()}' resulted in error: ${outcome.message}`
}

/** True, false, or why it cannot be said. One false condition decides, whatever the others give. */
function conditionsHold(spec: JsonObject, inputs: PolicyInputs): boolean | string {
  const errors: string[] = []
  for (const condition of listAt(spec, 'matchConditions')) {
    const expression = textAt(condition, 'expression')
    // Conditions know neither the namespace nor the variables.
    const outcome = evaluatePolicyExpression(expression, 'bool', { ...inputs, namespaceObject: null, variables: [] })
    if (outcome.result !== 'value') errors.push(failed(expression, outcome))
    else if (outcome.value !== true) return false
  }
  if (errors.length === 0) return true
  return errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`
}

function messageOf(validation: JsonObject, inputs: PolicyInputs): string {
  const written = textAt(validation, 'messageExpression')
  if (written !== '') {
    const outcome = evaluatePolicyExpression(written, 'string', inputs)
    const message = outcome.result === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : ''
    if (message !== '' && !message.includes('\n') && Buffer.byteLength(message) <= MAX_MESSAGE) return message
  }
  const message = textAt(validation, 'message').trim()
  return message === '' ? `failed expression: ${textAt(validation, 'expression').trim()}` : message
}

/** The audit annotations of a policy: `key` → value. */
export function auditAnnotations(spec: JsonObject, inputs: PolicyInputs): readonly (readonly [string, string])[] {
  return listAt(spec, 'auditAnnotations').flatMap((annotation) => {
    const outcome = evaluatePolicyExpression(textAt(annotation, 'valueExpression'), 'string', inputs)
    const value = outcome.result === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : ''
    return value === '' ? [] : [[textAt(annotation, 'key'), value] as const]
  })
}

export function listAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = getOwn(object, key)
  return isArray(value) ? value.filter(isObject) : []
}

export function textAt(object: JsonObject, key: string): string {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : ''
}
