import type { Environment } from '@marcbachmann/cel-js'

/** Counts what an evaluation costs and ends it when that is too much. */
export interface Meter {
  /** Runs `evaluate` with a fresh budget. */
  run(evaluate: () => unknown): Metered
}

export type Metered =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The budget was used up; what came out then means nothing. */
  | { readonly kind: 'exceeded' }

/**
 * Steps of one evaluation; long texts and lists count more. The API server stops at about 2.5 million units of a
 * finer cost model (RuntimeCELCostBudgetMatchConditions), where a step costs 1. A million steps take about 0.1 s.
 */
export const CONDITION_BUDGET = 1_000_000

/** Handling a text or a list costs a tenth per unit, as in the API server's cost model. */
const COST_PER_UNIT = 0.1

class BudgetError extends Error {
  override readonly name = 'BudgetError'
}

/** The part of the library's evaluator that its macro interface documents. */
interface Evaluator {
  run(node: EvaluableNode, context: unknown): unknown
}
interface EvaluableNode {
  evaluate(evaluator: Evaluator, node: EvaluableNode, context: unknown): unknown
}

/** Macro whose only use is to hand us the evaluator. `compile.ts` refuses names with this prefix. */
const CAPTURE = 'proa_capture'

/**
 * Puts a meter into the environment's evaluator. The library has limits for parsing only, while nested `all` or
 * `map` over an object's lists may run for hours; every node of an expression is evaluated through
 * `evaluator.run`, which macros are given.
 */
export function meterEvaluator(environment: Environment): Meter {
  let left = 0
  const captured = captureEvaluator(environment)
  captured.run = (node, context) => {
    if (left < 0) throw new BudgetError('too expensive')
    const value = node.evaluate(captured, node, context)
    left -= 1 + size(value) * COST_PER_UNIT
    return value
  }
  return {
    run(evaluate) {
      left = CONDITION_BUDGET
      try {
        const value = evaluate()
        return left < 0 ? { kind: 'exceeded' } : { kind: 'done', value }
      } catch (error) {
        return left < 0 ? { kind: 'exceeded' } : { kind: 'failed', error }
      }
    },
  }
}

function size(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}

function captureEvaluator(environment: Environment): Evaluator {
  let captured: Evaluator | undefined
  environment.registerFunction(`${CAPTURE}(ast): bool`, () => ({
    typeCheck: (checker: { getType(name: string): unknown }) => checker.getType('bool'),
    evaluate(evaluator: Evaluator) {
      captured = evaluator
      return true
    },
  }))
  environment.evaluate(`${CAPTURE}(true)`, {})
  if (captured === undefined) throw new TypeError('@marcbachmann/cel-js no longer hands its evaluator to macros')
  return captured
}
