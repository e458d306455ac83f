import { describe, expect, it } from 'vitest'
import { withoutRewrittenHandlers } from './rewritten-handlers.ts'

const AGENT = { httpGet: { path: '/app-health/app/livez', port: 15020 } }

describe('settings laid over a container whose probes an earlier injection sent to the agent', () => {
  it('do not bring the old handler back beside the new one', () => {
    const settings = { name: 'app', livenessProbe: { tcpSocket: { port: 80 } }, readinessProbe: { exec: {} } }
    expect(withoutRewrittenHandlers(settings, { name: 'app', livenessProbe: AGENT })).toEqual({
      name: 'app',
      readinessProbe: { exec: {} },
    })
  })

  it('count for lifecycle handlers alike', () => {
    const settings = { lifecycle: { preStop: { tcpSocket: { port: 1 } }, postStart: { exec: {} } } }
    const current = { lifecycle: { preStop: { httpGet: { path: '/app-lifecycle/app/prestopz', port: 15020 } } } }
    expect(withoutRewrittenHandlers(settings, current)).toEqual({ lifecycle: { postStart: { exec: {} } } })
  })

  it('stay as they are over everything else', () => {
    const settings = { livenessProbe: { tcpSocket: { port: 80 } } }
    expect(withoutRewrittenHandlers(settings, { livenessProbe: { httpGet: { path: '/', port: 1 } } })).toBe(settings)
    expect(withoutRewrittenHandlers(settings, undefined)).toBe(settings)
  })
})
