/** The HTTP side of Istio's injector, as its own tests describe it, against the real server over TLS. */
import { describe, expect, it } from 'vitest'
import type { JsonPatchOperation } from '../packages/kube/src/index.ts'
import { applyPatch, type JsonObject } from '../packages/kube/src/index.ts'
import { patchIn, responseIn } from '../packages/webhook/testing/reviews.ts'
import { ask, countersOf, runningWebhook } from '../packages/webhook/testing/running.ts'
import { configurationsOf } from '../packages/webhook/testing/sources.ts'
import { comparablePod } from './support/compare.ts'
import { openVectors, skipWithout } from './support/vectors.ts'

interface ServeCase {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly body?: JsonObject | null
  readonly bodyBase64?: string
  readonly wantStatusCode: number
  readonly wantAllowed: boolean | null
  readonly wantPatch?: readonly JsonPatchOperation[] | null
}

interface ServeGroup {
  readonly config: JsonObject
  readonly cases: readonly ServeCase[]
  readonly countersAtLeastOneAfterAllCases?: readonly string[]
}

describe.each(['1.21', '1.8'])('serveInject of Istio %s', (release) => {
  const vectors = openVectors(release)
  skipWithout(vectors)
  const { serveInject } = vectors.tables() as { readonly serveInject: ServeGroup }

  it.runIf(vectors.present)('answers as Istio does, and counts each request once', async () => {
    const group = serveInject
    const text = JSON.stringify(group.config)
    // Istio's own tests inject with empty values.
    const sources = { config: { text, source: 'config' }, values: { text: '{}', source: 'values' } }
    const webhook = await runningWebhook({ configurations: configurationsOf(sources, { compat: release }) })
    for (const one of group.cases) await check(one, webhook)

    const counters = await countersOf(webhook)
    for (const name of group.countersAtLeastOneAfterAllCases ?? []) expect(counters[name], name).toBeGreaterThan(0)
    expect(counters.sidecar_injection_requests_total).toBe(group.cases.length)
  })
})

async function check(one: ServeCase, webhook: { readonly url: string }): Promise<void> {
  const { name, method, path, contentType, body, bodyBase64, wantStatusCode, wantAllowed, wantPatch } = one
  const bytes = bodyBase64 === undefined ? (body ? JSON.stringify(body) : '') : Buffer.from(bodyBase64, 'base64')
  const answer = await ask(webhook, { method, path, body: bytes, headers: { 'Content-Type': contentType } })
  expect(answer.status, name).toBe(wantStatusCode)
  if (wantAllowed === null) return
  const response = responseIn(answer.text)
  expect(response.allowed, name).toBe(wantAllowed)
  if (wantPatch === undefined || body === undefined || body === null) return
  if (wantPatch === null) expect(response.patch, name).toBeUndefined()
  else {
    const pod = (body.request as JsonObject).object as JsonObject
    const result = (patch: readonly JsonPatchOperation[]) => comparablePod(applyPatch(pod, patch))
    expect(result(patchIn(response)), name).toEqual(result(wantPatch))
  }
}
