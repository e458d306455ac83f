import { isObject, type Json } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { LANGUAGES, RICH_REPORT } from '../../testing/rich-report.ts'
import { renderReportJson } from './json.ts'

/** What a field holds; with `?` it may be left out. `Json` is any value. */
type Shape = 'text' | 'number' | 'called' | 'Json' | readonly [Shape] | { readonly [field: string]: Shape }

const name: Shape = { 'apiVersion?': 'text', kind: 'text', namespace: 'text', name: 'text' }

/** The public contract of `proa doctor -o json`. Fields may be added here; none may go or change. */
const CONTRACT: Shape = {
  target: { kind: 'text' },
  'absent?': { object: name, similar: [name], reason: 'text' },
  checks: ['text'],
  evaluated: 'number',
  findings: [
    {
      id: 'text',
      severity: 'text',
      category: 'text',
      confidence: 'text',
      object: name,
      'revision?': 'text',
      message: 'text',
      'meaning?': 'text',
      evidence: [{ object: name, path: 'text', 'value?': 'Json', 'label?': 'text' }],
      'fix?': { text: 'text', commands: ['text'], changes: ['Json'] },
      docs: 'text',
    },
  ],
  notEvaluated: [
    {
      id: 'text',
      'object?': name,
      reason: 'text',
      missing: [
        { apiVersion: 'text', kind: 'text', 'namespace?': 'text', 'name?': 'text', reason: 'text', message: 'text' },
      ],
    },
  ],
  'trace?': {
    object: 'Json',
    'explanation?': 'Json',
    webhooks: 'Json',
    expected: 'text',
    actual: [{ name: 'text', sidecar: 'text', 'revision?': 'text', created: 'text' }],
    summary: 'text',
  },
  'namespaces?': [
    {
      name: 'text',
      'injection?': 'text',
      'revision?': 'text',
      'dataplaneMode?': 'text',
      webhooks: [{ webhook: 'text', called: 'called', because: 'text' }],
      verdict: 'text',
      pods: { all: 'number', injected: 'number' },
    },
  ],
  'certificates?': [
    {
      revision: 'text',
      place: 'text',
      where: 'text',
      subject: 'text',
      issuer: 'text',
      notAfter: 'text',
      fingerprint: 'text',
      'problem?': 'text',
    },
  ],
  exitCode: 'number',
}

/** Where the value is not as the contract says. */
function differences(value: Json | undefined, shape: Shape, path = '$'): readonly string[] {
  if (shape === 'Json') return value === undefined ? [`${path} is missing`] : []
  if (shape === 'called') return typeof value === 'boolean' || value === 'unknown' ? [] : [path]
  if (shape === 'text' || shape === 'number') {
    return typeof value === (shape === 'text' ? 'string' : 'number') ? [] : [`${path} is no ${shape}`]
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`]
    return value.flatMap((item: Json, index) => differences(item, shape[0] as Shape, `${path}[${index}]`))
  }
  if (!isObject(value ?? null)) return [`${path} is no object`]
  const fields = new Map(Object.entries(shape).map(([key, inner]) => [key.replace('?', ''), { key, inner }]))
  const object = value as { readonly [key: string]: Json }
  const unknown = Object.keys(object).filter((key) => !fields.has(key))
  return [
    ...unknown.map((key) => `${path}.${key} is not in the contract`),
    ...[...fields].flatMap(([field, { key, inner }]) =>
      key.endsWith('?') && object[field] === undefined ? [] : differences(object[field], inner, `${path}.${field}`),
    ),
  ]
}

describe('-o json', () => {
  it.each(LANGUAGES)('keeps its contract in %s', (language) => {
    const json = JSON.parse(renderReportJson(RICH_REPORT, language))
    expect(differences(json, CONTRACT)).toEqual([])
  })

  it('says the same of everything but its sentences in both languages', () => {
    const codes = (language: 'en' | 'zh') =>
      JSON.parse(renderReportJson(RICH_REPORT, language)).findings.map(
        ({ message: _, meaning: __, fix, docs: ____, evidence, ...rest }: Record<string, Json>) => ({
          ...rest,
          fix: isObject(fix ?? null) ? { ...(fix as object), text: '' } : null,
          evidence: (evidence as readonly { label?: string }[]).map((one) => ({ ...one, label: '' })),
        }),
      )
    expect(codes('zh')).toEqual(codes('en'))
  })

  it('names the object of each piece of evidence, and gives cluster-scoped ones the namespace ""', () => {
    const { findings } = JSON.parse(renderReportJson(RICH_REPORT, 'en'))
    expect(findings[1].object.namespace).toBe('')
    expect(findings[1].evidence.map((one: { object: { kind: string } }) => one.object.kind)).toEqual([
      'MutatingWebhookConfiguration',
      'ConfigMap',
    ])
  })
})
