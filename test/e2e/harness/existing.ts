import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { createClient, loadKubeConfig } from '@proa/kube-client'
import type { Cluster } from './cluster.ts'
import { remoteCluster } from './remote.ts'

/** The cluster of KUBECONFIG. Others may use it: nothing is touched that is not of this run. */
export async function startExisting(kubeconfigs: string): Promise<Cluster> {
  const [kubeconfig = ''] = kubeconfigs.split(delimiter)
  readFileSync(kubeconfig)
  return remoteCluster({
    title: 'the cluster of KUBECONFIG',
    kubeconfig,
    isAlone: false,
    lacks: {
      ...((await hasControllers(kubeconfig)) ? {} : { controllers: 'runs no controllers' }),
      kubelet: 'does not run our image',
      alone: 'is used by others, to whom the default revision belongs',
      audit: 'keeps its audit log for itself',
    },
  })
}

/** A ServiceAccount `default` in the namespace `default` is made by a controller alone. */
async function hasControllers(kubeconfig: string): Promise<boolean> {
  const client = createClient(await loadKubeConfig({ kubeconfig, env: {} }))
  try {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'kube-root-ca.crt' }
    return (await client.find(ref)) !== undefined
  } finally {
    client.close()
  }
}
