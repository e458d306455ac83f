import { describe, expect, it } from 'vitest'
import { InjectionError } from '../errors.ts'
import { validateAnnotations } from './validate.ts'

function problemOf(annotations: Readonly<Record<string, string>>, minor = 31): string | undefined {
  try {
    validateAnnotations(annotations, minor)
    return undefined
  } catch (error) {
    if (error instanceof InjectionError) return error.message
    throw error
  }
}

describe('values of annotations that are right', () => {
  it.each([
    ['sidecar.istio.io/interceptionMode', 'TPROXY'],
    ['status.sidecar.istio.io/port', '15020'],
    ['readiness.status.sidecar.istio.io/periodSeconds', '4294967295'],
    ['traffic.sidecar.istio.io/includeOutboundIPRanges', '*'],
    ['traffic.sidecar.istio.io/includeOutboundIPRanges', '10.0.0.0/8,2001:db8::/32'],
    ['traffic.sidecar.istio.io/excludeOutboundIPRanges', ''],
    ['traffic.sidecar.istio.io/includeInboundPorts', '*'],
    ['traffic.sidecar.istio.io/includeInboundPorts', ' 80, 443 '],
    ['traffic.sidecar.istio.io/excludeInboundPorts', ''],
    ['traffic.sidecar.istio.io/includeOutboundPorts', 'Istio does not look'],
    ['prometheus.istio.io/merge-metrics', 'F'],
    ['sidecar.istio.io/proxyCPU', '250m'],
    ['traffic.sidecar.istio.io/excludeInterfaces', 'eth0, net.1'],
    ['proxy.istio.io/config', 'concurrency: 2'],
    ['sidecar.istio.io/enableCoreDump', 'Istio does not look any more'],
  ])('%s: %s', (key, value) => {
    expect(problemOf({ [key]: value })).toBeUndefined()
  })
})

describe('values of annotations that are wrong, in Istio’s words', () => {
  it.each([
    ['sidecar.istio.io/interceptionMode', 'tproxy', 'interceptionMode invalid, use REDIRECT,TPROXY,NONE: tproxy'],
    [
      'status.sidecar.istio.io/port',
      'http',
      `excludeInboundPorts invalid: failed parsing port 'http': strconv.ParseUint: parsing "http": invalid syntax`,
    ],
    [
      'readiness.status.sidecar.istio.io/failureThreshold',
      '4294967296',
      'strconv.ParseUint: parsing "4294967296": value out of range',
    ],
    ['readiness.status.sidecar.istio.io/initialDelaySeconds', '-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
    [
      'traffic.sidecar.istio.io/excludeOutboundIPRanges',
      '*',
      `excludeIPRanges invalid: failed parsing cidr '*': netip.ParsePrefix("*"): no '/'`,
    ],
    [
      'traffic.sidecar.istio.io/includeOutboundIPRanges',
      '10.0.0.0/8, 10.1.0.0/16',
      `includeIPRanges invalid: failed parsing cidr ' 10.1.0.0/16': netip.ParsePrefix(" 10.1.0.0/16"): ParseAddr(" 10.1.0.0"): unexpected character (at " 10.1.0.0")`,
    ],
    [
      'traffic.sidecar.istio.io/excludeInboundPorts',
      '80,70000',
      `excludeInboundPorts invalid: failed parsing port '70000': failed parsing port '70000': strconv.ParseUint: parsing "70000": value out of range`,
    ],
    [
      'traffic.sidecar.istio.io/excludeOutboundPorts',
      '80,',
      `excludeOutboundPorts invalid: failed parsing port '': failed parsing port '': strconv.ParseUint: parsing "": invalid syntax`,
    ],
    ['prometheus.istio.io/merge-metrics', '\u00a0\u0007', 'strconv.ParseBool: parsing "\\u00a0\\a": invalid syntax'],
    ['prometheus.istio.io/merge-metrics', 'yes', 'strconv.ParseBool: parsing "yes": invalid syntax'],
    [
      'sidecar.istio.io/proxyMemory',
      '1 GB',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ['sidecar.istio.io/proxyMemory', '1Gi\n', 'value contains control characters'],
    ['traffic.sidecar.istio.io/excludeInterfaces', 'eth0,', 'empty interface name'],
    [
      'traffic.sidecar.istio.io/kubevirtInterfaces',
      'a-very-long-name',
      'interface name "a-very-long-name" too long (max 15 chars)',
    ],
    ['traffic.sidecar.istio.io/excludeInterfaces', 'ééééééééé', 'interface name "ééééééééé" too long (max 15 chars)'],
    ['istio.io/reroute-virtual-interfaces', '0eth', 'interface name "0eth" contains invalid characters'],
  ])('%s: %j', (key, value, problem) => {
    expect(problemOf({ [key]: value })).toBe(
      `1 error occurred:\n\t* invalid value '${value}' for annotation '${key}': ${problem}\n\n`,
    )
  })

  it('are collected, and the first one is where the error points', () => {
    const annotations = { 'prometheus.istio.io/merge-metrics': 'x', 'status.sidecar.istio.io/port': 'y' }
    expect(problemOf(annotations)).toMatch(/^2 errors occurred:\n\t\* .*\n\t\* .*\n\n$/)
    expect(() => validateAnnotations(annotations, 31)).toThrow(
      expect.objectContaining({ path: 'metadata.annotations["prometheus.istio.io/merge-metrics"]' }),
    )
  })
})

describe('what is looked at depends on the release', () => {
  it.each([
    ['sidecar.istio.io/proxyCPU', 'much', 27],
    ['traffic.sidecar.istio.io/excludeInterfaces', '0', 30],
  ])('%s since 1.%3$i', (key, value, since) => {
    expect(problemOf({ [key]: value }, since - 1)).toBeUndefined()
    expect(problemOf({ [key]: value }, since)).toBeDefined()
  })

  it('sidecar.istio.io/enableCoreDump until 1.24', () => {
    expect(problemOf({ 'sidecar.istio.io/enableCoreDump': 'x' }, 24)).toBeDefined()
    expect(problemOf({ 'sidecar.istio.io/enableCoreDump': 'x' }, 25)).toBeUndefined()
  })
})
