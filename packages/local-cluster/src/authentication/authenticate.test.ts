import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpsClient } from '../../testing/https-client.ts'
import { manualClock } from '../controllers/clock.ts'
import { type LocalCluster, startLocalCluster } from '../start.ts'
import { createTokenSigner } from './token.ts'

const REVIEW = '/apis/authentication.k8s.io/v1/tokenreviews'
const TOKEN = '/api/v1/namespaces/default/serviceaccounts/default/token'

describe('who sends a request', () => {
  const clock = manualClock('2030-01-01T00:00:00Z')
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await startLocalCluster({ nodes: [], clock })
    await cluster.quiet()
  })
  afterAll(() => cluster.stop())

  const whoIs = async (credentials: 'admin' | 'nobody' | { token: string }) => {
    const client = httpsClient(cluster, credentials)
    const answer = await client.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})
    client.close()
    return answer
  }
  const issue = async (spec: Record<string, unknown>): Promise<string> => {
    const client = httpsClient(cluster)
    const { body } = await client.send('POST', TOKEN, JSON.stringify({ spec }))
    client.close()
    return (body as unknown as { status: { token: string } }).status.token
  }

  it('is the administrator with the certificate of the kubeconfig', async () => {
    expect((await whoIs('admin')).body).toMatchObject({
      status: { userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] } },
    })
  })

  it('is nobody without credentials, who may ask for the version and nothing else', async () => {
    const client = httpsClient(cluster, 'nobody')
    expect((await client.send('GET', '/version')).code).toBe(200)
    const { body } = await client.send('GET', '/api/v1/namespaces')
    client.close()
    expect(body).toMatchObject({
      code: 403,
      message:
        'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
    })
  })

  it('is refused with a token that is none, or is somebody else’s', async () => {
    const stranger = createTokenSigner().sign({
      namespace: 'default',
      serviceAccount: { name: 'default', uid: '' },
      audiences: [],
      issuedAt: 0,
      expires: 9e9,
    })
    for (const token of [
      'x',
      'a.b.c',
      stranger,
      // The first character of the signature: of the last one some bits mean nothing.
      (await issue({})).replace(/(?<=\.)[^.](?=[^.]*$)/, (first) => (first === 'A' ? 'B' : 'A')),
    ]) {
      const { code, body } = await whoIs({ token })
      expect(code).toBe(401)
      expect(body).toMatchObject({ message: 'Unauthorized', reason: 'Unauthorized' })
    }
  })

  it('is a ServiceAccount with its token, until that ends', async () => {
    const token = await issue({ expirationSeconds: 600 })
    expect((await whoIs({ token })).body).toMatchObject({
      status: {
        userInfo: {
          username: 'system:serviceaccount:default:default',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        },
      },
    })
    clock.advance(600_000)
    expect((await whoIs({ token })).code).toBe(401)
  })

  it('is told by a TokenReview, for the audience of the token only', async () => {
    const token = await issue({ audiences: ['istio-ca'] })
    expect((await whoIs({ token })).code).toBe(401)
    const client = httpsClient(cluster)
    const review = async (audiences: readonly string[]) =>
      (await client.send('POST', REVIEW, { spec: { token, audiences } })).body
    expect(await review(['istio-ca', 'other'])).toMatchObject({
      status: { authenticated: true, audiences: ['istio-ca'] },
    })
    expect(await review(['other'])).toMatchObject({ status: { user: {}, error: expect.stringContaining('audiences') } })
    client.close()
  })

  it('is nobody any more when the Pod of the token is gone', async () => {
    await cluster.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    })
    const token = await issue({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } })
    expect((await whoIs({ token })).code).toBe(201)
    await cluster.api.delete(
      { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'default' },
      { gracePeriodSeconds: 0 },
    )
    expect((await whoIs({ token })).code).toBe(401)
  })
})
