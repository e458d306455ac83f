/** kubectl as people use it, against the local cluster. */
import { type ExecFileException, execFile, spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { processRunner, startLocalCluster } from '@proa/local-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from './harness/folders.ts'
import { isOnPath } from './harness/on-path.ts'

const IMAGE = 'registry.example/talker'
const folder = temporaryFolder()
const kubeconfig = join(folder.path, 'kubeconfig')

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function kubectl(args: string, stdin = '', env: Readonly<Record<string, string>> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const settings = { cwd: folder.path, env: { ...process.env, KUBECONFIG: kubeconfig, HOME: folder.path, ...env } }
    const child = execFile('kubectl', words(args), settings, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
    child.stdin?.end(stdin)
  })
}

/** Words of a shell, with single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''))
}

async function succeeds(args: string, stdin?: string, env?: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin, env)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

const deployment = (tag: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - { name: web, image: "${IMAGE}:${tag}"${more} }
`

/** A container that says hello to its log, and runs on. */
const runner = processRunner({
  matches: (image) => image.startsWith(IMAGE),
  command: () => ({
    file: process.execPath,
    args: ['-e', 'console.log("hello from inside"); setInterval(() => {}, 1e6)'],
  }),
  listening: () => undefined,
})

const suite = isOnPath('kubectl') ? describe : describe.skip

suite(isOnPath('kubectl') ? 'kubectl' : 'kubectl against the local cluster (skipped: kubectl is not on PATH)', () => {
  let stop = async (): Promise<void> => {}
  beforeAll(async () => {
    const cluster = await startLocalCluster({ kubeconfig, runContainer: runner })
    stop = cluster.stop
  })
  afterAll(async () => {
    await stop()
    folder.remove()
  })

  it('create, and again', async () => {
    expect(await succeeds('create namespace shop')).toBe('namespace/shop created\n')
    const again = await kubectl('create namespace shop')
    expect(again).toMatchObject({
      code: 1,
      stderr: 'Error from server (AlreadyExists): namespaces "shop" already exists\n',
    })
    expect(await succeeds('-n shop create configmap settings --from-literal=color=blue')).toBe(
      'configmap/settings created\n',
    )
  })

  it('apply, from the client and from the server, and diff', async () => {
    expect(await succeeds('apply -f -', deployment('1'))).toBe('deployment.apps/web created\n')
    expect(await succeeds('apply -f -', deployment('1'))).toBe('deployment.apps/web unchanged\n')
    const diff = await kubectl('diff -f -', deployment('2'))
    expect(diff).toMatchObject({ code: 1, stderr: '' })
    expect(diff.stdout).toMatch(/^-.*talker:1$/m)
    expect(diff.stdout).toMatch(/^\+.*talker:2$/m)
    const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ours, namespace: shop }\ndata: { color: COLOR }\n'
    const apply = 'apply --server-side --field-manager'
    expect(await succeeds(`${apply}=one -f -`, map.replace('COLOR', 'red'))).toBe('configmap/ours serverside-applied\n')
    const conflict = await kubectl(`${apply}=two -f -`, map.replace('COLOR', 'green'))
    expect(conflict.code).toBe(1)
    expect(conflict.stderr).toContain('conflict with "one": .data.color')
    expect(await succeeds(`${apply}=two --force-conflicts -f -`, map.replace('COLOR', 'green'))).toContain(
      'serverside-applied',
    )
  })

  it('rollout status, and wait', async () => {
    expect(await succeeds('-n shop rollout status deployment/web --timeout=30s')).toContain('successfully rolled out')
    const waited = await succeeds('-n shop wait pod -l app=web --for=condition=Ready --timeout=30s')
    expect(waited.trim().split('\n')).toHaveLength(2)
  })

  it('get, in every form', async () => {
    expect(await succeeds('-n shop get deployments')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 /,
    )
    expect(await succeeds('-n shop get pods -o wide')).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE /)
    expect(await succeeds('get pods -A -l app=web --no-headers')).toMatch(/^shop +web-/)
    expect(await succeeds('-n shop get configmap ours -o yaml')).toContain('\n  color: green\n')
    expect(JSON.parse(await succeeds('-n shop get configmap ours -o json'))).toMatchObject({ data: { color: 'green' } })
    expect(await succeeds("-n shop get deployment web -o jsonpath='{.spec.replicas}'")).toBe('2')
    expect(await succeeds('-n shop get configmap -o name')).toContain('configmap/ours\n')
    const none = await kubectl('-n shop get pod nobody')
    expect(none.stderr).toBe('Error from server (NotFound): pods "nobody" not found\n')
    expect(await succeeds('api-resources --api-group=apps -o name')).toContain('deployments.apps')
    expect(await succeeds('explain pod.spec.containers.image')).toContain('<string>')
  })

  it('describe', async () => {
    expect(await succeeds('-n shop describe deployment web')).toMatch(
      /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/,
    )
    const pod = await succeeds('-n shop describe pod -l app=web')
    expect(pod).toMatch(/Image: +registry\.example\/talker:1/)
    expect(pod).toMatch(/Normal +Scheduled/)
    expect(await succeeds('describe namespace shop')).toMatch(/Status: +Active/)
  })

  it('logs', async () => {
    const [pod = ''] = (await succeeds('-n shop get pods -l app=web -o name')).split('\n')
    expect(await succeeds(`-n shop logs ${pod}`)).toBe('hello from inside\n')
    expect(await succeeds(`-n shop logs ${pod} --tail=1 --timestamps`)).toMatch(/^\d{4}-\S+Z hello from inside\n$/)
  })

  it('label, annotate and patch', async () => {
    expect(await succeeds('label namespace shop istio-injection=enabled')).toBe('namespace/shop labeled\n')
    expect(await succeeds('get namespace shop -L istio-injection')).toMatch(/enabled\n$/)
    expect(await succeeds('label namespace shop istio-injection-')).toBe('namespace/shop unlabeled\n')
    expect(await succeeds('-n shop annotate configmap ours note=mine')).toBe('configmap/ours annotated\n')
    expect(await succeeds(`-n shop patch configmap ours -p '{"data":{"size":"big"}}'`)).toBe('configmap/ours patched\n')
    const json = `[{"op":"remove","path":"/data/size"}]`
    expect(await succeeds(`-n shop patch configmap ours --type=json -p '${json}'`)).toBe('configmap/ours patched\n')
    expect(await succeeds(`-n shop patch configmap ours --type=merge -p '{"data":{"size":null}}'`)).toContain(
      'no change',
    )
  })

  it('edit', async () => {
    const editor = join(folder.path, 'editor.sh')
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/color: green/color: yellow/" "$1"\n')
    chmodSync(editor, 0o755)
    expect(await succeeds('-n shop edit configmap ours', '', { KUBE_EDITOR: editor })).toBe('configmap/ours edited\n')
    expect(await succeeds("-n shop get configmap ours -o jsonpath='{.data.color}'")).toBe('yellow')
  })

  it('scale', async () => {
    expect(await succeeds('-n shop scale deployment web --replicas=3')).toBe('deployment.apps/web scaled\n')
    const reached = "--for=jsonpath='{.status.readyReplicas}'=3"
    expect(await succeeds(`-n shop wait deployment web ${reached} --timeout=30s`)).toContain('condition met')
    const wrong = await kubectl('-n shop scale deployment web --current-replicas=7 --replicas=1')
    expect(wrong.stderr).toContain('Expected replicas to be 7, was 3')
  })

  it('rollout restart, history and undo', async () => {
    expect(await succeeds('-n shop set image deployment/web web=registry.example/talker:2')).toContain('image updated')
    expect(await succeeds('-n shop rollout status deployment/web --timeout=30s')).toContain('successfully rolled out')
    expect(await succeeds('-n shop rollout restart deployment/web')).toBe('deployment.apps/web restarted\n')
    expect(await succeeds('-n shop rollout status deployment/web --timeout=30s')).toContain('successfully rolled out')
    expect((await succeeds('-n shop rollout history deployment/web')).match(/^\d+ /gm)).toHaveLength(3)
    expect(await succeeds('-n shop rollout undo deployment/web --to-revision=1')).toBe(
      'deployment.apps/web rolled back\n',
    )
    expect(await succeeds('-n shop rollout status deployment/web --timeout=30s')).toContain('successfully rolled out')
    expect(await succeeds("-n shop get deployment web -o jsonpath='{..image}'")).toBe('registry.example/talker:1')
  })

  it('get --watch', async () => {
    const args = words('-n shop get configmap -o name --watch')
    const child = spawn('kubectl', args, { env: { ...process.env, KUBECONFIG: kubeconfig, HOME: folder.path } })
    const seen = new Set<string>()
    const heard = new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        seen.add(line)
        // The list has come, so the watch begins where it ended.
        if (line === 'configmap/ours') void succeeds('-n shop create configmap later')
        if (line === 'configmap/later') resolve()
      })
    })
    await heard
    child.kill()
    expect([...seen]).toContain('configmap/ours')
  })

  it('auth can-i, as oneself and as others', async () => {
    expect(await succeeds("auth can-i '*' '*'")).toBe('yes\n')
    const other = await kubectl('auth can-i create pods -n shop --as=system:serviceaccount:shop:default')
    expect(other).toMatchObject({ code: 1, stdout: 'no\n' })
    await succeeds('-n shop create role reader --verb=get,list --resource=pods')
    await succeeds('-n shop create rolebinding reader --role=reader --serviceaccount=shop:default')
    expect(await succeeds('auth can-i list pods -n shop --as=system:serviceaccount:shop:default')).toBe('yes\n')
    expect(await succeeds('-n shop create token default')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\s?$/)
    const refused = await kubectl('-n shop delete pod x --as=system:serviceaccount:shop:default')
    expect(refused.stderr).toContain('(Forbidden): pods "x" is forbidden: User "system:serviceaccount:shop:default"')
  })

  it('delete, one and all, and the namespace with everything in it', async () => {
    expect(await succeeds('-n shop delete configmap later')).toMatch(/^configmap "later" deleted/)
    expect(await succeeds('-n shop delete deployment web --cascade=foreground')).toMatch(
      /^deployment\.apps "web" deleted/,
    )
    expect((await kubectl('-n shop get pods')).stderr).toBe('No resources found in shop namespace.\n')
    expect(await succeeds('delete namespace shop')).toBe('namespace "shop" deleted\n')
    expect((await kubectl('get namespace shop')).code).toBe(1)
  })
})
