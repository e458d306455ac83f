import { quoteGo } from './go-text.ts'
import { formatPath, getOwn, isArray, isObject, type Json, type JsonObject, type JsonPath } from './json.ts'
import { labelKeyProblems, labelValueProblems } from './label-syntax.ts'

/** What a condition asks of a label. */
export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'

/** One condition of a label selector. All conditions of a selector must hold. */
export interface LabelRequirement {
  readonly key: string
  /** An entry of `matchLabels` is `In` with one value. */
  readonly operator: SelectorOperator
  readonly values: readonly string[]
  /** Where the condition stands inside the selector, e.g. `['matchExpressions', 0]`. */
  readonly path: JsonPath
}

/** A label selector (meta/v1) that has been read and validated. */
export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[]
}

/** A selector that Kubernetes would refuse; the message is Kubernetes' own where it has one. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
  /** Path of the offending part inside the selector. */
  readonly path: string

  constructor(message: string, path: JsonPath) {
    super(message)
    this.path = formatPath(path)
  }
}

/** Labels of an object. Missing labels are the same as none. */
export type Labels = JsonObject | null | undefined

/**
 * Reads a label selector as `metav1.LabelSelectorAsSelector` does. Missing or
 * null gives the empty selector (what `{}` gives).
 *
 * @throws SelectorError
 */
export function parseLabelSelector(value: Json | undefined): LabelSelector {
  if (value === undefined || value === null) return { requirements: [] }
  if (!isObject(value)) throw new SelectorError('a label selector must be a mapping', [])
  return { requirements: [...readMatchLabels(value.matchLabels), ...readMatchExpressions(value.matchExpressions)] }
}

function readMatchLabels(value: Json | undefined): LabelRequirement[] {
  if (value === undefined || value === null) return []
  if (!isObject(value)) throw new SelectorError('matchLabels must be a mapping of strings', ['matchLabels'])
  return Object.keys(value).map((key) => {
    const path = ['matchLabels', key]
    // A null in a map of strings is read as the empty string.
    return requirement(key, 'In', [text(getOwn(value, key) ?? '', path)], path)
  })
}

function readMatchExpressions(value: Json | undefined): LabelRequirement[] {
  if (value === undefined || value === null) return []
  if (!isArray(value)) throw new SelectorError('matchExpressions must be a list', ['matchExpressions'])
  return value.map((item, index) => {
    const path = ['matchExpressions', index]
    const expression = item ?? {}
    if (!isObject(expression)) throw new SelectorError('an entry of matchExpressions must be a mapping', path)
    const operator = text(expression.operator ?? '', [...path, 'operator'])
    if (!isOperator(operator)) {
      throw new SelectorError(`${quoteGo(operator)} is not a valid label selector operator`, [...path, 'operator'])
    }
    return requirement(
      text(expression.key ?? '', [...path, 'key']),
      operator,
      readValues(expression.values, path),
      path,
    )
  })
}

function readValues(value: Json | undefined, path: JsonPath): string[] {
  if (value === undefined || value === null) return []
  if (!isArray(value)) throw new SelectorError('values must be a list of strings', [...path, 'values'])
  return value.map((item, i) => text(item ?? '', [...path, 'values', i]))
}

function text(value: Json, path: JsonPath): string {
  if (typeof value === 'string') return value
  throw new SelectorError(`${formatPath(path)} must be a string; quote it`, path)
}

function isOperator(value: string): value is SelectorOperator {
  return value === 'In' || value === 'NotIn' || value === 'Exists' || value === 'DoesNotExist'
}

function requirement(key: string, operator: SelectorOperator, values: string[], path: JsonPath): LabelRequirement {
  const problems: string[] = []
  const add = (field: string, bad: string, detail: string): void => {
    problems.push(`${field}: Invalid value: ${bad}: ${detail}`)
  }
  const keyProblems = labelKeyProblems(key)
  if (keyProblems.length > 0) add('key', quoteGo(key), keyProblems.join('; '))
  const needsValues = operator === 'In' || operator === 'NotIn'
  if (needsValues && values.length === 0)
    add('values', 'null', "for 'in', 'notin' operators, values set can't be empty")
  if (!needsValues && values.length > 0) {
    add('values', JSON.stringify(values), 'values set must be empty for exists and does not exist')
  }
  for (const [i, value] of values.entries()) {
    const valueProblems = labelValueProblems(value)
    if (valueProblems.length > 0) add(`values[${i}][${key}]`, quoteGo(value), valueProblems.join('; '))
  }
  if (problems.length > 0) {
    throw new SelectorError(problems.length === 1 ? String(problems[0]) : `[${problems.join(', ')}]`, path)
  }
  return { key, operator, values, path }
}

/** Whether the selector has no conditions. Kubernetes then selects everything; some callers treat it otherwise. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return selector.requirements.length === 0
}

/** Whether the labels meet every condition. The empty selector matches everything. */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  for (const condition of selector.requirements) {
    if (!holds(condition, labelValue(labels, condition.key))) return false
  }
  return true
}

function labelValue(labels: Labels, key: string): Json | undefined {
  return labels === undefined || labels === null ? undefined : getOwn(labels, key)
}

function holds(condition: LabelRequirement, found: Json | undefined): boolean {
  switch (condition.operator) {
    case 'In':
      return found !== undefined && condition.values.includes(found as string)
    case 'NotIn':
      return found === undefined || !condition.values.includes(found as string)
    case 'Exists':
      return found !== undefined
    case 'DoesNotExist':
      return found === undefined
  }
}

/** What one condition said about the labels. */
export interface RequirementResult {
  readonly requirement: LabelRequirement
  /** The label's value; `undefined` when the label is missing. */
  readonly found: string | undefined
  readonly holds: boolean
}

/** Whether a selector matches labels, and what each of its conditions came to. */
export interface SelectorExplanation {
  readonly matches: boolean
  /** Every condition, in the order of the selector. */
  readonly results: readonly RequirementResult[]
  /** The first condition that does not hold; `undefined` when the selector matches. */
  readonly deciding: RequirementResult | undefined
}

/** {@link selectorMatches} with the reason. */
export function explainSelector(selector: LabelSelector, labels: Labels): SelectorExplanation {
  const results = selector.requirements.map((condition): RequirementResult => {
    const found = labelValue(labels, condition.key)
    return {
      requirement: condition,
      found: found === undefined ? undefined : String(found),
      holds: holds(condition, found),
    }
  })
  const deciding = results.find((result) => !result.holds)
  return { matches: deciding === undefined, results, deciding }
}

/** A condition as kubectl writes it: `env in (a,b)`, `env notin (a)`, `env=a`, `env`, `!env`. */
export function formatRequirement(condition: LabelRequirement): string {
  const { key, operator, values, path } = condition
  switch (operator) {
    case 'In':
      return path[0] === 'matchLabels' ? `${key}=${values[0]}` : `${key} in (${values.toSorted().join(',')})`
    case 'NotIn':
      return `${key} notin (${values.toSorted().join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
  }
}
