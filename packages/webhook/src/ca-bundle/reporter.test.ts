import type { ClusterEvent } from '@proa/kube-client'
import { describe, expect, it } from 'vitest'
import { caBundleReporter } from './reporter.ts'

const configuration = (name: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name, uid: `uid of ${name}` },
})

function recorded(fails = false) {
  const events: ClusterEvent[] = []
  const record = async (event: ClusterEvent) => {
    if (fails) throw new Error('no permission')
    events.push(event)
    return 'created' as const
  }
  const client = { create: () => Promise.reject(new Error()), patch: () => Promise.reject(new Error()) }
  return {
    events,
    reporter: caBundleReporter({ client, component: 'proa-injector', instance: 'a', events: { record } }),
  }
}

describe('problems of the caBundle', () => {
  it('stand as an Event at the webhook configuration, and for /readyz until they are over', () => {
    const { events, reporter } = recorded()
    reporter.report(configuration('one'), 'somebody changes it')
    expect(reporter.problem).toBe('somebody changes it')
    reporter.report(configuration('two'), undefined)
    expect(reporter.problem).toBe('somebody changes it')
    reporter.report(configuration('one'), undefined)
    expect(reporter.problem).toBeUndefined()
    const regarding = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      name: 'one',
      uid: 'uid of one',
    }
    expect(events).toEqual([{ regarding, type: 'Warning', reason: 'CABundleNotRight', message: 'somebody changes it' }])
  })

  it('do no harm when no Event can be written', async () => {
    const { reporter } = recorded(true)
    reporter.report(configuration('one'), 'somebody changes it')
    await Promise.resolve()
    expect(reporter.problem).toBe('somebody changes it')
  })
})
