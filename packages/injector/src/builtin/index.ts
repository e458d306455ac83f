import type { SourceText } from '../config/types.ts'
import { BUILTIN_SIDECAR_TEMPLATE } from './sidecar-template.ts'
import { BUILTIN_VALUES } from './values.ts'

/** The configuration that is used when none is given: our own template, policy enabled, no selectors. */
export function builtinSources(): { readonly config: SourceText; readonly values: SourceText } {
  return { config: { source: 'built-in config', text: CONFIG }, values: { source: 'built-in values', text: VALUES } }
}

// JSON is YAML, and saves the reader the indentation of the template.
const CONFIG = JSON.stringify({
  policy: 'enabled',
  defaultTemplates: ['sidecar'],
  templates: { sidecar: BUILTIN_SIDECAR_TEMPLATE },
})
const VALUES = JSON.stringify(BUILTIN_VALUES)
