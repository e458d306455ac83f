import { type JsonObject, labelKeyProblems, labelValueProblems } from '@proa/kube'
import { listAt, pairsAt, textAt, textsAt } from './fields.ts'
import { report } from './metadata.ts'
import type { Problems } from './problems.ts'

/** A LabelSelector (apimachinery, meta/v1 validation). Returns whether it can be used. */
export function checkSelector(selector: JsonObject, field: string, problems: Problems): boolean {
  const before = problems.causes.length
  for (const [key, value] of pairsAt(selector, 'matchLabels')) {
    report(problems, `${field}.matchLabels`, key, labelKeyProblems(key))
    report(problems, `${field}.matchLabels`, value, labelValueProblems(value))
  }
  for (const [index, expression] of listAt(selector, 'matchExpressions').entries()) {
    checkExpression(expression, `${field}.matchExpressions[${index}]`, problems)
  }
  return problems.causes.length === before
}

function checkExpression(expression: JsonObject, field: string, problems: Problems): void {
  const operator = textAt(expression, 'operator')
  const values = textsAt(expression, 'values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        problems.required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")
      }
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        problems.forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
      }
      break
    default:
      problems.invalid(`${field}.operator`, operator, 'not a valid selector operator')
  }
  const key = textAt(expression, 'key')
  report(problems, `${field}.key`, key, labelKeyProblems(key))
  for (const [index, value] of values.entries()) {
    report(problems, `${field}.values[${index}]`, value, labelValueProblems(value))
  }
}
