/** Templates, Pods and what the real injector of Istio 1.8.6 made of them. */
import { readFileSync } from 'node:fs'
import { applyPatch, type Json, type JsonObject, readTyped } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { type InjectionResult, injectPod } from '../inject.ts'

interface Case {
  readonly name: string
  readonly pod: JsonObject
  readonly template: string
  readonly injectedAnnotations?: JsonObject
  readonly values?: JsonObject
  readonly mesh?: JsonObject
  readonly path?: string
  readonly revision?: string
  readonly want: { readonly pod: JsonObject } | { readonly error: string }
  /** The Pod after a second injection. */
  readonly again?: JsonObject
}

const file = new URL('./testdata/istio-1.8.6.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Case[]

describe('Istio 1.8.6', () => {
  it.each(cases)('$name', (each) => {
    const result = inject(each, each.pod)
    if ('error' in each.want) return expectFailure(result, each.want.error)
    const once = injected(each.pod, result)
    expect(typed(once)).toEqual(typed(each.want.pod))
    if (each.again !== undefined) expect(typed(injected(once, inject(each, once)))).toEqual(typed(each.again))
  })
})

function inject({ template, injectedAnnotations = {}, ...each }: Case, pod: JsonObject): InjectionResult {
  const config = { policy: 'enabled', template, injectedAnnotations }
  const configuration = loadConfiguration(
    {
      config: { source: 'config', text: JSON.stringify(config) },
      values: { source: 'values', text: JSON.stringify(each.values ?? {}) },
      mesh: { source: 'mesh', text: JSON.stringify(each.mesh ?? {}) },
    },
    { compat: '1.8', revision: each.revision ?? '' },
  )
  return injectPod({ pod, namespace: 'shop', mode: 'webhook', path: each.path ?? '/inject' }, configuration)
}

function injected(pod: JsonObject, result: InjectionResult): JsonObject {
  if (result.outcome === 'failed') throw result.error
  if (result.outcome === 'skipped') throw new Error('it was not injected')
  return applyPatch(pod, result.patch) as JsonObject
}

/** Texts of the YAML reader are ours; where Go's types refuse a value, they are Go's. */
function expectFailure(result: InjectionResult, text: string): void {
  if (result.outcome !== 'failed') throw new Error(`it should have failed: ${text}`)
  expect(result.error.code).toBe('TemplateOutputInvalid')
  if (text.includes('Go struct field')) expect(result.error.message).toBe(text)
}

function typed(pod: JsonObject): Json {
  return readTyped('v1.Pod', pod)
}
