import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { checkDefinition } from './definitions.ts'
import { newProblems } from './problems.ts'

const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const NAME = 'must be spec.names.plural+"."+spec.group'
const MIXED = `may have mixed case, but should otherwise match: ${LABEL}`
const STORED = 'must have at least one stored version'
const ONE_STORED = 'must have exactly one version marked as storage version'

const names = (plural: string, singular: string, kind: string) => ({ plural, singular, kind, listKind: `${kind}List` })

function problemsOf(name: string, spec: JsonObject): readonly string[] {
  const problems = newProblems()
  checkDefinition({ metadata: { name }, spec }, problems)
  return problems.causes.map(({ field, message }) => `${field}: ${message}`)
}

// With defaults; the words are those of a real API server (1.36).
describe('a CustomResourceDefinition', () => {
  it('is good', () => {
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }]
    const spec = { group: 'x.y', scope: 'Namespaced', names: names('as', 'a', 'A'), versions }
    expect(problemsOf('as.x.y', spec)).toEqual([])
    expect(problemsOf('a.b', spec)).toEqual([`metadata.name: Invalid value: "a.b": ${NAME}`])
  })

  it('is empty', () => {
    expect(problemsOf('a.b', { names: {} })).toEqual([
      `metadata.name: Invalid value: "a.b": ${NAME}`,
      'spec.group: Required value',
      'spec.scope: Required value',
      `spec.versions: Invalid value: null: ${ONE_STORED}`,
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
      `status.storedVersions: Invalid value: null: ${STORED}`,
    ])
  })

  it('has names that are none', () => {
    expect(problemsOf('as.x.y', { group: 'x.y', scope: 'Odd', names: names('As', 'a_', 'a_'), versions: [] })).toEqual([
      `metadata.name: Invalid value: "as.x.y": ${NAME}`,
      'spec.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespaced"',
      `spec.versions: Invalid value: []: ${ONE_STORED}`,
      `spec.names.plural: Invalid value: "As": ${LABEL}`,
      `spec.names.singular: Invalid value: "a_": ${LABEL}`,
      `spec.names.kind: Invalid value: "a_": ${MIXED}`,
      `spec.names.listKind: Invalid value: "a_List": ${MIXED}`,
      `status.storedVersions: Invalid value: null: ${STORED}`,
    ])
  })

  it('has versions that are none', () => {
    const versions = [{ name: 'V1', served: true, storage: false }]
    const spec = { group: 'xy', scope: 'Cluster', names: names('as', 'a', 'A'), versions }
    const found = problemsOf('as.xy', spec)
    expect(found.slice(0, 3)).toEqual([
      'spec.group: Invalid value: "xy": should be a domain with at least one dot',
      'spec.versions[0].schema.openAPIV3Schema: Required value',
      `spec.versions[0].name: Invalid value: "V1": ${LABEL}`,
    ])
    expect(found.at(-1)).toBe(`status.storedVersions: Invalid value: null: ${STORED}`)
  })
})
