import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../start.ts'

const run = promisify(execFile)
const KUBECTL = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0
const why = KUBECTL ? '' : ' (skipped: kubectl is not on PATH)'

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]}
`

describe.skipIf(!KUBECTL)(`kubectl${why}`, () => {
  let cluster: LocalCluster
  let folder: string
  const file = (name: string): string => join(folder, name)
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('kubectl', [
      `--kubeconfig=${file('kubeconfig')}`,
      `--cache-dir=${file('cache')}`,
      ...args,
    ])
    return stdout
  }
  const refusal = async (...args: readonly string[]): Promise<string> => {
    const error: unknown = await kubectl(...args).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return (error as { stderr?: string } | undefined)?.stderr ?? ''
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-cluster-kubectl-'))
    cluster = await startLocalCluster({ kubeconfig: file('kubeconfig') })
    await writeFile(file('web.yaml'), DEPLOYMENT)
  })
  afterAll(async () => {
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('applies a Deployment, waits for it, changes it, looks at it', async () => {
    expect(await kubectl('apply', '-f', file('web.yaml'))).toBe('deployment.apps/web created\n')
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).toContain('successfully rolled out')
    expect(await kubectl('apply', '-f', file('web.yaml'))).toBe('deployment.apps/web unchanged\n')
    expect(await kubectl('get', 'deployment', 'web', '--no-headers')).toMatch(/^web\s+2\/2\s+2\s+2\s/)
    expect(await kubectl('set', 'image', 'deployment/web', 'web=web:2')).toContain('image updated')
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).toContain('successfully rolled out')
    expect(await kubectl('describe', 'deployment', 'web')).toContain('ScalingReplicaSet')
    expect(await kubectl('scale', 'deployment', 'web', '--replicas=1')).toContain('scaled')
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/^2 /m)
  })

  it('applies on the server, as field managers that do not get in each other’s way', async () => {
    expect(await kubectl('apply', '--server-side', '--force-conflicts', '-f', file('web.yaml'))).toContain(
      'serverside-applied',
    )
    expect(await refusal('apply', '--server-side', '--field-manager=other', '-f', file('other.yaml'))).toContain(
      'does not exist',
    )
    await writeFile(file('other.yaml'), DEPLOYMENT.replace('web:1', 'web:9'))
    expect(await refusal('apply', '--server-side', '--field-manager=other', '-f', file('other.yaml'))).toContain(
      'conflict',
    )
  })

  it.each([
    ['create', 'configmap', 'a', '--from-literal=x=y'],
    ['create', 'secret', 'generic', 'a', '--from-literal=x=y'],
    ['create', 'namespace', 'other'],
    ['create', 'serviceaccount', 'robot'],
    ['create', 'deployment', 'typed', '--image=x', '--port=80', '--replicas=2'],
    ['create', 'job', 'once', '--image=x'],
    ['create', 'cronjob', 'often', '--image=x', '--schedule=*/5 * * * *'],
    ['create', 'role', 'reader', '--verb=get,list', '--resource=pods'],
    ['create', 'rolebinding', 'reads', '--role=reader', '--serviceaccount=default:robot'],
    ['create', 'service', 'clusterip', 'plain', '--tcp=80:8080'],
    ['create', 'poddisruptionbudget', 'safe', '--selector=app=web', '--min-available=1'],
    ['create', 'quota', 'some', '--hard=pods=1000'],
    ['create', 'priorityclass', 'high', '--value=10'],
  ])('%s %s, whose bodies are protobuf', async (...args) => {
    expect(await kubectl(...args)).toContain('created')
  })

  it('keeps what a typed command wrote', async () => {
    const object = JSON.parse(await kubectl('get', 'deployment', 'typed', '-o', 'json')) as {
      spec: { replicas: number; template: { spec: object } }
    }
    expect(object.spec.replicas).toBe(2)
    expect(object.spec.template.spec).toMatchObject({
      containers: [{ image: 'x', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
    })
  })

  it('asks who may do what, and acts as others', async () => {
    const robot = '--as=system:serviceaccount:default:robot'
    expect(await kubectl('auth', 'can-i', 'list', 'pods', robot)).toBe('yes\n')
    expect(await refusal('get', 'secrets', robot)).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:default:robot" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    )
    expect((await kubectl('create', 'token', 'robot')).split('.')).toHaveLength(3)
  })

  it('labels, annotates, patches, explains, prints YAML', async () => {
    await kubectl('label', 'configmap', 'a', 'l=1')
    await kubectl('annotate', 'configmap', 'a', 'note=2')
    await kubectl('patch', 'configmap', 'a', '--patch', '{"data":{"p":"3"}}')
    const text = await kubectl('get', 'configmap', 'a', '-o', 'yaml')
    for (const part of ['l: "1"', 'note: "2"', 'p: "3"', 'x: "y"']) expect(text).toContain(part)
    expect(await kubectl('get', 'configmap', '-l', 'l in (1,2)', '-o', 'name')).toBe('configmap/a\n')
    expect(await kubectl('explain', 'pod.spec.containers.image')).toContain('<string>')
    expect(await kubectl('api-resources', '--api-group=apps')).toContain('deployments')
  })

  it('is told what a cluster without containers cannot do', async () => {
    await kubectl('run', 'idle', '--image=idle:1', '--restart=Always')
    await kubectl('wait', '--for=condition=Ready', 'pod/idle')
    const lead = [
      ['exec', 'idle', '--', 'ls'],
      ['attach', 'idle'],
    ]
    for (const args of lead) expect(await refusal(...args)).toContain('is not here: the local cluster has no container')
    expect(await refusal('port-forward', 'pod/idle', ':80')).toContain('as a WebSocket of v4.channel.k8s.io only')
    await kubectl('delete', 'pod', 'idle', '--now')
  })

  it('watches: what happens after it has listed comes too', async () => {
    const watch = spawn('kubectl', [
      `--kubeconfig=${file('kubeconfig')}`,
      `--cache-dir=${file('cache')}`,
      'get',
      'configmaps',
      '--watch',
      '-o',
      'name',
    ])
    const seen: string[] = []
    const lines = createInterface({ input: watch.stdout })
    for await (const line of lines) {
      seen.push(line)
      if (line === 'configmap/a')
        await cluster.api.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'late', namespace: 'default' },
        })
      if (line === 'configmap/late') break
    }
    watch.kill()
    expect(seen).toContain('configmap/late')
  })

  it('serves custom resources as soon as they are defined', async () => {
    const names = { plural: 'widgets', kind: 'Widget' }
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    }
    await cluster.api.create({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    })
    await writeFile(
      file('widget.yaml'),
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n',
    )
    expect(await kubectl('apply', '-f', file('widget.yaml'))).toBe('widget.example.com/w created\n')
    expect(await kubectl('get', 'widgets', '-o', 'jsonpath={.items[0].spec.size}')).toBe('3')
    await writeFile(
      file('bad.yaml'),
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: big}\n',
    )
    expect(await refusal('apply', '-f', file('bad.yaml'))).toContain('spec.size in body must be of type integer')
  })

  it('deletes, and what belonged to it goes too', async () => {
    expect(await kubectl('delete', 'deployment', 'web', '--cascade=foreground', '--timeout=30s')).toContain('deleted')
    expect(await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).toBe('')
    expect(await kubectl('delete', 'namespace', 'other', '--timeout=30s')).toContain('deleted')
    expect(await refusal('get', 'configmap', 'nothing')).toBe(
      'Error from server (NotFound): configmaps "nothing" not found\n',
    )
  })
})
