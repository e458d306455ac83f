import { describe, expect, it } from 'vitest'
import { coerceScalars } from './coerce.ts'

describe('YAML scalars where Go has strings', () => {
  it('become text in string fields, lists of strings and maps of strings', () => {
    const pod = {
      metadata: { annotations: { 'sidecar.istio.io/inject': true, ratio: 0.5 }, labels: { version: 2 } },
      spec: { containers: [{ name: 80, args: ['-p', 15001, false], env: [{ name: 'N', value: 1 }] }] },
    }
    expect(coerceScalars('v1.Pod', pod)).toEqual({
      metadata: { annotations: { 'sidecar.istio.io/inject': 'true', ratio: '0.5' }, labels: { version: '2' } },
      spec: { containers: [{ name: '80', args: ['-p', '15001', 'false'], env: [{ name: 'N', value: '1' }] }] },
    })
  })

  it('stay numbers and booleans where the field is one', () => {
    const container = { stdin: true, ports: [{ containerPort: 80 }], resources: { limits: { cpu: 2 } } }
    expect(coerceScalars('v1.Container', container)).toBe(container)
  })

  it('stay what they are in a field that is text or a number', () => {
    const container = { livenessProbe: { httpGet: { port: 8080 } } }
    expect(coerceScalars('v1.Container', container)).toBe(container)
  })

  it('stay below a field of an embedded struct, where the library has lost the type', () => {
    const volume = { name: 7, configMap: { name: 5, items: [{ key: 1, path: 'p' }] } }
    expect(coerceScalars('v1.Volume', volume)).toEqual({ ...volume, name: '7' })
    const probe = { httpGet: { path: 5 }, exec: { command: [5] } }
    expect(coerceScalars('v1.Probe', probe)).toBe(probe)
    const typeMeta = { kind: 5, metadata: { name: 5 } }
    expect(coerceScalars('v1.Pod', typeMeta)).toEqual({ kind: 5, metadata: { name: '5' } })
  })

  it.each([
    [0.1, '0.1'],
    [1.12, '1.12'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1234567.5, '1.2345675e+06'],
    [-1234567.5, '-1.2345675e+06'],
    [123456.5, '123456.5'],
    [1000000, '1000000'],
  ])('floats print as Go prints them: %d', (value, text) => {
    expect(coerceScalars('v1.EnvVar', { value })).toEqual({ value: text })
  })

  it('nothing is dropped: null, unknown fields and values of a wrong shape are left to the typed reading', () => {
    const container = { name: null, unknown: 1, args: 'text', env: [3] }
    expect(coerceScalars('v1.Container', container)).toBe(container)
  })

  it('keys of untrusted maps are data', () => {
    const labels = JSON.parse('{"labels": {"__proto__": 1, "constructor": true}}') as never
    const read = coerceScalars('v1.ObjectMeta', labels)
    expect(JSON.stringify(read)).toBe('{"labels":{"__proto__":"1","constructor":"true"}}')
  })
})
