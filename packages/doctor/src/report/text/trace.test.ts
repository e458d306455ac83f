import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../../testing/fixture.ts'
import { diagnose } from '../../run/diagnose.ts'
import type { Snapshot } from '../../snapshot/types.ts'
import { renderReportText } from './render.ts'

const healthy = loadFixture(HEALTHY)
const target = { kind: 'workload', workload: 'Deployment', namespace: 'shop', name: 'cart' } as const
const reportOn = (snapshot: Snapshot) => renderReportText(diagnose(snapshot, { target, catalogue: [] }))

describe('a report about a workload', () => {
  it('begins with the decision as "proa explain" prints it, then tells the Pods and the sum of both', () => {
    const text = reportOn(healthy)
    expect(text).toMatch(/^Deployment shop\/cart: injected \(PolicyEnabled\)\n/)
    expect(text).toContain('  ▶ 8. What is the default policy?')
    expect(text).toContain('    cart-5f6d-x1  injected  revision default  2026-11-10T08:00:10Z\n')
  })

  it('tells at least which webhook is called when the configuration of the injector is not known', () => {
    const unread = { apiVersion: 'v1', kind: 'ConfigMap', reason: 'forbidden', message: 'no' } as const
    const text = reportOn({
      ...healthy,
      objects: healthy.objects.filter(({ kind }) => kind !== 'ConfigMap'),
      unread: [unread],
    })
    expect(text).toMatch(/^Deployment shop\/cart: A new Pod would be: not known\n/)
    expect(text).toContain('    namespace.sidecar-injector.istio.io: called\n')
    expect(text).toContain('→ istio-sidecar-injector/namespace.sidecar-injector.istio.io of revision default')
  })
})
