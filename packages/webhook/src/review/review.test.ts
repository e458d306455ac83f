import { loadConfiguration } from '@proa/injector'
import type { Json, JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { examplePod, patchedObject, patchIn, responseIn, reviewOf } from '../../testing/reviews.ts'
import { review } from './review.ts'

const configuration = loadConfiguration({}, { revision: 'canary' })
const context = { configuration, namespaceObject: () => undefined }

function answered(body: Json | string, path = '/inject') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const { answer, facts } = review({ body: Buffer.from(text), path }, context)
  return { answer, facts, response: responseIn(answer.body) }
}

const annotated = (annotations: JsonObject): JsonObject => examplePod('web', { annotations })

describe('a review', () => {
  it('of a Pod to inject has the patch, and says why to the audit log', () => {
    const pod = examplePod()
    const { response, facts } = answered(reviewOf(pod))
    expect(response).toMatchObject({
      allowed: true,
      patchType: 'JSONPatch',
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    })
    expect(response.auditAnnotations).toEqual({
      outcome: 'injected',
      reason: 'PolicyEnabled',
      revision: 'canary',
      'template-hash': expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(response.warnings).toBeUndefined()
    expect(JSON.stringify(patchedObject(pod, response))).toContain('"istio-proxy"')
    expect(facts).toEqual({
      outcome: 'injected',
      reason: 'PolicyEnabled',
      uid: response.uid,
      namespace: 'shop',
      pod: 'web-7d9c6b8f5-',
      dryRun: false,
    })
  })

  it('takes the namespace of the request where the Pod has none, and the Pod’s own where it has one', () => {
    expect(answered(reviewOf(examplePod(), { namespace: 'kube-system' })).facts.reason).toBe('IgnoredNamespace')
    const own = examplePod('web', { namespace: 'kube-system' })
    expect(answered(reviewOf(own)).facts).toMatchObject({ reason: 'IgnoredNamespace', namespace: 'kube-system' })
  })

  it('reads variables of the proxy from the path', () => {
    const { response } = answered(reviewOf(examplePod()), '/inject/cluster/a/net/b')
    expect(JSON.stringify(patchIn(response))).toContain('{"name":"ISTIO_META_NETWORK","value":"b"}')
  })

  it('of a dry run is answered like any other', () => {
    const { response, facts } = answered(reviewOf(examplePod(), { dryRun: true }))
    expect(response.patch).toBeDefined()
    expect(facts.dryRun).toBe(true)
  })

  it('of what is no creation of a Pod is allowed untouched', () => {
    const reasonOf = (object: Json, request: JsonObject) => {
      const { response, facts } = answered(reviewOf(object, request))
      expect(response).toMatchObject({ allowed: true })
      expect(response.patch).toBeUndefined()
      return facts.reason
    }
    expect(reasonOf(examplePod(), { operation: 'UPDATE' })).toBe('NotCreate')
    expect(reasonOf(null, { operation: 'DELETE' })).toBe('NotCreate')
    expect(reasonOf({ kind: 'PodExecOptions' }, { operation: 'CONNECT' })).toBe('NotCreate')
    expect(reasonOf(examplePod(), { subResource: 'ephemeralcontainers' })).toBe('Subresource')
    expect(reasonOf({ apiVersion: 'apps/v1', kind: 'Deployment' }, {})).toBe('NotPod')
    expect(reasonOf(examplePod(), { resource: { group: '', version: 'v1', resource: 'services' } })).toBe('NotPod')
  })

  it('that is refused says what is wrong and whose Pod it was', () => {
    const { response, facts } = answered(reviewOf(annotated({ 'sidecar.istio.io/interceptionMode': 'SOMETIMES' })))
    expect(response).toMatchObject({
      allowed: false,
      status: { status: 'Failure', code: 400, reason: 'BadRequest', message: expect.stringContaining('SOMETIMES') },
      auditAnnotations: { outcome: 'failed', reason: 'InvalidAnnotation' },
    })
    expect(facts).toMatchObject({
      outcome: 'failed',
      reason: 'InvalidAnnotation',
      message: response.status?.message,
      owner: { kind: 'ReplicaSet', name: 'web-7d9c6b8f5', uid: 'owner-uid' },
    })
  })

  it('with a status annotation that is no status is refused, not crashed', () => {
    const { facts } = answered(reviewOf(annotated({ 'sidecar.istio.io/status': '{"containers":"x"}' })))
    expect(facts).toMatchObject({ outcome: 'failed', reason: 'InvalidStatus' })
  })

  it.each([
    ['not JSON', '{"a":', 'NotAdmissionReview'],
    ['no object', '[]', 'NotAdmissionReview'],
    ['another kind', '{"apiVersion":"v1","kind":"Pod"}', 'NotAdmissionReview'],
    ['another version', '{"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview"}', 'NotAdmissionReview'],
    ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', 'NoRequest'],
    ['a list as object', JSON.stringify(reviewOf([])), 'NoObject'],
    ['no object', JSON.stringify(reviewOf(null)), 'NoObject'],
  ])('with %s is refused in words', (_name, body, reason) => {
    const { response, facts, answer } = answered(body)
    expect(answer.status).toBe(200)
    expect(response.allowed).toBe(false)
    expect(facts).toMatchObject({ outcome: 'failed', reason, message: response.status?.message })
    expect(response.status?.message).not.toBe('')
  })

  it('does not quote a body that cannot be read, since logs are read by many', () => {
    expect(answered('{"password": secret}').response.status?.message).not.toContain('secret')
  })

  it('is answered in its own version', () => {
    const { answer } = answered(reviewOf(examplePod(), {}, 'v1beta1'))
    expect(JSON.parse(answer.body)).toMatchObject({ apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' })
  })

  it('keeps keys of JavaScript’s objects as ordinary keys', () => {
    const text = JSON.stringify(reviewOf(examplePod())).replace('"app":', '"__proto__":"x","constructor":"y","app":')
    const { response } = answered(text)
    const pod = JSON.parse(text).request.object as JsonObject
    expect(patchedObject(pod, response)).toMatchObject({ metadata: { labels: { app: 'web' } } })
    expect(Object.keys((patchedObject(pod, response).metadata as { labels: object }).labels)).toContain('__proto__')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('takes the last of equal keys, and U+FFFD for what is not UTF-8', () => {
    const text = JSON.stringify(reviewOf(examplePod())).replace('"uid":', '"uid":"first","uid":')
    expect(answered(text).response.uid).toBe('705ab4f5-6393-11e8-b7cc-42010a800002')
    const broken = Buffer.from(JSON.stringify(reviewOf(annotated({ a: '@' }))))
    broken[broken.indexOf('"@"') + 1] = 0xff
    expect(responseIn(review({ body: broken, path: '/inject' }, context).answer.body).patch).toBeDefined()
  })

  it('that is nested deeper than the stack is refused', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = JSON.stringify(reviewOf(examplePod())).replace('"spec":', `"x":${deep},"spec":`)
    expect(answered(text).response.allowed).toBe(false)
    expect(answered(deep).response.allowed).toBe(false)
  })
})

describe('integers beyond 53 bits', () => {
  const withProxy = (numbers: string): string => {
    const pod = examplePod()
    const spec = pod.spec as { readonly containers: readonly JsonObject[] }
    const proxy = { name: 'istio-proxy', image: 'auto', securityContext: { runAsUser: 1 }, x: '@' }
    const text = JSON.stringify(reviewOf({ ...pod, spec: { ...spec, containers: [...spec.containers, proxy] } }))
    return text.replace('"x":"@"', numbers)
  }

  it('that the patch does not touch are not in it', () => {
    const text = JSON.stringify(reviewOf(examplePod('web', { generation: 1 })))
    const { response } = answered(text.replace('"generation":1', '"generation":9007199254740993'))
    expect(Buffer.from(response.patch ?? '', 'base64').toString()).not.toContain('900719925474099')
  })

  it('are never in it with other digits', () => {
    const { response } = answered(withProxy('"x":9007199254740993,"y":[-9007199254740995,12345678901234567890]'))
    expect(response.allowed).toBe(true)
    const patch = Buffer.from(response.patch ?? '', 'base64').toString()
    for (const mangled of ['9007199254740992', '9007199254740996', '12345678901234567000']) {
      expect(patch).not.toContain(mangled)
    }
  })
})
