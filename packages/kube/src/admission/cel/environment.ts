import { Environment, type Optional } from '@marcbachmann/cel-js'
import {
  equal,
  isSorted,
  listIndexOf,
  listLastIndexOf,
  max,
  min,
  setContains,
  setEquivalent,
  setIntersects,
  sum,
} from './lists.ts'
import { type Meter, meterEvaluator } from './meter.ts'
import { find, findAll, matches } from './regex.ts'
import { REQUEST_TYPE } from './request.ts'
import { charAt, indexOf, lastIndexOf, lowerAscii, replace, split, substring, trim, upperAscii } from './strings.ts'
import type { CelValue } from './values.ts'

/**
 * Methods for which the library has an implementation of its own that differs from cel-go. It does not let us
 * replace them, so expressions call ours under another name (see `compile.ts`).
 */
export const REPLACED_METHODS: ReadonlySet<string> = new Set([
  'indexOf',
  'lastIndexOf',
  'lowerAscii',
  'matches',
  'split',
  'substring',
  'trim',
  'upperAscii',
])

/** Name of our version of a replaced method. Expressions cannot use it themselves. */
export const OWN_PREFIX = 'proa_'

/** The environment of match conditions and the meter of what runs in it. */
export interface ConditionEnvironment {
  readonly environment: Environment
  readonly meter: Meter
}

/** Variables, Kubernetes' function library and a meter. Making one is slow; make one and keep it. */
export function conditionEnvironment(more: readonly string[] = []): ConditionEnvironment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: true,
    enableOptionalTypes: true,
  })
  for (const variable of ['object', 'oldObject', 'namespaceObject', ...more]) {
    environment.registerVariable(variable, 'dyn')
  }
  environment.registerVariable({ name: 'request', schema: REQUEST_TYPE })
  registerStrings(environment)
  registerLists(environment)
  registerSets(environment)
  environment.registerOperator('optional<V> == optional<V>', equalOptionals)
  return { environment, meter: meterEvaluator(environment) }
}

function equalOptionals(left: Optional<CelValue>, right: Optional<CelValue>): boolean {
  if (!left.hasValue() || !right.hasValue()) return left.hasValue() === right.hasValue()
  return equal(left.value(), right.value())
}

function registerStrings(environment: Environment): void {
  const own = OWN_PREFIX
  environment
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.find(string): string', find)
    .registerFunction('string.findAll(string): list<string>', findAll)
    .registerFunction('string.findAll(string, int): list<string>', findAll)
    .registerFunction('string.replace(string, string): string', replace)
    .registerFunction('string.replace(string, string, int): string', replace)
    .registerFunction(`string.${own}indexOf(string): int`, indexOf)
    .registerFunction(`string.${own}indexOf(string, int): int`, indexOf)
    .registerFunction(`string.${own}lastIndexOf(string): int`, lastIndexOf)
    .registerFunction(`string.${own}lastIndexOf(string, int): int`, lastIndexOf)
    .registerFunction(`string.${own}lowerAscii(): string`, lowerAscii)
    .registerFunction(`string.${own}matches(string): bool`, matches)
    .registerFunction(`${own}matches(string, string): bool`, matches)
    .registerFunction(`string.${own}split(string): list<string>`, split)
    .registerFunction(`string.${own}split(string, int): list<string>`, split)
    .registerFunction(`string.${own}substring(int): string`, substring)
    .registerFunction(`string.${own}substring(int, int): string`, substring)
    .registerFunction(`string.${own}trim(): string`, trim)
    .registerFunction(`string.${own}upperAscii(): string`, upperAscii)
}

function registerLists(environment: Environment): void {
  environment
    .registerFunction('list<A>.isSorted(): bool', isSorted)
    .registerFunction('list<A>.sum(): A', sum)
    .registerFunction('list<A>.min(): A', min)
    .registerFunction('list<A>.max(): A', max)
    .registerFunction(`list<A>.${OWN_PREFIX}indexOf(dyn): int`, listIndexOf)
    .registerFunction(`list<A>.${OWN_PREFIX}lastIndexOf(dyn): int`, listLastIndexOf)
}

class SetsNamespace {}

function registerSets(environment: Environment): void {
  environment
    .registerType('SetsNamespace', SetsNamespace)
    .registerConstant('sets', 'SetsNamespace', new SetsNamespace())
    .registerFunction('SetsNamespace.contains(list<A>, list<A>): bool', (_, a, b) => setContains(a, b))
    .registerFunction('SetsNamespace.equivalent(list<A>, list<A>): bool', (_, a, b) => setEquivalent(a, b))
    .registerFunction('SetsNamespace.intersects(list<A>, list<A>): bool', (_, a, b) => setIntersects(a, b))
}
