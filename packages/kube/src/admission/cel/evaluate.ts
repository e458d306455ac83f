import { type Compiled, compileCondition } from './compile.ts'
import { type ConditionEnvironment, conditionEnvironment } from './environment.ts'
import { messageOf } from './message.ts'
import { CONDITION_BUDGET } from './meter.ts'
import type { CelValue } from './values.ts'

/** The variables of a match condition. `authorizer` would need a cluster. */
export interface ConditionVariables {
  /** null for DELETE. */
  readonly object: CelValue
  /** null for CREATE and CONNECT. */
  readonly oldObject: CelValue
  readonly request: CelValue
}

export type ConditionOutcome =
  | { readonly result: 'true' | 'false' }
  /** The API server would get an error too. */
  | { readonly result: 'error'; readonly message: string }
  /** It cannot be said here what the API server would get. */
  | { readonly result: 'unknown'; readonly message: string }

let shared: ConditionEnvironment | undefined
const compiled = new Map<string, Compiled>()
const MAX_COMPILED = 256

/** Evaluates one match condition. Bounded in time and memory; never throws. */
export function evaluateCondition(expression: string, variables: ConditionVariables): ConditionOutcome {
  shared ??= conditionEnvironment()
  const program = compileOnce(shared, expression)
  if (program.kind === 'invalid') return { result: 'error', message: program.message }
  if (program.kind === 'unsupported') return { result: 'unknown', message: program.message }
  // Match conditions of webhooks are evaluated without the namespace's object, only policies have it.
  const metered = shared.meter.run(() => program.evaluate({ ...variables, namespaceObject: null }))
  switch (metered.kind) {
    case 'exceeded':
      return { result: 'unknown', message: `needs more than ${CONDITION_BUDGET} steps` }
    case 'failed':
      return { result: 'error', message: messageOf(metered.error) }
    case 'done':
      if (typeof metered.value === 'boolean') return { result: metered.value ? 'true' : 'false' }
      return { result: 'error', message: 'must evaluate to bool' }
  }
}

function compileOnce({ environment }: ConditionEnvironment, expression: string): Compiled {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  const fresh = compileCondition(environment, expression)
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(expression, fresh)
  return fresh
}
