/**
 * The files that the documents' examples call by name, beside the examples of the repository: what `kubectl get … -o yaml`
 * prints in a cluster with Istio 1.24.
 */
import { cpSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configMap } from '../../packages/cli/testing/configuration.ts'
import { type Workspace, workspace } from '../../packages/cli/testing/workspace.ts'

export const ROOT = new URL('../../', import.meta.url)

export function read(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8')
}

const mesh = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
    trustDomain: example.com
`

const nodes = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Node
    metadata: { name: worker-1 }
    status: { nodeInfo: { kubeletVersion: v1.34.2 } }
  - apiVersion: v1
    kind: Node
    metadata: { name: worker-2 }
    status: { nodeInfo: { kubeletVersion: v1.33.6 } }
`

const worker = `apiVersion: example.com/v1
kind: Worker
metadata:
  name: mailer
spec:
  template:
    spec:
      containers:
        - name: mailer
          image: shop.example.com/mailer:1
`

const typo = `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    sidecar.istio.io/interceptionMode: PROXY
spec:
  containers:
    - name: web
      image: shop.example.com/web:1
`

/** A folder with all of them, for the commands of one document. */
export function documentWorkspace(): Workspace {
  const place = workspace({
    'injector.yaml': configMap.replace('"t1"', '"1.24.2"'),
    'mesh.yaml': mesh,
    'nodes.yaml': nodes,
    'worker.yaml': worker,
    'typo.yaml': typo,
    'webhooks.yaml': read('examples/cluster/webhooks.yaml'),
    'namespaces.yaml': read('examples/cluster/namespaces.yaml'),
  })
  cpSync(fileURLToPath(new URL('examples/', ROOT)), `${place.folder}/examples`, { recursive: true })
  return place
}
