import type { JsonObject } from '../json.ts'
import { type Compiled, compileCondition, type ResultType } from './cel/compile.ts'
import { type ConditionEnvironment, conditionEnvironment } from './cel/environment.ts'
import { messageOf } from './cel/message.ts'
import { CONDITION_BUDGET } from './cel/meter.ts'
import { celRequest } from './cel/request.ts'
import { type CelValue, celValue } from './cel/values.ts'
import type { AdmissionRequest } from './request.ts'

/** One of a policy's `variables`. */
export interface PolicyVariable {
  readonly name: string
  readonly expression: string
}

/** What the expressions of a ValidatingAdmissionPolicy see. */
export interface PolicyInputs {
  readonly request: AdmissionRequest
  /** The stored Namespace; null for cluster-scoped objects. Match conditions do not see it. */
  readonly namespaceObject: JsonObject | null
  /** The parameter object; null when the policy has none. */
  readonly params: JsonObject | null
  /** In the order in which they may refer to each other. */
  readonly variables: readonly PolicyVariable[]
}

export type ExpressionOutcome =
  /** Anything but a bool or a text is null. */
  | { readonly result: 'value'; readonly value: boolean | string | null }
  /** The API server would get an error too. */
  | { readonly result: 'error'; readonly message: string }
  /** It cannot be said here what the API server would get. */
  | { readonly result: 'unknown'; readonly message: string }

let shared: ConditionEnvironment | undefined
const compiled = new Map<string, Compiled>()
const MAX_COMPILED = 256

/** Evaluates an expression of a policy. Bounded in time and memory; never throws. */
export function evaluatePolicyExpression(
  expression: string,
  type: 'bool' | 'string',
  inputs: PolicyInputs,
): ExpressionOutcome {
  const { request, namespaceObject, params } = inputs
  const base = {
    object: celValue(request.object ?? null),
    oldObject: celValue(request.oldObject ?? null),
    request: celRequest(request),
    namespaceObject: celValue(namespaceObject),
    params: celValue(params),
  }
  const values = new Map<string, CelValue>()
  // A variable that fails matters only to those who ask for it.
  const failed = new Map<string, ExpressionOutcome>()
  for (const variable of inputs.variables) {
    const outcome =
      failureOf(variable.expression, failed) ?? run(variable.expression, 'any', { ...base, variables: values })
    if (outcome.result === 'value') values.set(variable.name, outcome.raw)
    else failed.set(variable.name, compositedFailure(variable.name, outcome))
  }
  const outcome = failureOf(expression, failed) ?? run(expression, type, { ...base, variables: values })
  if (outcome.result !== 'value') return outcome
  const { raw } = outcome
  return { result: 'value', value: typeof raw === 'boolean' || typeof raw === 'string' ? raw : null }
}

function compositedFailure(name: string, outcome: Exclude<Raw, { result: 'value' }>): ExpressionOutcome {
  return { result: outcome.result, message: `composited variable "${name}" fails to evaluate: ${outcome.message}` }
}

function failureOf(
  expression: string,
  failed: ReadonlyMap<string, ExpressionOutcome>,
): Exclude<ExpressionOutcome, { result: 'value' }> | undefined {
  for (const [, name] of expression.matchAll(/\bvariables\s*\.\s*([A-Za-z_]\w*)/g)) {
    const failure = failed.get(name ?? '')
    if (failure !== undefined && failure.result !== 'value') return failure
  }
  return undefined
}

type Raw =
  | { readonly result: 'value'; readonly raw: CelValue }
  | { readonly result: 'error' | 'unknown'; readonly message: string }

function run(expression: string, type: ResultType, variables: Record<string, CelValue>): Raw {
  shared ??= conditionEnvironment(['params', 'variables'])
  const program = compileOnce(shared, expression, type)
  if (program.kind === 'invalid') return { result: 'error', message: program.message }
  if (program.kind === 'unsupported') return { result: 'unknown', message: program.message }
  const metered = shared.meter.run(() => program.evaluate(variables))
  switch (metered.kind) {
    case 'exceeded':
      return { result: 'unknown', message: `needs more than ${CONDITION_BUDGET} steps` }
    case 'failed':
      return { result: 'error', message: messageOf(metered.error) }
    case 'done':
      return { result: 'value', raw: metered.value as CelValue }
  }
}

function compileOnce({ environment }: ConditionEnvironment, expression: string, type: ResultType): Compiled {
  const key = `${type} ${expression}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const fresh = compileCondition(environment, expression, type)
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(key, fresh)
  return fresh
}

/** What is wrong with an expression, whatever it is given; undefined when it compiles (or cannot be judged here). */
export function expressionProblem(expression: string, type: 'bool' | 'string' | 'any'): string | undefined {
  shared ??= conditionEnvironment(['params', 'variables'])
  const program = compileOnce(shared, expression, type)
  return program.kind === 'invalid' ? program.message : undefined
}
