import { describe, expect, it } from 'vitest'
import { answer, scriptedServer } from '../../../kube-client/testing/scripted-server.ts'
import { workspace } from '../../testing/workspace.ts'

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: app}]}\n'
const ARGS = ['inject', '-f', 'pod.yaml', '--native-sidecars', 'auto', '--nodes', 'cluster', '-o', 'json']

function initContainers(stdout: string): string[] {
  const pod = JSON.parse(stdout) as { spec: { initContainers: { name: string }[] } }
  return pod.spec.initContainers.map(({ name }) => name)
}

describe('--nodes cluster', () => {
  it.each([
    ['v1.34.1', true],
    ['v1.30.0', false],
  ])('asks the cluster of KUBECONFIG: with kubelets %s native is %s', async (kubeletVersion, isNative) => {
    const server = await scriptedServer(({ path }, response) => {
      const items =
        path === '/api/v1/nodes' ? [{ metadata: { name: 'n' }, status: { nodeInfo: { kubeletVersion } } }] : []
      answer(response, 200, { metadata: { resourceVersion: '1' }, items })
    })
    const { proa, folder } = workspace({ 'pod.yaml': POD, kubeconfig: server.kubeconfig() })
    const { code, stdout } = await proa(ARGS, { env: { KUBECONFIG: `${folder}/kubeconfig` } })
    await server.close()
    expect(code).toBe(0)
    expect(initContainers(stdout).includes('istio-proxy')).toBe(isNative)
  })

  it('says what is wrong when there is no cluster', async () => {
    const { proa } = workspace({ 'pod.yaml': POD })
    const { code, stderr } = await proa(ARGS)
    expect(code).not.toBe(0)
    expect(stderr).toContain('no cluster is configured')
  })
})
