import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createClient, loadKubeConfig } from '@proa/kube-client'
import { createAuthority, issueServingCertificate } from '@proa/pki'
import type { Cluster } from './cluster.ts'
import { randomSuffix, temporaryFolder } from './folders.ts'
import { type Leashed, startLeashed } from './leashed.ts'
import { ownAddress, remoteCluster } from './remote.ts'

const DAY = 24 * 3600 * 1000
const PATIENCE = 60_000

/** A real etcd and kube-apiserver of a folder of binaries, as controller-runtime's envtest has it; kube-controller-manager too where it is there. */
export async function startApiServer(assets: string, env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const folder = temporaryFolder()
  const running: Leashed[] = []
  const end = async () => {
    for (const each of running.toReversed()) await each.end()
    folder.remove()
  }
  const at = (name: string) => join(folder.path, name)
  const run = (program: string, flags: Readonly<Record<string, string>>) => {
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
    const started = startLeashed(join(assets, program), args, { ...process.env, ...env })
    const output: string[] = []
    started.child.stdout.resume()
    started.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.push(text)
      if (output.length > 200) output.shift()
    })
    running.push(started)
    const died = started.exited.then(() => Promise.reject(new Error(`${program} ended:\n${output.join('')}`)))
    died.catch(() => {})
    return died
  }
  try {
    const [etcdPort, peerPort, port, managerPort] = await freePorts(4)
    const etcd = `http://127.0.0.1:${etcdPort}`
    const peer = `http://127.0.0.1:${peerPort}`
    const etcdDied = run('etcd', {
      'data-dir': at('etcd'),
      'listen-client-urls': etcd,
      'advertise-client-urls': etcd,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      'unsafe-no-fsync': 'true',
    })
    const { ca, token } = await writeFiles(at)
    const apiDied = run('kube-apiserver', {
      'etcd-servers': etcd,
      'secure-port': String(port),
      'bind-address': '0.0.0.0',
      'advertise-address': ownAddress(),
      'tls-cert-file': at('serving.crt'),
      'tls-private-key-file': at('serving.key'),
      'cert-dir': at('certs'),
      'service-cluster-ip-range': '10.96.0.0/16',
      'service-account-key-file': at('sa.key'),
      'service-account-signing-key-file': at('sa.key'),
      'service-account-issuer': 'https://kubernetes.default.svc',
      'token-auth-file': at('tokens.csv'),
      'authorization-mode': 'RBAC',
      // Webhooks behind a Service are dialled at the addresses of its EndpointSlices: nothing else routes here.
      'enable-aggregator-routing': 'true',
      'allow-privileged': 'true',
      'audit-policy-file': at('audit-policy.yaml'),
      'audit-log-path': at('audit.log'),
      'audit-log-mode': 'blocking',
    })
    const kubeconfig = at('kubeconfig')
    writeFileSync(kubeconfig, adminKubeconfig(`https://127.0.0.1:${port}`, ca, token), { mode: 0o600 })
    await Promise.race([ready(kubeconfig), etcdDied, apiDied])
    const hasManager = existsSync(join(assets, 'kube-controller-manager'))
    if (hasManager) {
      void run('kube-controller-manager', {
        kubeconfig,
        'service-account-private-key-file': at('sa.key'),
        'root-ca-file': at('ca.crt'),
        'leader-elect': 'false',
        'bind-address': '127.0.0.1',
        'secure-port': String(managerPort),
        'cert-dir': at('manager'),
      })
    }
    return await remoteCluster({
      title: 'a real API server',
      kubeconfig,
      isAlone: true,
      lacks: {
        ...(hasManager
          ? {}
          : { controllers: 'runs no controllers: KUBEBUILDER_ASSETS has no kube-controller-manager' }),
        kubelet: 'has no kubelet',
      },
      auditAnnotations: async (pod) => auditAnnotations(readFileSync(at('audit.log'), 'utf8'), pod),
      end,
    })
  } catch (error) {
    await end()
    throw error
  }
}

async function writeFiles(at: (name: string) => string): Promise<{ readonly ca: string; readonly token: string }> {
  const now = new Date()
  const authority = await createAuthority({ commonName: 'proa-e2e', now, validFor: DAY })
  const serving = await issueServingCertificate(authority, {
    dnsNames: ['localhost', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.96.0.1'],
    now,
    validFor: DAY,
  })
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const token = randomSuffix() + randomSuffix() + randomSuffix() + randomSuffix()
  const files: Readonly<Record<string, string>> = {
    'ca.crt': authority.certificate,
    'serving.crt': serving.certificate,
    'serving.key': serving.privateKey,
    'sa.key': privateKey,
    'tokens.csv': `${token},admin,admin,"system:masters"\n`,
    'audit-policy.yaml': AUDIT_POLICY,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: 0o600 })
  return { ca: authority.certificate, token }
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: RequestResponse
  verbs: [create]
  resources: [{ group: "", resources: [pods] }]
- level: None
`

function adminKubeconfig(server: string, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'admin' } }],
    'current-context': 'e2e',
  })
}

/** A server that starts tells nobody when it is ready: it is asked. */
async function ready(kubeconfig: string): Promise<void> {
  const client = createClient(await loadKubeConfig({ kubeconfig, env: {} }))
  const late = AbortSignal.timeout(PATIENCE)
  // The last things that it makes for itself when it starts.
  const own = [
    { apiVersion: 'v1', kind: 'Namespace', name: 'default' },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      name: 'system:service-account-issuer-discovery',
    },
  ]
  try {
    for (;;) {
      const found = await Promise.all(own.map((ref) => client.find(ref).catch(() => undefined)))
      if (!found.includes(undefined)) return
      if (late.aborted) throw new Error('kube-apiserver does not get ready')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    client.close()
  }
}

function auditAnnotations(log: string, pod: string): Readonly<Record<string, string>> {
  const lines = log.split('\n').filter((line) => line.includes(pod))
  const events = lines.map((line) => JSON.parse(line) as { readonly annotations?: Readonly<Record<string, string>> })
  return Object.assign({}, ...events.map(({ annotations }) => annotations ?? {}))
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
