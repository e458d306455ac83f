import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { issueClientCertificate } from '@proa/pki'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  answer,
  base64,
  kubeconfigText,
  type SeenRequest,
  scriptedServer,
  statusOf,
  testCertificates,
} from '../../testing/scripted-server.ts'
import { createClient, KubeConfigError, type KubeConfigOptions, loadKubeConfig } from '../index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'proa-kubeconfig-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const TWO = `
apiVersion: v1
kind: Config
current-context: stage
clusters:
- {name: stage, cluster: {server: https://stage.test:6443/}}
- {name: live, cluster: {server: https://live.test}}
users:
- {name: me, user: {token: abc}}
contexts:
- {name: stage, context: {cluster: stage, user: me, namespace: shop}}
- {name: production, context: {cluster: live, user: me}}
- {name: broken, context: {cluster: nowhere, user: me}}
- {name: stranger, context: {cluster: live, user: nobody}}
- {name: anonymous, context: {cluster: live}}
`

const load = (options: Partial<KubeConfigOptions> = {}) =>
  loadKubeConfig({ env: {}, serviceAccountDirectory: path.join(folder, 'none'), ...options })

/** The message of what goes wrong, with the folder of this test as `~`. */
async function problem(options: Partial<KubeConfigOptions>): Promise<string> {
  const error = await load(options).then(
    () => undefined,
    (one: unknown) => one,
  )
  expect(error).toBeInstanceOf(KubeConfigError)
  return (error as Error).message.replaceAll(folder, '~')
}

describe('which kubeconfig', () => {
  it('a file that is named goes before KUBECONFIG', async () => {
    const other = write('other', TWO.replaceAll('stage', 'other'))
    const { server, context, namespace, source } = await load({
      kubeconfig: other,
      env: { KUBECONFIG: write('env', TWO) },
    })
    expect({ server, context, namespace, source }).toEqual({
      server: 'https://other.test:6443',
      context: 'other',
      namespace: 'shop',
      source: other,
    })
  })

  it('several files of KUBECONFIG are one; what stands first wins, missing ones are skipped', async () => {
    const first = write('first', 'users: [{name: me, user: {token: first}}]')
    const KUBECONFIG = [first, path.join(folder, 'missing'), write('second', TWO)].join(path.delimiter)
    const connection = await load({ env: { KUBECONFIG } })
    expect(connection.server).toBe('https://stage.test:6443')
    expect((await connection.access()).headers).toEqual({ Authorization: 'Bearer first' })
  })

  it('the ServiceAccount of the Pod comes before a file at home; its token is read each time', async () => {
    const { authority } = await testCertificates()
    write('.kube/config', TWO)
    write('sa/ca.crt', authority.certificate)
    write('sa/namespace', 'istio-system')
    const token = write('sa/token', 'one\n')
    const env = { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const connection = await load({ env, serviceAccountDirectory: path.join(folder, 'sa') })
    expect(connection).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'istio-system',
      source: 'the ServiceAccount of this Pod',
    })
    expect((await connection.access()).headers).toEqual({ Authorization: 'Bearer one' })
    writeFileSync(token, 'two')
    expect((await connection.access()).headers).toEqual({ Authorization: 'Bearer two' })
  })

  it('otherwise it is ~/.kube/config', async () => {
    write('.kube/config', TWO)
    expect((await load({ env: { HOME: folder } })).context).toBe('stage')
    expect((await load({ env: { USERPROFILE: folder } })).context).toBe('stage')
  })

  it('another context is chosen by name', async () => {
    expect(await load({ text: TWO, context: 'production' })).toMatchObject({
      server: 'https://live.test',
      namespace: 'default',
    })
  })

  it('a context without a user is anonymous', async () => {
    expect((await (await load({ text: TWO, context: 'anonymous' })).access()).headers).toEqual({})
  })
})

describe('what is wrong with it is said', () => {
  it.each([
    ['no such file', () => ({ kubeconfig: path.join(folder, 'x') }), 'kubeconfig ~/x: there is no such file'],
    ['a folder', () => ({ kubeconfig: folder }), 'kubeconfig ~: is a folder'],
    [
      'no such file in KUBECONFIG',
      () => ({ env: { KUBECONFIG: path.join(folder, 'x') } }),
      'KUBECONFIG names ~/x: there is no such file',
    ],
    [
      'nothing at all',
      () => ({ env: { HOME: folder } }),
      'no cluster is configured: there is no --kubeconfig, no KUBECONFIG, no ~/.kube/config, and this does not run in a Pod',
    ],
    ['no YAML', () => ({ kubeconfig: write('k', 'a: [') }), /^kubeconfig ~\/k, line \d+: not YAML: /],
    [
      'something else',
      () => ({ kubeconfig: write('k', '- a') }),
      'kubeconfig ~/k: this is not a kubeconfig but a list',
    ],
    [
      'another version',
      () => ({ kubeconfig: write('k', 'apiVersion: v2') }),
      'kubeconfig ~/k: apiVersion is "v2", not v1',
    ],
    [
      'an entry without a name',
      () => ({ kubeconfig: write('k', 'users: [{user: {}}]') }),
      'kubeconfig ~/k: users[0] has no name',
    ],
    [
      'an empty file',
      () => ({ kubeconfig: write('k', '') }),
      'kubeconfig ~/k: there is no current-context; choose one with --context (there are none)',
    ],
    [
      'no current context',
      () => ({ text: TWO.replace('current-context: stage', '') }),
      'kubeconfig given as text: there is no current-context; choose one with --context (there are: stage, production, broken, stranger, anonymous)',
    ],
    [
      'a mistyped context',
      () => ({ text: TWO, context: 'prodution' }),
      'kubeconfig given as text: there is no context "prodution"; did you mean "production"?',
    ],
    [
      'an unknown context',
      () => ({ text: TWO, context: 'x' }),
      'kubeconfig given as text: there is no context "x" (there are: stage, production, broken, stranger, anonymous)',
    ],
    [
      'an unknown cluster',
      () => ({ text: TWO, context: 'broken' }),
      'kubeconfig given as text: there is no cluster "nowhere" (there are: stage, live)',
    ],
    [
      'an unknown user',
      () => ({ text: TWO, context: 'stranger' }),
      'kubeconfig given as text: there is no user "nobody" (there are: me)',
    ],
    ['no server', () => ({ text: kubeconfigText({}, {}) }), 'kubeconfig kubeconfig: cluster "c" has no server'],
    [
      'no address',
      () => ({ text: kubeconfigText({ server: 'unix://x' }, {}) }),
      'kubeconfig kubeconfig: cluster "c": server "unix://x" is no address; write https://host:port',
    ],
    [
      'a certificate that is not there',
      () => ({
        kubeconfig: write('k', kubeconfigText({ server: 'https://x', 'certificate-authority': 'ca.pem' }, {})),
      }),
      'kubeconfig ~/k: certificate-authority ~/ca.pem: there is no such file',
    ],
    [
      'a certificate that is none',
      () => ({ text: kubeconfigText({ server: 'https://x', 'certificate-authority-data': base64('hello') }, {}) }),
      'kubeconfig kubeconfig: certificate-authority-data of "c" holds no PEM block CERTIFICATE',
    ],
    [
      'a certificate without its key',
      () => ({
        text: kubeconfigText(
          { server: 'https://x' },
          { 'client-certificate-data': base64('-----BEGIN CERTIFICATE-----') },
        ),
      }),
      'kubeconfig kubeconfig: user "u" has a client-certificate but no client-key',
    ],
  ])('%s', async (_, options, message) => {
    const said = await problem(options())
    if (typeof message === 'string') expect(said).toBe(message)
    else expect(said).toMatch(message)
  })
})

describe('who is asking', () => {
  it.each([
    ['a token', { token: 'abc' }, { Authorization: 'Bearer abc' }],
    ['a name and a password', { username: 'foo', password: 'bar' }, { Authorization: `Basic ${base64('foo:bar')}` }],
    ['an empty user', {}, {}],
    [
      'somebody for somebody else',
      { token: 'abc', as: 'jane', 'as-uid': '7', 'as-groups': ['dev', 'ops'], 'as-user-extra': { 'a/b': ['x'] } },
      {
        Authorization: 'Bearer abc',
        'Impersonate-User': 'jane',
        'Impersonate-Uid': '7',
        'Impersonate-Group': ['dev', 'ops'],
        'Impersonate-Extra-a%2Fb': ['x'],
      },
    ],
  ])('%s', async (_, user, headers) => {
    const connection = await load({ text: kubeconfigText({ server: 'https://x' }, user) })
    expect((await connection.access()).headers).toEqual(headers)
  })

  it('files count from the folder of the kubeconfig', async () => {
    write('sub/token', 'from-file')
    const kubeconfig = write(
      'sub/config',
      kubeconfigText({ server: 'https://x' }, { tokenFile: 'token', token: 'old' }),
    )
    expect((await (await load({ kubeconfig })).access()).headers).toEqual({ Authorization: 'Bearer from-file' })
  })

  it('a client certificate', async () => {
    const { authority } = await testCertificates()
    const mine = await issueClientCertificate(authority, { commonName: 'jane', validFor: 1e7, now: new Date() })
    let name: unknown
    const server = await scriptedServer(
      ({ message }, response) => {
        name = (message.socket as import('node:tls').TLSSocket).getPeerCertificate().subject.CN
        answer(response, 200, {})
      },
      { requestCert: true, ca: authority.certificate },
    )
    const user = { 'client-certificate-data': base64(mine.certificate), 'client-key-data': base64(mine.privateKey) }
    const client = createClient(await load({ text: server.kubeconfig(user) }))
    await client.request('GET', '/version')
    expect(name).toBe('jane')
    client.close()
    await server.close()
  })
})

describe('credential plugins', () => {
  /** A plugin that counts its starts and gives a new token each time. */
  function plugin(): { command: string; args: string[] } {
    const counter = write('count', '')
    const script = write(
      'plugin.mjs',
      `import fs from 'node:fs'
fs.appendFileSync(${JSON.stringify(counter)}, 'x')
const token = 'token-' + fs.readFileSync(${JSON.stringify(counter)}, 'utf8').length
console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }))`,
    )
    return { command: process.execPath, args: [script] }
  }
  const execUser = (exec: {
    command: string
    args?: string[]
    installHint?: string
    provideClusterInfo?: boolean
  }) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', ...exec },
  })

  it('a program is started once for requests of the same moment, and again when the server does not accept its token', async () => {
    const seen: SeenRequest[] = []
    const server = await scriptedServer((request, response) => {
      seen.push(request)
      if (request.headers.authorization === 'Bearer token-1' && seen.length > 3)
        answer(response, 401, statusOf(401, 'Unauthorized', 'Unauthorized'))
      else answer(response, 200, {})
    })
    const client = createClient(await load({ text: server.kubeconfig(execUser(plugin())) }))
    await Promise.all([1, 2, 3].map(() => client.request('GET', '/version')))
    await client.request('GET', '/version')
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      ...Array(4).fill('Bearer token-1'),
      'Bearer token-2',
    ])
    client.close()
    await server.close()
  })

  it('a program is told what kubectl would tell it', async () => {
    const script = `console.log(JSON.stringify({ status: { token: Buffer.from(process.env.KUBERNETES_EXEC_INFO).toString('base64url') } }))`
    const user = execUser({ command: process.execPath, args: ['-e', script], provideClusterInfo: true })
    const connection = await load({ text: kubeconfigText({ server: 'https://x', 'tls-server-name': 'y' }, user) })
    const { Authorization } = (await connection.access()).headers
    const told = Buffer.from(String(Authorization).replace('Bearer ', ''), 'base64url').toString()
    expect(JSON.parse(told)).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://x', 'tls-server-name': 'y' } },
    })
  })

  it('a program that is not there is said, with its own hint', async () => {
    const user = execUser({ command: 'proa-no-such-program', installHint: 'get it from the shop' })
    const connection = await load({ text: kubeconfigText({ server: 'https://x' }, user) })
    await expect(connection.access()).rejects.toThrow(
      'kubeconfig kubeconfig: user "u": the command proa-no-such-program, which gives its credentials, was not found: get it from the shop',
    )
  })

  it('a program that fails is said in its words', async () => {
    const user = execUser({
      command: process.execPath,
      args: ['-e', 'console.error("please log in"); process.exit(1)'],
    })
    const connection = await load({ text: kubeconfigText({ server: 'https://x' }, user) })
    await expect(connection.access()).rejects.toThrow(/gave no credentials: please log in$/)
  })
})

describe('a proxy', () => {
  it('that HTTPS_PROXY names is used, with the certificates of the kubeconfig', async () => {
    const { authority, serving } = await testCertificates()
    const asked: string[] = []
    const ended = Promise.withResolvers<void>()
    const proxy = createHttpServer()
    const server = await scriptedServer((_, response) => answer(response, 200, { gitVersion: 'v1' }), {
      cert: serving.certificate,
    })
    const target = new URL(server.url)
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      socket.on('close', () => ended.resolve())
      const upstream = connect(Number(target.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket)
        socket.pipe(upstream)
      })
      for (const one of [upstream, socket]) one.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    // A name that only the proxy resolves.
    const text = kubeconfigText(
      { server: 'https://api.test:6443', 'certificate-authority-data': base64(authority.certificate) },
      { token: 'x' },
    )
    const client = createClient(await load({ text, env: { HTTPS_PROXY } }))
    expect(await client.request('GET', '/version')).toEqual({ gitVersion: 'v1' })
    expect(asked).toEqual(['api.test:6443'])
    client.close()
    // The connection through the proxy was kept open for the next request, and ends with the client.
    await ended.promise
    await server.close()
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  })
})
