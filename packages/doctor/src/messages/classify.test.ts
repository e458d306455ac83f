import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGES, OLD, POST } from '../../testing/messages.ts'
import type { MessageCode } from './classification.ts'
import { classifyMessage } from './index.ts'

describe('classifyMessage', () => {
  it.each(MESSAGES.map(([message, ...rest]) => [message, rest] as const))(
    '%s',
    (message, [code, first, details = {}]) => {
      expect(classifyMessage(message)).toEqual([
        expect.objectContaining({ code, likelyFirst: first, details: expect.objectContaining(details) }),
      ])
    },
  )

  // How a message reaches people.
  it.each([
    ['kubectl', (message: string) => `Error from server (InternalError): error when creating "pod.yaml": ${message}`],
    ['an Event of a ReplicaSet', (message: string) => `Error creating: ${message}`],
    ['an Event of a StatefulSet', (message: string) => `create Pod web-0 in StatefulSet web failed error: ${message}`],
    [
      'an Event in JSON',
      (message: string) => JSON.stringify({ message: `Error creating: ${message}`, reason: 'FailedCreate' }),
    ],
    ['JSON in JSON', (message: string) => JSON.stringify(JSON.stringify({ message }))],
    ['a log line', (message: string) => `E0801 10:00:00.123456       1 dispatcher.go:184] ${message}`],
    ['lines wrapped by a terminal', (message: string) => message.replaceAll(' ', '\n')],
    ['YAML, folded', (message: string) => `  message: '${message.replaceAll(' ', '\n    ')}'\n  reason: FailedCreate`],
  ])('finds the messages of %s', (_, wrap) => {
    for (const [message, code] of MESSAGES) expect([message, codes(wrap(message))]).toEqual([message, [code]])
  })

  it('says which webhook was called where, and how long the API server waits', () => {
    expect(classifyMessage(`${POST}context deadline exceeded`)).toMatchObject([
      {
        webhook: 'namespace.sidecar-injector.istio.io',
        service: { namespace: 'istio-system', name: 'istiod', port: 443, path: '/inject' },
        url: 'https://istiod.istio-system.svc:443/inject',
        timeoutSeconds: 10,
        verdict: {
          en: 'The Service istio-system/istiod did not answer within 10 s: a firewall or a NetworkPolicy drops the packets, or the injector is overloaded.',
        },
      },
    ])
  })

  it('sees that the API server went on without the webhook', () => {
    const log = `W0801 10:00:00.123456       1 dispatcher.go:210] Failed calling webhook, failing open namespace.sidecar-injector.istio.io: ${OLD}EOF
E0801 10:00:00.123457       1 dispatcher.go:214] ${OLD}EOF`
    const [open, ...rest] = classifyMessage(log)
    expect(open).toMatchObject({ code: 'connection-closed', failedOpen: true, webhook: 'sidecar-injector.istio.io' })
    // The same call once more, for the log.
    expect(rest.map(({ failedOpen }) => failedOpen)).toEqual([undefined])
  })

  it('finds several messages in one paste, each once', () => {
    const paste = `Events:
  Type     Reason        Age                From                   Message
  ----     ------        ----               ----                   -------
  Warning  FailedCreate  13m (x14 over 14m) replicaset-controller  Error creating: ${POST}no endpoints available for service "istiod"
  Warning  FailedCreate  2m (x3 over 5m)    replicaset-controller  Error creating: ${POST}dial tcp 10.1.0.3:15017: connect: connection refused
  Warning  FailedCreate  1m (x3 over 5m)    replicaset-controller  Error creating: ${POST}no endpoints available for service "istiod"
  Warning  Unhealthy     1m                 kubelet                Readiness probe failed: Get "http://10.1.0.3:8080/ready": context deadline exceeded
  Normal   ScalingReplicaSet 14m            deployment-controller  Scaled up replica set cart-7d9f to 1`
    expect(codes(paste)).toEqual(['no-endpoints', 'connection-refused'])
  })

  it('does not repeat passwords of proxies', () => {
    const [one] = classifyMessage(
      `${POST}proxyconnect tcp: dial tcp: lookup http://bob:secret@proxy.corp: no such host`,
    )
    expect(JSON.stringify(one)).not.toContain('secret')
  })

  it.each(['', '   \n', 'all is well', 'Scaled up replica set cart to 1', 'cat <<EOF > file', '{"kind":"Pod"}'])(
    'finds nothing in %j',
    (text) => expect(classifyMessage(text)).toEqual([]),
  )

  it('knows what a real API server says to every way in which a webhook fails', () => {
    const file = new URL('../../../local-cluster/testing/admission/recorded.json', import.meta.url)
    const recorded: Record<string, { code: number; message?: string }> = JSON.parse(readFileSync(file, 'utf8'))
    const known = Object.entries(recorded).flatMap(([name, { message }]) =>
      message === undefined ? [] : [`${name}: ${codes(filled(message)).join(', ')}`],
    )
    expect(known.length).toBeGreaterThan(90)
    expect(known.filter((line) => !/: [a-z-]+$/.test(line))).toEqual([])
    // What it says in words of its own cannot be known.
    expect(known.filter((line) => line.endsWith('webhook-call-failed'))).toEqual([
      'status 403: webhook-call-failed',
      'status 406: webhook-call-failed',
      'status 415: webhook-call-failed',
      'a Status object: webhook-call-failed',
    ])
  })

  it('takes any text, whatever it is put together from', () => {
    const words = MESSAGES.flatMap(([message]) => message.split(/(?<=[ ":])/))
    const noise = fc.oneof(fc.constantFrom(...words, '\n', '\\"', '\\', '"', '', ': '), fc.string())
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 60 }), (parts) => {
        for (const one of classifyMessage(parts.join(''))) {
          expect(one.checks).toContain(one.likelyFirst)
          expect(one.message.length).toBeLessThanOrEqual(2000)
          expect(one.verdict.en).not.toContain('undefined')
          expect(one.verdict.zh).not.toContain('undefined')
        }
      }),
      { numRuns: 300, seed: 4 },
    )
  })

  it('says whole sentences in both languages', () => {
    for (const [message] of MESSAGES) {
      for (const { verdict } of classifyMessage(message)) {
        expect(verdict.en).toMatch(/^[A-Z"].*\.$/s)
        expect(verdict.zh).toMatch(/。$/)
      }
    }
  })
})

const codes = (text: string): readonly MessageCode[] => classifyMessage(text).map(({ code }) => code)

function filled(message: string): string {
  const values: Readonly<Record<string, string>> = {
    namespace: 'shop',
    host: '10.0.0.7',
    port: '15017',
    now: '2026-02-02T00:00:00Z',
    on: ' on 10.96.0.10:53',
    local: '10.0.0.1:33456',
    uid: '7bfa1cbb-1d03-4e5c-9d13-5a1d6c3d1fb7',
  }
  return message.replace(/\{(\w+)\}/g, (match, name: string) => values[name] ?? match)
}
