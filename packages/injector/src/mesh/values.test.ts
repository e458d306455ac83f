import { parseYaml } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { MeshConfigError, readInjectorValues } from './index.ts'

const read = (yaml: string) => readInjectorValues(parseYaml(yaml))

function failure(yaml: string): { message: string; path: string } {
  try {
    read(yaml)
  } catch (error) {
    if (error instanceof MeshConfigError) return { message: error.message, path: error.path }
    throw error
  }
  throw new Error('no error')
}

describe('the values that the injector decides on', () => {
  it('are empty for empty values', () => {
    expect(readInjectorValues(null)).toEqual(read('global: {}'))
    expect(read('{}')).toEqual({
      clusterName: '',
      network: '',
      hub: '',
      tag: '',
      variant: '',
      proxyImage: '',
      proxyInitImage: '',
      holdApplicationUntilProxyStarts: false,
      rewriteAppHTTPProbe: false,
    })
  })

  it('are found at their places; unknown keys do not matter', () => {
    expect(
      read(`
        unknown: {x: 1}
        global:
          hub: registry.example/istio
          tag: 1.21.6
          variant: distroless
          network: n1
          multiCluster: {clusterName: c1}
          proxy: {image: proxyv2, holdApplicationUntilProxyStarts: true}
          proxy_init: {image: init}
        sidecarInjectorWebhook: {rewriteAppHTTPProbe: true}
      `),
    ).toEqual({
      clusterName: 'c1',
      network: 'n1',
      hub: 'registry.example/istio',
      tag: '1.21.6',
      variant: 'distroless',
      proxyImage: 'proxyv2',
      proxyInitImage: 'init',
      holdApplicationUntilProxyStarts: true,
      rewriteAppHTTPProbe: true,
    })
  })

  it.each([
    ['11', '11'],
    ['1.12', '1.12'],
    ['1.10', '1.1'],
    ['"1.10"', '1.10'],
    ['1000000', '1e+06'],
    ['null', '<nil>'],
  ])('prints the tag %s as %s, as Go prints the number', (tag, printed) => {
    expect(read(`global: {tag: ${tag}}`).tag).toBe(printed)
  })

  it.each([
    ['global: {hub: 5}', 'global.hub', 'json: cannot unmarshal number into Go value of type string'],
    ['global: []', 'global', 'json: cannot unmarshal array into Go value of type map[string]json.RawMessage'],
    [
      'global: {proxy: {holdApplicationUntilProxyStarts: "yes"}}',
      'global.proxy.holdApplicationUntilProxyStarts',
      'json: cannot unmarshal string into Go value of type bool',
    ],
    [
      'global: {proxy: {logLevel: 3}}',
      'global.proxy.logLevel',
      'json: cannot unmarshal number into Go value of type string',
    ],
    [
      'global: {proxy: {privileged: 1}}',
      'global.proxy.privileged',
      'json: cannot unmarshal number into Go value of type bool',
    ],
    ['[]', '', 'json: cannot unmarshal array into Go value of type map[string]json.RawMessage'],
  ])('rejects %s at %s', (yaml, path, reason) => {
    expect(failure(yaml)).toEqual({ path, message: `could not parse configuration values: ${reason}` })
  })
})
