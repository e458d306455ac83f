/**
 * The answers of Istio's real HTTP handler (releases 1.21.6 and the newest agree on all of them) beside ours. What differs, differs
 * on purpose and stands in the table.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { responseIn } from '../../testing/reviews.ts'
import { ask, runningWebhook } from '../../testing/running.ts'

interface IstioAnswer {
  readonly panic?: true
  readonly status?: number
  readonly text?: string
  readonly version?: string | null
  readonly allowed?: boolean
  readonly patch?: boolean
  readonly uid?: string
}

interface IstioCase {
  readonly name: string
  readonly body?: string
  readonly bodyBase64?: string
  readonly method?: string
  readonly contentType?: string
  readonly path?: string
  readonly istio: IstioAnswer
}

const CASES = JSON.parse(
  readFileSync(new URL('testdata/istio-1.21-and-later.json', import.meta.url), 'utf8'),
) as readonly IstioCase[]

const V1 = 'admission.k8s.io/v1'
const untouched = (uid: string): IstioAnswer => ({ status: 200, version: V1, allowed: true, patch: false, uid })
const refused: IstioAnswer = { status: 200, version: null, allowed: false, patch: false, uid: '' }
const DIFFERENCES: Readonly<Record<string, IstioAnswer>> = {
  // Istio's handler crashes and the connection breaks.
  'no-request (corpus)': { ...refused, version: V1 },
  'null-request': { ...refused, version: V1 },
  'case-fold (corpus)': refused,
  'status-map': { status: 200, version: V1, allowed: false, patch: false, uid: 'u-1' },
  // A status that is no status would be forgotten silently, and the old sidecar stay beside the new one.
  'status-text': { status: 200, version: V1, allowed: false, patch: false, uid: 'u-1' },
  // What is no creation of a Pod is left as it is.
  'delete-null': untouched('u-1'),
  deployment: untouched('u-1'),
  update: untouched('u-1'),
  connect: untouched('u-1'),
  ephemeral: untouched('u-1'),
  // JSON is UTF-8; Istio reads anything that YAML can be.
  utf16: refused,
}

describe('the HTTP side beside Istio’s', () => {
  it('answers every case alike, but for those that are better otherwise', async () => {
    const webhook = await runningWebhook()
    for (const one of CASES) {
      const { name, body, bodyBase64, method = 'POST', contentType = 'application/json', path = '/inject' } = one
      const bytes = bodyBase64 === undefined ? (body ?? '') : Buffer.from(bodyBase64, 'base64')
      const answer = await ask(webhook, { method, path, body: bytes, headers: { 'Content-Type': contentType } })
      const wanted = DIFFERENCES[name] ?? one.istio
      if (wanted.text !== undefined) {
        expect({ status: answer.status, text: answer.text }, name).toEqual({
          status: wanted.status,
          text: method === 'HEAD' ? '' : wanted.text,
        })
        continue
      }
      const response = responseIn(answer.text)
      const found: IstioAnswer = {
        status: answer.status,
        version: (JSON.parse(answer.text) as { readonly apiVersion?: string }).apiVersion ?? null,
        allowed: response.allowed,
        patch: response.patch !== undefined,
        uid: response.uid,
      }
      expect(found, name).toEqual(wanted)
      if (!response.allowed) expect(response.status?.message, name).not.toBe('')
    }
  })

  it('has no difference in the table that is none', () => {
    const names = new Set(CASES.map(({ name }) => name))
    expect(Object.keys(DIFFERENCES).filter((name) => !names.has(name))).toEqual([])
    for (const { name, istio } of CASES) expect(istio, name).not.toEqual(DIFFERENCES[name])
  })
})
