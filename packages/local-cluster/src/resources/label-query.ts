import { getOwn, type JsonObject, labelKeyProblems, labelValueProblems, quoteGo } from '@proa/kube'
import { part } from '../api/metadata.ts'

/** A label selector in the notation of queries: `app in (a,b),!debug,tier!=web`. */
export type LabelQuery = readonly LabelTerm[]

interface LabelTerm {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt'
  readonly values: readonly string[]
}

/** A query that the API server refuses, in its words. */
export class LabelQueryError extends Error {
  override readonly name = 'LabelQueryError'
}

const TOKEN = /\s*(?:(!=|==|=|!|\(|\)|,|<|>)|([^\s!=(),<>]+))/y
const END = ''

/** @throws LabelQueryError */
export function parseLabelQuery(text: string): LabelQuery {
  const tokens = tokenize(text)
  let position = 0
  const peek = (): string => tokens[position] ?? END
  const next = (): string => tokens[position++] ?? END
  const terms: LabelTerm[] = []
  if (peek() === END) return terms
  if (!startsTerm(peek())) throw new LabelQueryError(`found '${peek()}', expected: !, identifier, or 'end of string'`)
  for (;;) {
    terms.push(readTerm(peek, next))
    const separator = next()
    if (separator === END) return terms
    if (separator !== ',') throw new LabelQueryError(`found '${separator}', expected: ',' or 'end of string'`)
    if (!startsTerm(peek())) throw new LabelQueryError(`found '${peek()}', expected: identifier after ','`)
  }
}

function startsTerm(token: string): boolean {
  return token === '!' || (token !== END && !/^[!=(),<>]/.test(token))
}

/** A refusal from inside of one term. */
function badTerm(message: string): LabelQueryError {
  return new LabelQueryError(`unable to parse requirement: ${message}`)
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? match[2] ?? END)
  return tokens
}

function readTerm(peek: () => string, next: () => string): LabelTerm {
  const absent = peek() === '!'
  if (absent) next()
  const key = next()
  if (key === END || /^[!=(),<>]/.test(key)) throw badTerm(`found '${key}', expected: identifier`)
  checkKey(key)
  const follow = peek()
  if (absent || follow === END || follow === ',') {
    if (absent && follow !== END && follow !== ',') throw badTerm(`found '${follow}', expected: ',' or 'end of string'`)
    return { key, operator: absent ? 'absent' : 'exists', values: [] }
  }
  const operator = next()
  if (operator === 'in' || operator === 'notin') return { key, operator, values: readValues(key, peek, next) }
  const single = Object.hasOwn(SINGLE, operator) ? SINGLE[operator] : undefined
  if (single === undefined) throw badTerm(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
  const value = peek() === END || peek() === ',' ? '' : next()
  if (single === 'gt' || single === 'lt') {
    if (!/^[+-]?\d+$/.test(value))
      throw badTerm(
        `values[0]: Invalid value: ${quoteGo(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
  } else checkValue(key, value)
  return { key, operator: single, values: [value] }
}

const SINGLE: Readonly<Record<string, 'in' | 'notin' | 'gt' | 'lt'>> = {
  '=': 'in',
  '==': 'in',
  '!=': 'notin',
  '>': 'gt',
  '<': 'lt',
}

function readValues(key: string, peek: () => string, next: () => string): readonly string[] {
  const open = next()
  if (open !== '(') throw badTerm(`found '${open}' expected: '('`)
  const values = new Set<string>()
  for (let wantsValue = true; ; ) {
    const token = peek()
    if (token === ')') {
      next()
      if (wantsValue) values.add('')
      break
    }
    if (token === END) throw badTerm(`found '', expected: ',' or ')'`)
    next()
    if (token === ',') {
      if (wantsValue) values.add('')
      wantsValue = true
    } else {
      checkValue(key, token)
      values.add(token)
      wantsValue = false
    }
  }
  return [...values]
}

function checkKey(key: string): void {
  const [problem] = labelKeyProblems(key)
  if (problem !== undefined) throw badTerm(`<nil>: Invalid value: ${quoteGo(key)}: ${problem}`)
}

function checkValue(key: string, value: string): void {
  const [problem] = labelValueProblems(value)
  if (problem !== undefined) throw badTerm(`values[0][${key}]: Invalid value: ${quoteGo(value)}: ${problem}`)
}

export function matchesLabels(query: LabelQuery, object: JsonObject): boolean {
  if (query.length === 0) return true
  const labels = part(part(object, 'metadata'), 'labels')
  return query.every((term) => holds(term, getOwn(labels, term.key)))
}

function holds({ operator, values }: LabelTerm, value: unknown): boolean {
  const there = typeof value === 'string'
  switch (operator) {
    case 'exists':
      return there
    case 'absent':
      return !there
    case 'in':
      return there && values.includes(value)
    case 'notin':
      return !there || !values.includes(value)
    default: {
      const number = there && /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
      return operator === 'gt' ? number > Number(values[0]) : number < Number(values[0])
    }
  }
}
