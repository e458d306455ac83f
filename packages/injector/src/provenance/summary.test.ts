import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { injectPod } from '../inject.ts'
import { describeOrigins, summarizeOrigins } from './summary.ts'
import type { FieldOrigin } from './types.ts'

const app = { name: 'app', image: 'shop:1', livenessProbe: { httpGet: { path: '/', port: 80 } } }
const proxy = { name: 'istio-proxy', image: 'auto', resources: { limits: { cpu: '3' } } }

function summary(pod: JsonObject): readonly string[] {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, loadConfiguration())
  // Line numbers are the template's affair.
  const plain = (line: string): string => line.replace(/lines? [\d, -]*\d/, 'lines')
  return result.outcome === 'injected'
    ? summarizeOrigins(result.origins).map((each) => plain(describeOrigins(each)))
    : []
}

describe('the summary of origins', () => {
  it('has a line for each container and each other part of the Pod, in the order of the Pod', () => {
    expect(summary({ metadata: {}, spec: { containers: [app] } })).toEqual([
      'labels: template sidecar, lines',
      'annotations: template sidecar, lines; prometheus.io/port, prometheus.io/path, prometheus.io/scrape by prometheus; sidecar.istio.io/status by metadata',
      'container app: livenessProbe by probes',
      'container istio-proxy (added): template sidecar, lines; env[ISTIO_KUBE_APP_PROBERS] by probes',
      'volumes: template sidecar, lines',
      'init container istio-init (added): template sidecar, lines',
    ])
  })

  it('says what of a container is the user’s own', () => {
    expect(summary({ spec: { containers: [app, proxy] } })).toContain(
      'container istio-proxy: template sidecar, lines; resources.limits.cpu by user override (container istio-proxy of the Pod); env[ISTIO_KUBE_APP_PROBERS] by probes',
    )
  })

  it('joins neighbouring lines, and names each field once', () => {
    const field = (path: string, line: number): FieldOrigin => ({
      path,
      pointer: '',
      change: 'added',
      origin: { kind: 'template', template: 't', line, text: '' },
    })
    const [only] = summarizeOrigins([
      field('spec.containers["a]b"].name', 10),
      field('spec.containers["a]b"].env[A].name', 12),
      field('spec.containers["a]b"].env[A].value', 13),
      field('spec.containers["a]b"].image', 90),
    ])
    expect(only).toEqual({
      subject: 'container a]b',
      change: 'added',
      parts: [
        {
          kind: 'template',
          template: 't',
          lines: [
            { first: 10, last: 13 },
            { first: 90, last: 90 },
          ],
          fields: ['name', 'env[A]', 'image'],
          count: 4,
        },
      ],
    })
    expect(only === undefined ? '' : describeOrigins(only)).toBe('container a]b (added): template t, lines 10-13, 90')
  })

  it('tells of containers that changed places', () => {
    expect(summary({ spec: { containers: [proxy, app] } }).join('\n')).toContain('position by order')
  })
})
