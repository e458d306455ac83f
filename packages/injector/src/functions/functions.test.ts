import { compileTemplate, type Value } from '@proa/go-template'
import { describe, expect, it } from 'vitest'
import { objectView } from '../data/pod-view.ts'
import { defaultProxyConfig, messageView, PROXY_CONFIG } from '../mesh/index.ts'
import { injectionFunctions } from './index.ts'

const MINOR = 31
const functions = injectionFunctions({
  minor: MINOR,
  env: () => undefined,
  onStructure: () => undefined,
  renderText: () => '',
})
const data = {
  ProxyConfig: messageView(PROXY_CONFIG, defaultProxyConfig(MINOR), MINOR),
  Container: objectView('v1.Container', { ports: [{ containerPort: 80 }], image: 'i', name: 'app' }),
} as unknown as Value

function rendered(text: string): string {
  return compileTemplate('inject', text, { functions }).execute(data)
}

describe("Istio's template functions", () => {
  it('formatDuration writes a duration as Go does', () => {
    expect(rendered('{{ .ProxyConfig.DrainDuration | formatDuration }}')).toBe('45s')
    expect(rendered('{{ formatDuration .ProxyConfig.TerminationDrainDuration }}')).toBe('5s')
  })

  it('structToJSON writes the fields in the order of their declaration, with the zeros that Go shows', () => {
    expect(rendered('{{ structToJSON .Container }}')).toBe(
      '{"name":"app","image":"i","ports":[{"containerPort":80}],"resources":{}}',
    )
  })
})
