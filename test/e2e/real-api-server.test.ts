/**
 * The same tests against real API servers.
 *
 * | variable | against what |
 * |---|---|
 * | `KUBEBUILDER_ASSETS` | a folder with `kube-apiserver` and `etcd` (and `kube-controller-manager`, if it is there): started and ended here |
 * | `KUBECONFIG` | a cluster that exists: everything made there has names of its own and is deleted again |
 * | `PROA_E2E_ADDRESS` | how that API server reaches this machine; by default its first address that is not loopback |
 */
import { it } from 'vitest'
import { startApiServer } from './harness/api-server.ts'
import { startExisting } from './harness/existing.ts'
import { describeCluster } from './suite/index.ts'

const { KUBEBUILDER_ASSETS: assets = '', KUBECONFIG: kubeconfig = '' } = process.env

if (assets !== '') describeCluster(await startApiServer(assets))
if (kubeconfig !== '') describeCluster(await startExisting(kubeconfig))
if (assets === '' && kubeconfig === '') {
  it.skip('the same tests against a real API server (skipped: KUBEBUILDER_ASSETS or KUBECONFIG is not set)', () => {})
}
