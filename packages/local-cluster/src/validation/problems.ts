import { type Json, quoteGo } from '@proa/kube'
import type { Cause } from '../api/errors.ts'

/** Collects what is wrong with an object, in the API server's words (apimachinery, util/validation/field). */
export interface Problems {
  required(field: string, detail?: string): void
  invalid(field: string, value: Json, detail: string): void
  /** The values in the order of the API server's list. */
  unsupported(field: string, value: Json, supported: readonly string[]): void
  duplicate(field: string, value: Json): void
  forbidden(field: string, detail: string): void
  notFound(field: string, value: Json): void
  tooLong(field: string, detail: string): void
  /** The same collector for everything, in the order of the findings. */
  readonly causes: readonly Cause[]
}

export function newProblems(): Problems {
  const causes: Cause[] = []
  const add = (reason: string, field: string, message: string) =>
    void causes.push({ reason: `FieldValue${reason}`, message, field })
  const detailed = (type: string, detail: string) => (detail === '' ? type : `${type}: ${detail}`)
  return {
    causes,
    required: (field, detail = '') => add('Required', field, detailed('Required value', detail)),
    invalid: (field, value, detail) => add('Invalid', field, detailed(`Invalid value: ${shown(value)}`, detail)),
    unsupported: (field, value, supported) =>
      add(
        'NotSupported',
        field,
        `Unsupported value: ${shown(value)}: supported values: ${supported.map(quoteGo).join(', ')}`,
      ),
    duplicate: (field, value) => add('Duplicate', field, `Duplicate value: ${shown(value)}`),
    forbidden: (field, detail) => add('Forbidden', field, detailed('Forbidden', detail)),
    notFound: (field, value) => add('NotFound', field, `Not found: ${shown(value)}`),
    tooLong: (field, detail) => add('TooLong', field, detailed('Too long', detail)),
  }
}

function shown(value: Json): string {
  return typeof value === 'string' ? quoteGo(value) : JSON.stringify(value)
}
