import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpsClient } from '../../testing/https-client.ts'
import { startLocalCluster } from '../start.ts'
import { StateFileError } from './state-file.ts'

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kept', namespace: 'default' },
  data: { a: 'b' },
}
const KEY = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kept', namespace: 'default' }

describe('a cluster with a data file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-cluster-test-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is the same after a start: objects, revisions, kubeconfig and tokens', async () => {
    const data = join(folder, 'state.json')
    const first = await startLocalCluster({ data, nodes: [] })
    const created = await first.api.create(CONFIG_MAP)
    const answer = await httpsClient(first).send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {})
    const { token } = (answer.body as unknown as { status: { token: string } }).status
    const port = Number(new URL(first.url).port)
    await first.stop()

    const second = await startLocalCluster({ data, nodes: [], port })
    try {
      expect(second.api.find(KEY)).toEqual(created)
      expect(second.kubeconfig).toBe(first.kubeconfig)
      const client = httpsClient(first)
      expect((await client.send('GET', '/api/v1/namespaces/default/configmaps/kept')).body).toEqual(created)
      client.close()
      const account = httpsClient(second, { token })
      const who = await account.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})
      expect(who.body).toMatchObject({ status: { userInfo: { username: 'system:serviceaccount:default:default' } } })
      account.close()
      const next = await second.api.create({ ...CONFIG_MAP, metadata: { name: 'next', namespace: 'default' } })
      expect(Number((next.metadata as { resourceVersion: string }).resourceVersion)).toBeGreaterThan(
        Number((created.metadata as { resourceVersion: string }).resourceVersion),
      )
    } finally {
      await second.stop()
    }
  })

  it('leaves one file that only its owner can read, and none half-written', async () => {
    const data = join(folder, 'state.json')
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, 'older', { mode: 0o644 })
    const cluster = await startLocalCluster({ data, kubeconfig, nodes: [] })
    await cluster.stop()
    expect((await readdir(folder)).sort()).toEqual(['kubeconfig', 'state.json'])
    for (const file of [data, kubeconfig]) expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(kubeconfig, 'utf8')).toBe(cluster.kubeconfig)
  })

  it.each([
    ['cut off', '{"format":'],
    ['of something else', '{"apiVersion":"v1"}'],
    ['of a later version', '{"format":"proa local cluster state","version":99}'],
    ['without objects', '{"format":"proa local cluster state","version":1}'],
  ])('refuses a file that is %s, and says what to do', async (_what, text) => {
    const data = join(folder, 'state.json')
    await writeFile(data, text)
    const start = startLocalCluster({ data, nodes: [] })
    await expect(start).rejects.toThrow(StateFileError)
    await expect(start).rejects.toThrow(/state\.json cannot be loaded: .*move it away/)
    expect(await readFile(data, 'utf8')).toBe(text)
  })

  it.each([
    ['authority', 'privateKey', /certificate and the key of authority are no pair/],
    ['authority', 'certificate', /certificate and the key of authority are no pair/],
    ['admin', 'privateKey', /certificate and the key of admin are no pair/],
    ['', 'tokenKey', /the key tokenKey is broken/],
  ])('refuses a file whose %s %s is no key', async (pair, key, words) => {
    const data = join(folder, 'state.json')
    const cluster = await startLocalCluster({ data, nodes: [] })
    await cluster.stop()
    const state = JSON.parse(await readFile(data, 'utf8'))
    const keys = pair === '' ? state.secrets : state.secrets[pair]
    keys[key] = '-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----\n'
    await writeFile(data, JSON.stringify(state))
    const start = startLocalCluster({ data, nodes: [] })
    await expect(start).rejects.toThrow(StateFileError)
    await expect(start).rejects.toThrow(words)
  })
})

describe('a cluster that cannot be started', () => {
  it('leaves nothing behind: the port is free for the next', async () => {
    const cluster = await startLocalCluster({ nodes: [] })
    const port = Number(new URL(cluster.url).port)
    await expect(startLocalCluster({ nodes: [], port })).rejects.toThrow(/EADDRINUSE/)
    await cluster.stop()
    // Fails at its very end, when everything runs already.
    const kubeconfig = join(tmpdir(), 'no', 'such', 'folder')
    await expect(startLocalCluster({ port, kubeconfig })).rejects.toThrow(/ENOENT/)
    const next = await startLocalCluster({ nodes: [], port })
    await next.stop()
  })
})
