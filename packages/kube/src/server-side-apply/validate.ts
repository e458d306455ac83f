/** What the API server refuses in an applied configuration before it merges anything. */
import { isArray, isObject, type Json } from '../json.ts'
import { type Atom, type ListRule, type MapRule, memberAtom, ruleOf, type ScalarRule } from './atom.ts'
import { itemIdentity } from './list-items.ts'
import { fieldElement, type PathElement, printPathElement } from './path-element.ts'

/** Problems in the API server's words, each with its path (`.spec.foo: field not declared in schema`). */
export function problemsOf(atom: Atom, value: Json): string[] {
  const problems: string[] = []
  check(atom, value, '', problems)
  return problems
}

/** All of them as one message. */
export function printProblems(problems: readonly string[]): string {
  return problems.length === 1
    ? (problems[0] ?? '')
    : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n')
}

function check(atom: Atom, value: Json, path: string, problems: string[]): void {
  if (value === null) return
  const fit = ruleOf(atom, value)
  const report = (text: string): unknown => problems.push(path === '' ? text : `${path}: ${text}`)
  if (fit.kind === 'scalar') {
    const problem = scalarProblem(fit.rule, value)
    if (problem !== undefined) report(problem)
  } else if (fit.kind === 'map') {
    if (isObject(value)) checkMap(fit.rule, value, path, problems)
    else report(`expected map, got &{${goValue(value)}}`)
  } else if (isArray(value)) checkList(fit.rule, value, path, problems)
  else report(`expected list, got &{${goValue(value)}}`)
}

function checkMap(rule: MapRule, value: { readonly [key: string]: Json }, path: string, problems: string[]): void {
  for (const [key, item] of Object.entries(value)) {
    const below = path + printPathElement(fieldElement(key))
    if (rule.field(key) === undefined && rule.element === undefined) {
      problems.push(`${below}: field not declared in schema`)
      return
    }
    check(memberAtom(rule, key), item, below, problems)
  }
}

function checkList(rule: ListRule, list: readonly Json[], path: string, problems: string[]): void {
  const seen = new Set<PathElement>()
  for (const [index, item] of list.entries()) {
    let element: PathElement = `i:${index}`
    if (rule.relation === 'associative') {
      const identity = itemIdentity(rule, item)
      if (!identity.ok) {
        problems.push(`${path}: element ${index}: ${identity.message}`)
        return
      }
      element = identity.element
      if (seen.has(element)) problems.push(`${path}: duplicate entries for key ${printPathElement(element)}`)
      seen.add(element)
    }
    check(rule.element(), item, path + printPathElement(element), problems)
  }
}

function scalarProblem(rule: ScalarRule, value: Json): string | undefined {
  const got = typeof value
  if (rule === 'numeric' && got !== 'number') return `expected numeric (int or float), got ${goType(value)}`
  if (rule === 'string' && got !== 'string')
    return `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`
  if (rule === 'boolean' && got !== 'boolean') return `expected boolean, got &{${goValue(value)}}`
  if (rule === 'untyped' && got === 'object') return `expected any scalar, got &{${goValue(value)}}`
  return undefined
}

function goType(value: Json): string {
  if (isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

function goValue(value: Json): string {
  if (isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, item]) => `${key}:${goValue(item)}`).join(' ')}]`
  }
  return value === null ? '<nil>' : String(value)
}
