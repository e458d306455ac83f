import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSnapshot, SnapshotError } from '../index.ts'

const NOW = new Date('2026-08-02T10:00:00Z')

type Files = Readonly<Record<string, string | Buffer>>

function folder(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'proa-snapshot-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

async function tar(files: Files, mtime = new Date('2026-08-01T09:00:00Z')): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) {
    archive.entry({ name, mtime }, typeof content === 'string' ? content : content)
  }
  archive.finalize()
  return buffer(archive)
}

const pod = (name: string, namespace = 'shop'): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
})

const json = (value: unknown): string => JSON.stringify(value)
const named = (objects: readonly JsonObject[]): unknown[] =>
  objects.map((object) => `${object.kind} ${(object.metadata as JsonObject).name}`)

async function read(root: string, ...paths: string[]) {
  const notes: string[] = []
  const snapshot = await readSnapshot(
    paths.map((path) => join(root, path)),
    { now: () => NOW, note: (text) => notes.push(text.replaceAll(root, '.')) },
  )
  return { snapshot, notes }
}

async function refusal(root: string, ...paths: string[]): Promise<string> {
  const error = await read(root, ...paths).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SnapshotError)
  return (error as Error).message.replaceAll(root, '.')
}

const POD_YAML = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n'

describe('objects', () => {
  it.each<[string, string]>([
    ['one object as YAML', POD_YAML],
    ['one object as JSON', json(pod('a'))],
    ['several documents, empty ones too', `---\n---\n${POD_YAML}---\n`],
    ['a List', json({ apiVersion: 'v1', kind: 'List', items: [pod('a')] })],
    [
      'a typed list, whose items have no kind',
      json({ apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'a', namespace: 'shop' } }] }),
    ],
    [
      'a List of lists',
      json({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'PodList', items: [pod('a')] }] }),
    ],
    ['a text of Windows', `\uFEFF${POD_YAML.replaceAll('\n', '\r\n')}`],
  ])('reads %s', async (_, text) => {
    const { snapshot } = await read(folder({ 'a.yaml': text }), 'a.yaml')
    expect(named(snapshot.objects)).toEqual(['Pod a'])
    expect(snapshot).toMatchObject({ takenAt: NOW.toISOString(), source: { kind: 'files' } })
  })

  it('says of kinds that do not occur that they were not given', async () => {
    const empty = json({ apiVersion: 'v1', kind: 'ServiceList', items: [] })
    const { snapshot } = await read(folder({ 'a.yaml': POD_YAML, 'b.json': empty }), 'a.yaml', 'b.json')
    const unread = snapshot.unread.map(({ kind, reason }) => `${kind} ${reason}`)
    expect(unread).toContain('Node not-given')
    expect(unread).not.toContain('Pod not-given')
    // The core Service: an empty list says that there is none. That of Knative was not given.
    expect(snapshot.unread.filter(({ kind }) => kind === 'Service').map((one) => one.apiVersion)).toEqual([
      'serving.knative.dev/v1',
    ])
  })

  it('reads standard input', async () => {
    const stdin = async () => POD_YAML
    expect(named((await readSnapshot(['-'], { now: () => NOW, stdin })).objects)).toEqual(['Pod a'])
  })

  it('leaves out kinds that no check looks at', async () => {
    const gateway = 'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g}\n'
    const { snapshot } = await read(folder({ 'a.yaml': `${gateway}---\n${POD_YAML}` }), 'a.yaml')
    expect(named(snapshot.objects)).toEqual(['Pod a'])
  })
})

describe('folders', () => {
  it('are read with all below; what is no Kubernetes YAML is passed over with a note', async () => {
    const root = folder({
      'app/pod.yaml': POD_YAML,
      'app/kustomization.yaml': 'resources: [pod.yaml]\n',
      'chart/templates/x.yaml': '{{ if .Values.x }}\na: {{ .Values.y }}\n{{ end }}\n',
      'chart/values.yaml': 'replicas: 2\n',
      'README.md': 'text',
      '.git/config.yaml': POD_YAML,
      'more/b.json': json(pod('b')),
    })
    const { snapshot, notes } = await read(root, '.')
    expect(named(snapshot.objects)).toEqual(['Pod a', 'Pod b'])
    expect(notes.map((note) => note.split(': passed over: ')[0])).toEqual([
      './app/kustomization.yaml',
      './chart/templates/x.yaml',
      './chart/values.yaml',
    ])
  })

  it('do not lead out of themselves', async () => {
    const outside = folder({ 'secret.yaml': json(pod('outside')) })
    const root = folder({ 'data/real.yaml': POD_YAML })
    symlinkSync(join(outside, 'secret.yaml'), join(root, 'link.yaml'))
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(join(root, 'data'), join(root, 'data', 'round'))
    const { snapshot } = await read(root, '.')
    expect(named(snapshot.objects)).toEqual(['Pod a'])
  })

  it('follow the links of a mounted ConfigMap', async () => {
    const root = folder({ '..2026/pod.yaml': POD_YAML })
    symlinkSync(join(root, '..2026', 'pod.yaml'), join(root, 'pod.yaml'))
    expect(named((await read(root, '.')).snapshot.objects)).toEqual(['Pod a'])
  })
})

describe('archives', () => {
  it.each<[string, (files: Files) => Promise<Buffer>]>([
    ['objects.tar', tar],
    ['objects.tar.gz', async (files) => gzipSync(await tar(files))],
    ['no-ending', async (files) => gzipSync(await tar(files))],
  ])('%s is read', async (name, make) => {
    const bytes = await make({ '../../etc/x.yaml': POD_YAML, 'notes.txt': 'x', 'b.json': json(pod('b')) })
    expect(named((await read(folder({ [name]: bytes }), name)).snapshot.objects)).toEqual(['Pod a', 'Pod b'])
  })

  it('a packed file is read', async () => {
    const root = folder({ 'a.yaml.gz': gzipSync(POD_YAML) })
    expect(named((await read(root, 'a.yaml.gz')).snapshot.objects)).toEqual(['Pod a'])
    expect(named((await read(root, '.')).snapshot.objects)).toEqual(['Pod a'])
  })

  it('one that is cut off is refused', async () => {
    const whole = gzipSync(await tar({ 'a.yaml': POD_YAML.repeat(100) }))
    const root = folder({
      'a.tar.gz': whole.subarray(0, whole.length / 2),
      'b.tar': (await tar({ 'a.yaml': POD_YAML })).subarray(0, 540),
    })
    expect(await refusal(root, 'a.tar.gz')).toMatch(/^\.\/a\.tar\.gz: the archive .* fetch it again$/)
    expect(await refusal(root, 'b.tar')).toMatch(/^\.\/b\.tar: the archive .* fetch it again$/)
  })

  it('one that grows without end is stopped', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024, ' '))
    expect(await refusal(folder({ 'a.yaml.gz': bomb }), 'a.yaml.gz')).toBe(
      './a.yaml.gz: it is longer than 256 MiB (unpacked); give a part of it',
    )
  })
})

describe('a bug report of istioctl', () => {
  const EVENTS = [
    'NAMESPACE   LAST SEEN   TYPE      REASON         OBJECT                    SUBOBJECT   SOURCE                  MESSAGE                      FIRST SEEN   COUNT   NAME',
    'shop        3m12s       Warning   FailedCreate   replicaset/web-7d4b9c     <none>      replicaset-controller   Error creating: no endpoints   10m          12      web-7d4b9c.17',
  ].join('\n')
  const files: Files = {
    'bug-report/cluster/k8s-resources': json({ apiVersion: 'v1', kind: 'List', items: [pod('a')] }),
    'bug-report/cluster/nodes': 'apiVersion: v1\nkind: List\nitems: []\n',
    'bug-report/cluster/secrets': 'NAMESPACE   NAME   TYPE   DATA   AGE\nx   cacerts   Opaque   4   3d\n',
    'bug-report/cluster/events': EVENTS,
    'bug-report/cluster/kubectl-version': 'Client Version: v1.32.1\nServer Version: v1.31.2\n',
    'bug-report/cluster/cluster-context': 'kind-kind\n',
    'bug-report/istio/istio-system/istiod-1/discovery.log': `${Array.from({ length: 80 }, (_, i) => `line ${i}`).join('\n')}\n`,
    'bug-report/istio/istio-system/istiod-1/debug/configz': '{"a": 1}',
    'bug-report/proxies/shop/a/istio-proxy.log': 'proxy\n',
    'bug-report/versions': 'CLI version: 1.30.0',
  }

  it.each(['packed', 'unpacked'])('is read %s', async (how) => {
    const root = folder(how === 'packed' ? { 'bug-report.tar.gz': gzipSync(await tar(files)) } : files)
    const { snapshot } = await read(root, how === 'packed' ? 'bug-report.tar.gz' : '.')
    const takenAt = how === 'packed' ? '2026-08-01T09:00:00.000Z' : NOW.toISOString()
    expect(snapshot).toMatchObject({ source: { kind: 'bug-report' }, kubernetesVersion: 'v1.31.2', takenAt })
    expect(named(snapshot.objects)).toEqual(['Pod a', 'Event web-7d4b9c.17'])
    expect(snapshot.objects[1]).toMatchObject({
      involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'web-7d4b9c' },
      reason: 'FailedCreate',
      message: 'Error creating: no endpoints',
      count: 12,
      lastTimestamp: new Date(Date.parse(takenAt) - 192_000).toISOString(),
    })
    expect(snapshot.logs.map(({ pod, container, tail }) => [pod, container, tail.split('\n').length])).toEqual([
      ['istiod-1', 'discovery', 50],
      ['a', 'istio-proxy', 1],
    ])
    const unread = snapshot.unread.map(({ kind }) => kind)
    // Asked for, and there are none.
    for (const kind of ['Node', 'StatefulSet', 'ConfigMap']) expect(unread).not.toContain(kind)
    for (const kind of ['Secret', 'PodDisruptionBudget', 'LimitRange']) expect(unread).toContain(kind)
  })
})

describe('what is refused', () => {
  it.each<[string, Files, string]>([
    ['a file that is not there', {}, './a.yaml: there is no such file or folder'],
    [
      'a text',
      { 'a.yaml': 'hello\n' },
      './a.yaml:1: a text or a number, not an object; give objects as "kubectl get -o yaml" writes them',
    ],
    [
      'a document that is no object of Kubernetes',
      { 'a.yaml': `${POD_YAML}---\nreplicas: 2\n` },
      './a.yaml:5: no Kubernetes object: apiVersion or kind is missing; give objects as "kubectl get -o yaml" writes them',
    ],
    [
      'an empty file',
      { 'a.yaml': '' },
      './a.yaml: there is no Kubernetes object that the doctor looks at; save some by: kubectl get pods,services,namespaces,mutatingwebhookconfigurations -A -o yaml',
    ],
    [
      'a zip archive',
      { 'a.yaml': Buffer.from('PK\u0003\u0004xxxx') },
      './a.yaml: zip archives are not read; unpack it and name the folder',
    ],
    [
      'a snapshot of another release',
      { 'a.yaml': 'apiVersion: doctor.proa.dev/v9\nkind: Snapshot\n' },
      './a.yaml: the snapshot cannot be read: apiVersion: doctor.proa.dev/v9 is of another release; this release reads doctor.proa.dev/v1; save it again by: proa doctor snapshot -o FILE',
    ],
  ])('%s', async (_, files, message) => {
    expect(await refusal(folder(files), 'a.yaml')).toBe(message)
  })

  it('YAML with a mistake, with its line', async () => {
    expect(await refusal(folder({ 'a.yaml': `${POD_YAML}spec:\n  a: b: c\n` }), 'a.yaml')).toMatch(
      /^\.\/a\.yaml:5: it is neither YAML nor JSON: /,
    )
  })
})

describe('laws', () => {
  it('whatever a file holds, it is read or refused with a SnapshotError', async () => {
    const root = folder({})
    const file = join(root, 'x')
    const kubernetes = fc.record({
      apiVersion: fc.constantFrom('v1', 'doctor.proa.dev/v1', 'apps/v1'),
      kind: fc.constantFrom('Pod', 'List', 'PodList', 'Snapshot', 'Secret'),
      metadata: fc.jsonValue(),
      items: fc.jsonValue(),
      objects: fc.jsonValue(),
      takenAt: fc.constantFrom('2026-01-01T00:00:00Z', 'x'),
      source: fc.constantFrom({ kind: 'cluster', server: 'x' }, 1),
    })
    const bytes = fc.oneof(
      fc.uint8Array().map((array) => Buffer.from(array)),
      fc.uint8Array().map((array) => gzipSync(array)),
      fc.uint8Array().map((array) => Buffer.concat([Buffer.from([0x1f, 0x8b]), array])),
      fc.string().map((text) => Buffer.from(text)),
      kubernetes.map((object) => Buffer.from(json(object))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        writeFileSync(file, content)
        await readSnapshot([file], { now: () => NOW }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(SnapshotError)
        })
      }),
      { seed: 4, numRuns: 400 },
    )
  })
})
